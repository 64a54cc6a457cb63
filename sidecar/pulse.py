"""Whether an engine is alive: from its progress, and from what it answers when nothing is heard of it."""

from __future__ import annotations

from sidecar.endings import Doing, silent, stuck
from sidecar.failures import Failure
from sidecar.messages import Pong

# All in seconds, but for `_DATA`.
ASK = 3.0  # of silence before it is asked, and between two questions
SILENT = 25.0  # without a sign of life: with `ASK` before it, a hang is told within 30
# Likewise before the first Ready: while torch is read from a cold disk, past a virus scanner,
# no other thread can answer.
STARTING = 180.0
# Of work on a GPU without progress: torch spins while it waits, so a kernel that never ends looks like a
# long one. Without a GPU a single step may honestly take as long, and loading depends on the disk.
STUCK = 600.0
_AWAKE = 2.0  # that may count between two looks: for the rest, this computer slept or we could not look
_WORK = 0.05  # of CPU time that are work and no mere stirring
_DATA = 64 * 1024  # bytes, likewise


class Pulse:
    """Of one engine. Times are seconds on any steady clock, given by the caller."""

    def __init__(self, now: float) -> None:
        self._looked = now
        self.begin("start")

    def begin(self, doing: Doing) -> None:
        """It does this now, or has got on with it."""
        self._doing = doing
        self._silent = self._unasked = self._without_progress = 0.0
        self._before: Pong | None = None  # what it had used when it gave its last sign of life

    def answer(self, pong: Pong) -> None:
        """It answered: a sign of life if it has nothing to do, or if it worked since the last one."""
        if self._before is None:
            self._before = pong
        elif _worked(self._before, pong):
            self._before, self._silent = pong, 0.0
        if self._doing == "idle":
            self._silent = 0.0

    def look(self, now: float, *, gpu: bool) -> Failure | None:
        """Let time go on until `now`. Returns why the engine should be given up."""
        passed = min(now - self._looked, _AWAKE)
        self._looked = now
        self._silent += passed
        self._unasked += passed
        self._without_progress += passed
        if self._silent >= (patience := STARTING if self._doing == "start" else SILENT):
            return silent(patience, self._doing)
        endless = self._doing == "start" or (gpu and self._doing not in ("idle", "load"))
        return stuck(STUCK, self._doing) if endless and self._without_progress >= STUCK else None

    def asks(self) -> bool:
        """Whether it is time to ask. If so, the question counts as asked."""
        due = self._unasked >= ASK
        if due:
            self._unasked = 0.0
        return due


def _worked(before: Pong, after: Pong) -> bool:
    """Less counts, too: what a helper had used is not counted any more once it has ended."""
    cpu, data = after.cpu_seconds - before.cpu_seconds, after.bytes_moved - before.bytes_moved
    return abs(cpu) >= _WORK or abs(data) >= _DATA
