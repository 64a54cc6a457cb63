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

from sidecar import engine, trash
from sidecar.answers import Answer, Refusal
from sidecar.decode import refusal
from sidecar.dispatcher import Dispatcher
from sidecar.downloads import Download, Downloads
from sidecar.engine_reader import Gone, Heard
from sidecar.failures import Failure, bug
from sidecar.handlers import Handlers
from sidecar.job_queue import JobQueue
from sidecar.progress import Listener, ProgressLines
from sidecar.protocol import Command, Id, Shutdown
from sidecar.supervisor import Entry, Supervisor
from sidecar.workspace import Workspace, unusable
from wan_core.errors import WanError

log = logging.getLogger(__name__)

_LONGEST_WAIT = 0.5  # seconds: on Windows a waiting thread does not hear Ctrl+C

Found = TypeVar("Found")


class End(Struct, frozen=True):
    """Whoever asked is gone: leave."""


Then: TypeAlias = Callable[[], None]  # what is left to do, in the owner thread, of something done beside it
Inbox: TypeAlias = Command | Refusal | Heard | Gone | End | Then


class Server:
    """One workspace, one engine, one queue. Any thread may call `post`; the rest belongs to one."""

    def __init__(
        self,
        workspace: Workspace,
        listener: Listener,
        answer: Callable[[Answer | Refusal], None],
        *,
        entry: Entry = engine.run,
        take_over: bool = True,
        tell_download: Callable[[Download], None] = lambda download: None,
    ) -> None:
        """`take_over`: whether jobs that earlier processes left waiting are made, too."""
        self._workspace = workspace
        self._answer = answer
        self._inbox: SimpleQueue[Inbox] = SimpleQueue()
        self._aside = ThreadPoolExecutor(2, "aside")
        self._progress = ProgressLines(listener)
        self._job_queue = JobQueue(workspace.home, workspace.store, self._progress)
        self.supervisor = Supervisor(self.post, entry)
        self._dispatcher = Dispatcher(workspace, self._job_queue, self.supervisor)
        downloads = Downloads(workspace.store, workspace.models, self.post, tell_download)
        self._handlers = Handlers(
            workspace, self._job_queue, self._dispatcher, self.supervisor, downloads, answer, self._beside
        )
        self._leaving = False
        if take_over:
            self._job_queue.recover()
            trash.empty(workspace.home, workspace.store)

    def post(self, item: Inbox) -> None:
        """Have the owner thread take something. Safe in a signal handler."""
        self._inbox.put(item)

    def run(self) -> None:
        """Be the owner thread until told to leave; then leave nothing behind."""
        self.supervisor.wake()
        while not self._leaving:
            for item in self._come():
                if not self._leaving:
                    self._take(item)
            self._dispatcher.tick()
            self._progress.tick()
        self._dispatcher.leave()
        self._workspace.close()

    def _come(self) -> list[Inbox]:
        """All that has come, waited for: nothing is late that only waits here, if this thread was held up."""
        times = (self.supervisor.deadline(), self._progress.deadline())
        now = time.monotonic()
        wait = min((at - now for at in times if at is not None), default=_LONGEST_WAIT)
        try:
            first = self._inbox.get(timeout=max(0.0, min(wait, _LONGEST_WAIT)))
        except Empty:
            return []
        return [first, *(self._inbox.get() for _ in range(self._inbox.qsize()))]

    def _take(self, item: Inbox) -> None:
        match item:
            case End():
                self._leaving = True
            case Heard():
                self._dispatcher.hear(item)
            case Gone():
                self._dispatcher.lose(item)
            case Refusal():
                self._answer(item)
            case Struct():
                self._guarded(item.id, lambda: self._handlers.obey(item))
                self._leaving = isinstance(item, Shutdown)
            case then:
                then()

    def _guarded(self, id: Id, work: Then) -> None:
        """Do something that was asked for; whatever goes wrong becomes the answer."""
        try:
            work()
        except Exception as problem:  # the one place where a bug in answering is logged
            self._refuse(id, problem)

    def _refuse(self, id: Id, problem: BaseException) -> None:
        if isinstance(problem, WanError):
            self._answer(refusal(id, problem))
        elif isinstance(problem, sqlite3.Error):
            log.error("The database refused", exc_info=problem)
            self._answer(refusal(id, unusable(self._workspace.home, problem)))
        else:
            log.error("A command could not be answered", exc_info=problem)
            self._answer(_refusal(id, bug(problem)))

    def _beside(self, id: Id, work: Callable[[], Found], then: Callable[[Found], None]) -> None:
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


def _refusal(id: Id, why: Failure) -> Refusal:
    return Refusal(id=id, code=why.code, message=why.message, hint=why.hint, case=why.case, values=why.values)
