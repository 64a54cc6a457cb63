"""What a run yields, oldest first: progress, then one `Finished`."""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal, TypeVar

from msgspec import Struct

T = TypeVar("T")

Phase = Literal["load", "text", "image", "denoise", "decode", "write"]


class Progress(Struct, frozen=True, tag="progress"):
    """`step` of `steps` of one phase is done; `fraction` of the step after it may be, too.

    `step` and `steps` count what the phase is made of: sampler steps while denoising, latent
    frames while decoding. `fraction` (0 to 1) is finer, where a step is long.
    """

    phase: Phase
    step: int
    steps: int
    fraction: float = 0.0
    preview: bytes | None = None  # a moving WebP of what the video looks like so far, after some of the steps


class Finished(Struct, frozen=True, tag="finished"):
    """The video is complete under its final name."""

    path: str
    frames: int
    width: int  # pixels
    height: int  # pixels
    numerics: str  # numerics id: what the arithmetic of the latents depended on
    earlier: int = 0  # steps that an earlier try had made


Event = Progress | Finished


def finish(steps: Generator[object, None, T]) -> T:
    """Run `steps` to their end, whatever they yield, and give what they return."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value
