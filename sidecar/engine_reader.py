"""Hears one engine process to its end, and says in words how it ended."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from multiprocessing.context import SpawnProcess

import msgspec
from msgspec import Struct

from sidecar import messages, processes
from sidecar.messages import FromEngine, Pipe

log = logging.getLogger(__name__)

_LEAVE = 5.0  # seconds that a process may take to end after it stopped talking


class Heard(Struct, frozen=True):
    """A message of the engine process number `generation`."""

    generation: int
    message: FromEngine


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

    def run(self) -> None:
        """Post every message, then how the process ended."""
        try:
            while True:
                message = messages.from_engine.decode(self._pipe.recv_bytes())
                self._post(Heard(self._generation, message))
        except (EOFError, OSError):
            pass
        except msgspec.DecodeError:
            log.exception("The engine said something that nobody understands")
            if self._process.pid is not None:
                processes.kill_group(self._process.pid)
        self._pipe.close()
        self._process.join(_LEAVE)
        if self._process.exitcode is None and self._process.pid is not None:
            processes.kill_group(self._process.pid)
            self._process.join()
        self._post(Gone(self._generation, self._process.exitcode))


def exit_words(code: int | None) -> str:
    """How a process ended that was not asked to."""
    if code is None or code == 0:
        return "The engine ended without being asked to."
    if sys.platform == "win32":
        known = {
            0xC0000005: "a memory access violation",
            0xC0000409: "a stack overrun",
            0xC0000017: "no memory",
        }
        return f"The engine crashed with {known.get(code & 0xFFFFFFFF, f'code {code & 0xFFFFFFFF:#x}')}."
    if code == -signal.SIGKILL:
        return "The engine was killed by the system; most often that means that memory ran out."
    if code < 0:
        return f"The engine crashed ({signal.Signals(-code).name})."
    return f"The engine ended with exit code {code}."
