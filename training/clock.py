"""How far a training has come, in pieces: the learning rate follows it, whatever the machine's speed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch


class Clock:
    """`progress` runs from `start` to `until` (of 1, the whole training) in `seconds`."""

    def __init__(self, start: float, until: float, seconds: float) -> None:
        self.start, self.until, self.seconds = start, until, seconds
        self.began = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    @property
    def progress(self) -> float:
        return self.start + (self.until - self.start) * min(1.0, self.elapsed / self.seconds)

    @property
    def over(self) -> bool:
        return self.elapsed >= self.seconds

    def rate(self, flat: float, last: float = 0.02) -> float:
        """1 until `flat` of the whole, then down a cosine to `last`."""
        p = self.progress
        if p <= flat:
            return 1.0
        return last + (1 - last) * 0.5 * (1 + math.cos(math.pi * (p - flat) / (1 - flat)))


class Step:
    """A training step captured in a CUDA graph; on a CPU it simply runs."""

    def __init__(self, work: Callable[[], torch.Tensor], warm_ups: int = 3) -> None:
        self.work, self.graph = work, None
        if not torch.cuda.is_available():
            return
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(warm_ups):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.out = work()

    def __call__(self) -> torch.Tensor:
        if self.graph is None:
            return self.work()
        self.graph.replay()
        return self.out
