"""How far a training has come, in pieces, and a step that a GPU repeats without being asked anew."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from training.group import Group
from training.optimizer import Optimizer

Result = TypeVar("Result")
_AGREE = 8  # steps between two looks at the clock


class Clock:
    """`progress` runs from what was done before to 1, in `gpu_seconds` of all GPUs together."""

    def __init__(self, group: Group, done: float, gpu_seconds: float, deadline: float) -> None:
        self.group, self.done, self.gpu_seconds, self.deadline = group, done, gpu_seconds, deadline
        self.began, self.ticks = time.monotonic(), 0
        self.progress, self.over = done, done >= 1

    @property
    def elapsed(self) -> float:
        """Seconds of this piece."""
        return time.monotonic() - self.began

    def tick(self) -> bool:
        """Call after each step; true when all processes have just looked at the clock."""
        self.ticks += 1
        if self.ticks % _AGREE:
            return False
        if self.group.device == "cuda":
            torch.cuda.synchronize()  # a queue of unfinished steps is no time spent
        now = self.done + self.elapsed * self.group.size / self.gpu_seconds
        late = time.monotonic() >= self.deadline
        told = self.group.agree(-now if late else now)
        self.progress = min(1.0, abs(told))
        self.over = told < 0 or self.progress >= 1
        return True

    def rate(self, flat: float, last: float = 0.02) -> float:
        """1 until `flat` of the whole, then down a cosine to `last`."""
        p = self.progress
        if p <= flat:
            return 1.0
        return last + (1 - last) * 0.5 * (1 + math.cos(math.pi * (p - flat) / (1 - flat)))


class Step:
    """Slopes, their mean over the group, then the update; on a GPU both halves are CUDA graphs."""

    def __init__(self, group: Group, slopes: Callable[[], Tensor], optimizers: list[Optimizer]) -> None:
        self.group, self.optimizers = group, optimizers

        def gather() -> Tensor:
            loss = slopes()
            for optimizer in optimizers:
                optimizer.gather()
            return loss

        def update() -> None:
            for optimizer in optimizers:
                optimizer.step()

        self._slopes, self._update = gather, update
        if torch.cuda.is_available():
            self._slopes, self._update = _captured(gather), _captured(update)

    def __call__(self) -> Tensor:
        loss = self._slopes()
        self.group.average([optimizer.slopes for optimizer in self.optimizers])
        self._update()
        return loss


def _captured(work: Callable[[], Result], warm_ups: int = 3) -> Callable[[], Result]:
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(warm_ups):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):  # others may talk to the GPU
        out = work()

    def replay() -> Result:
        graph.replay()
        return out

    return replay
