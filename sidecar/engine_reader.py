"""Hears one engine process to its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

import msgspec
from msgspec import Struct

from sidecar import messages, processes
from sidecar.messages import FromEngine, Pipe, Stepped

log = logging.getLogger(__name__)

_LEAVE = 5.0  # seconds that a process may take to end after it stopped talking


class Heard(Struct):
    """A message of the engine process number `generation`.

    Progress that was not yet taken gives way to newer progress of its phase: while the owner thread waits
    for a host that reads slowly, the engine goes on and memory does not fill.
    """

    generation: int
    message: FromEngine
    taken: bool = False

    def take(self) -> FromEngine:
        """The message, which no other will replace from here on."""
        self.taken = True
        return self.message


class Gone(Struct, frozen=True):
    """The engine process number `generation` has ended."""

    generation: int
    exit_code: int | None


class EngineReader:
    """One engine process, heard in a thread of its own."""

    def __init__(
        self, pipe: Pipe, process: SpawnProcess, generation: int, post: Callable[[Heard | Gone], None]
    ) -> None:
        self._pipe, self._process, self._generation, self._post = pipe, process, generation, post
        self._last: Heard | None = None

    def run(self) -> None:
        """Post every message, then how the process ended. Nothing that it had started is left."""
        try:
            while True:
                self._pass_on(messages.from_engine.decode(self._pipe.recv_bytes()))
        except (EOFError, OSError):
            wait([self._process.sentinel], _LEAVE)
        except msgspec.DecodeError:
            log.exception("The engine said something that nobody understands")
        self._pipe.close()
        if self._process.pid is not None:
            processes.kill_group(self._process.pid)
        self._process.join()
        self._post(Gone(self._generation, self._process.exitcode))

    def _pass_on(self, message: FromEngine) -> None:
        last = self._last
        if last is not None and isinstance(message, Stepped) and _replaces(last.message, message):
            last.message = message
            if not last.taken:  # whoever takes it marks it first and reads it then
                return
        self._last = Heard(self._generation, message)
        self._post(self._last)


def _replaces(old: FromEngine, new: Stepped) -> bool:
    return isinstance(old, Stepped) and old.job == new.job and old.progress.phase == new.progress.phase
