"""Which noise levels a run walks through. Plain floats: no torch here."""

from __future__ import annotations

from struct import pack, unpack
from typing import NamedTuple

from wan_core.variants import Solver

TRAIN_TIMESTEPS = 1000  # the DiT's clock runs from 1000 (noise) to 0


class Schedule(NamedTuple):
    """`sigmas[i]` is the share of noise before step i; `timesteps[i]` is what the DiT is told then.

    `sigmas` has one more entry than there are steps, the last 0. Its values are float32 ones.
    Two timesteps may be equal (unipc, shift 12, 92 steps): walk by index, never by timestep.
    """

    sigmas: tuple[float, ...]  # 0 to 1
    timesteps: tuple[float, ...]  # 0 to 1000

    @property
    def steps(self) -> int:
        """How many sampler steps there are."""
        return len(self.timesteps)


def schedule(solver: Solver, steps: int, shift: float) -> Schedule:
    """The official schedule of `steps` sampler steps (1 or more), bent by `shift` (above 0) towards noise.

    Each solver has its own first sigma and rounding; golden/schedulers holds them to the digit.
    """
    if steps < 1 or shift <= 0:
        raise ValueError(f"steps must be at least 1 and shift above 0, got {steps} and {shift}")
    first = _float32(1 - 1 / TRAIN_TIMESTEPS) if solver == "unipc" else 1.0
    exact = [_bend(first + index * (-first / steps), shift) for index in range(steps)]
    sigmas = (*(_float32(sigma) for sigma in exact), 0.0)
    if solver == "euler":
        return Schedule(sigmas, tuple(_float32(TRAIN_TIMESTEPS * sigma) for sigma in exact))
    return Schedule(sigmas, tuple(float(int(TRAIN_TIMESTEPS * sigma)) for sigma in exact))


def _bend(sigma: float, shift: float) -> float:
    return shift * sigma / (1 + (shift - 1) * sigma)


def _float32(value: float) -> float:
    narrowed: float = unpack("f", pack("f", value))[0]
    return narrowed
