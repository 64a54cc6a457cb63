"""The owner thread: takes one thing at a time from the inbox and decides. It never waits for a GPU."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import TypeAlias, TypeVar

from msgspec import Struct

from sidecar import engine
from sidecar.bulletin import Bulletin, Listener
from sidecar.clerk import Clerk
from sidecar.foreman import Foreman
from sidecar.house import House
from sidecar.ledger import Ledger
from sidecar.listener import Gone, Heard
from sidecar.protocol import Answer, Command, Refusal, Shutdown
from sidecar.reading import refusal
from sidecar.supervisor import Entry, Supervisor
from wan_core.errors import WanError

log = logging.getLogger(__name__)

_LONGEST_WAIT = 0.5  # seconds: on Windows a waiting thread does not hear Ctrl+C

Found = TypeVar("Found")


class End(Struct, frozen=True):
    """Whoever asked is gone: leave."""


Then: TypeAlias = Callable[[], None]  # what is left to do, in the owner thread, of something done beside it
Inbox: TypeAlias = Command | Refusal | Heard | Gone | End | Then


class Server:
    """One house, one engine, one queue. `post` may be called from any thread, everything else from one."""

    def __init__(
        self,
        house: House,
        listener: Listener,
        answer: Callable[[Answer | Refusal], None],
        *,
        entry: Entry = engine.run,
        take_over: bool = True,
    ) -> None:
        """`take_over`: whether jobs that earlier processes left waiting are made, too."""
        self._house = house
        self._answer = answer
        self._inbox: SimpleQueue[Inbox] = SimpleQueue()
        self._aside = ThreadPoolExecutor(2, "aside")
        self._bulletin = Bulletin(listener)
        self._ledger = Ledger(house.home, house.store, self._bulletin)
        self.supervisor = Supervisor(self.post, entry)
        self._foreman = Foreman(house, self._ledger, self.supervisor)
        self._clerk = Clerk(house, self._ledger, self._foreman, self.supervisor, answer, self._beside)
        self._leaving = False
        if take_over:
            self._ledger.recover()

    def post(self, item: Inbox) -> None:
        """Have the owner thread take something. Safe in a signal handler."""
        self._inbox.put(item)

    def run(self) -> None:
        """Be the owner thread until told to leave; then leave nothing behind."""
        self.supervisor.wake()
        while not self._leaving:
            item = self._next()
            if item is not None:
                self._take(item)
            self._foreman.tick()
            self._bulletin.tick()
        self._foreman.leave()
        self._house.close()

    def _next(self) -> Inbox | None:
        times = (self.supervisor.deadline(), self._bulletin.deadline())
        now = time.monotonic()
        wait = min((at - now for at in times if at is not None), default=_LONGEST_WAIT)
        try:
            return self._inbox.get(timeout=max(0.0, min(wait, _LONGEST_WAIT)))
        except Empty:
            return None

    def _take(self, item: Inbox) -> None:
        match item:
            case End():
                self._leaving = True
            case Heard():
                self._foreman.hear(item)
            case Gone():
                self._foreman.lose(item)
            case Refusal():
                self._answer(item)
            case Struct():
                self._guarded(item.id, lambda: self._clerk.obey(item))
                self._leaving = isinstance(item, Shutdown)
            case then:
                then()

    def _guarded(self, id: str, work: Then) -> None:
        """Do something that was asked for; whatever goes wrong becomes the answer."""
        try:
            work()
        except Exception as problem:  # the one place where a bug in answering is logged
            self._refuse(id, problem)

    def _refuse(self, id: str, problem: BaseException) -> None:
        if isinstance(problem, WanError):
            self._answer(refusal(id, problem))
        elif isinstance(problem, sqlite3.OperationalError) and "full" in str(problem):
            words = f"The disk is full: nothing can be written to {self._house.home.root}."
            self._answer(Refusal(id=id, code="DISK_FULL", message=words, hint="Free some space there."))
        else:
            log.error("A command could not be answered", exc_info=problem)
            words = f"Something went wrong inside: {type(problem).__name__}: {problem}"
            self._answer(Refusal(id=id, code="INTERNAL", message=words, hint="The log has the details."))

    def _beside(self, id: str, work: Callable[[], Found], then: Callable[[Found], None]) -> None:
        """Do `work`, which takes time, in another thread, and `then` with what it found in this one."""

        def both() -> None:
            try:
                found = work()
            except BaseException as problem:
                failed = problem
                self.post(lambda: self._refuse(id, failed))
            else:
                self.post(lambda: self._guarded(id, lambda: then(found)))

        self._aside.submit(both)
