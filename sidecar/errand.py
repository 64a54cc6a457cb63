"""Work of minutes, in a thread of its own, that touches nothing of the owner thread and tells its way."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from sidecar.failures import Failure, bug, failure
from sidecar.parcel import File
from wan_core.errors import WanError
from wan_core.partial import cannot_write

log = logging.getLogger(__name__)

PIECE = 2**20  # bytes that are hashed at once
_APART = 0.25  # seconds between two pieces of mere progress
_NEW = 0.3  # weight of the newest speed in the average

Doing = Literal["asking", "checking", "fetching", "waiting"]


class Listed(Struct, frozen=True):
    """What is fetched is known now."""

    commit: str
    files: tuple[File, ...]


class Moved(Struct, frozen=True, kw_only=True):
    """How far it is."""

    doing: Doing
    file: str | None
    bytes: int
    whole: int | None
    speed: float | None = None  # bytes a second
    trouble: Failure | None = None  # what is waited out


class Ended(Struct, frozen=True):
    """It is over: well, or with a reason; `wrong` are files whose bytes are not the right ones."""

    why: Failure | None = None
    wrong: tuple[str, ...] = ()


Told: TypeAlias = Listed | Moved | Ended


class Stopped(Exception):
    """Nobody wants it any more."""


class Errand(ABC):
    """One errand. `tell` is called in its thread, and not any more once it was stopped."""

    def __init__(self, name: str, tell: Callable[[Told], None]) -> None:
        self._thread = threading.Thread(target=self._go, name=name, daemon=True)
        self._tell_on = tell
        self._over = threading.Event()
        self._doing: Doing = "asking"
        self._path = Path()  # that is being written, or read
        self._file: str | None = None
        self._bytes = 0
        self._whole: int | None = None
        self._fetched = 0  # bytes that came over the network
        self._speed: float | None = None
        self._looked = (0.0, 0)  # when the speed was taken, and what had been fetched by then
        self._next = 0.0  # when progress may be told again

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Have it end as soon as it can; it changes nothing any more but what it has begun to write."""
        self._over.set()

    def join(self) -> None:
        """Wait until it has let go of its files."""
        self._thread.join()

    @abstractmethod
    def run(self) -> tuple[str, ...]:
        """The errand itself; it gives the files that are wrong."""

    def _go(self) -> None:
        try:
            self._tell(Ended(wrong=self.run()))
        except Stopped:
            pass
        except WanError as problem:
            self._tell(Ended(failure(problem)))
        except OSError as problem:
            self._tell(Ended(failure(cannot_write(self._path, problem))))
        except Exception as problem:
            log.exception("An errand ended with a bug")
            self._tell(Ended(bug(problem)))

    def _tell(self, told: Told) -> None:
        if not self._over.is_set():
            self._tell_on(told)

    def _go_on(self) -> None:
        """Raise Stopped if that was asked for."""
        if self._over.is_set():
            raise Stopped

    def _now(self, doing: Doing, file: str | None = None, trouble: Failure | None = None) -> None:
        """Something else is being done: told at once."""
        self._doing, self._file = doing, file
        self._look()
        self._say(trouble)

    def _moved(self, bytes: int) -> None:
        """There are more bytes than before: told when it is time."""
        self._bytes += bytes
        if time.monotonic() >= self._next:
            self._take_speed()
            self._say()

    def _say(self, trouble: Failure | None = None) -> None:
        self._next = time.monotonic() + _APART
        self._tell(
            Moved(
                doing=self._doing,
                file=self._file,
                bytes=self._bytes,
                whole=self._whole,
                speed=self._speed if self._doing == "fetching" else None,
                trouble=trouble,
            )
        )

    def _look(self) -> None:
        self._looked = (time.monotonic(), self._fetched)

    def _take_speed(self) -> None:
        now, (then, before) = time.monotonic(), self._looked
        latest = (self._fetched - before) / max(now - then, _APART / 2)
        self._speed = latest if self._speed is None else _NEW * latest + (1 - _NEW) * self._speed
        self._look()
