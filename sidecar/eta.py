"""How long a job will still take: from its own pace, and before it has one, from earlier jobs."""

from __future__ import annotations

from collections.abc import Callable

from sidecar.store import Effort, Pace
from wan_core.checkpoint import Checkpoint
from wan_core.events import Phase, Progress
from wan_core.plan import passes
from wan_core.request import ResolvedRequest
from wan_core.sizes import operations

_ORDER: tuple[Phase, ...] = ("load", "text", "image", "denoise", "decode", "write")
_IGNORED = 2  # first steps of a phase: compiling and warming up
_NEW = 0.3  # weight of the newest step in the average
_FIXED = 64  # tokens that take about as long as what a pass does whatever its size


def effort(request: ResolvedRequest, checkpoint: Checkpoint) -> Effort:
    """What `request` takes of the model in `checkpoint`."""
    grid = checkpoint.variant.grid(request.width, request.height, request.frames)
    one = operations(checkpoint.config, grid.tokens + _FIXED)
    return Effort(
        denoise=request.steps * passes(request.guidance) * one,
        volume=request.width * request.height * request.frames,
    )


class Estimate:
    """One running job's clock. Times are seconds on any steady clock, given by the caller."""

    def __init__(self, effort: Effort | None, paces: list[Pace], now: float) -> None:
        self.effort = effort  # absent: nothing is known before the job has a pace
        self._expected = _expected(effort, paces) if effort else {}
        self._began = now
        self._phase: Phase | None = None
        self._phase_began = now
        self._step = 0
        self._step_began = now
        self._steps_seen = 0
        self._step_seconds: float | None = None
        self._left = 0.0  # steps of this phase that are not done, the one under way by its fraction
        self._spent: dict[Phase, float] = {}

    def see(self, progress: Progress, now: float) -> None:
        """Take note of progress made at `now`."""
        if progress.phase != self._phase:
            self._close_phase(now)
            self._phase, self._phase_began = progress.phase, now
            self._step, self._step_began, self._steps_seen, self._step_seconds = progress.step, now, 0, None
        elif progress.step > self._step:
            each = (now - self._step_began) / (progress.step - self._step)
            self._steps_seen += progress.step - self._step
            if self._steps_seen > _IGNORED:
                old = self._step_seconds
                self._step_seconds = each if old is None else old + _NEW * (each - old)
            self._step, self._step_began = progress.step, now
        self._left = max(0.0, progress.steps - progress.step - progress.fraction)

    def seconds(self, now: float) -> dict[str, float]:
        """Seconds by phase, up to `now`."""
        self._close_phase(now)
        self._phase_began = now
        return {phase: round(spent, 3) for phase, spent in self._spent.items()}

    def elapsed(self, now: float) -> float:
        """Seconds since the job began."""
        return now - self._began

    def left(self, now: float) -> float | None:
        """Seconds that are left, never negative; None while there is nothing to tell it from."""
        if self._phase is None:
            return sum(self._expected.values()) if self._expected else None
        later = _ORDER[_ORDER.index(self._phase) + 1 :]
        rest = self._rest_of_phase(now)
        if rest is None or ("denoise" in later and "denoise" not in self._expected):
            return None
        return max(0.0, rest + sum(self._expected.get(phase, 0.0) for phase in later))

    def _rest_of_phase(self, now: float) -> float | None:
        if self._step_seconds is not None:
            return max(0.0, self._left * self._step_seconds)
        if self._phase in self._expected:
            return max(0.0, self._expected[self._phase] - (now - self._phase_began))
        return None if self._phase == "denoise" or not self._expected else 0.0

    def _close_phase(self, now: float) -> None:
        if self._phase is not None:
            self._spent[self._phase] = self._spent.get(self._phase, 0.0) + now - self._phase_began


def expected(effort: Effort, paces: list[Pace]) -> float | None:
    """Seconds that `effort` will take once its model is loaded; None while no job has told."""
    found = _expected(effort, paces)
    return round(sum(found.values()), 1) if "denoise" in found else None


def _expected(wanted: Effort, paces: list[Pace]) -> dict[Phase, float]:
    """Seconds by phase from earlier jobs: for each phase from the one most like this, stretched to it."""
    amounts: dict[Phase, Callable[[Effort], float]] = {
        "text": lambda _: 1.0,
        "image": _volume,
        "denoise": lambda effort: effort.denoise,
        "decode": _volume,
        "write": _volume,
    }
    found: dict[Phase, float] = {}
    for phase, amount in amounts.items():
        stretches = [
            (amount(wanted) / amount(pace.effort), pace.seconds[phase])
            for pace in paces
            if phase in pace.seconds
        ]
        if stretches:
            stretch, seconds = min(stretches, key=lambda each: max(each[0], 1 / each[0]))
            found[phase] = stretch * seconds
    return found


def _volume(effort: Effort) -> float:
    return effort.volume
