"""A rough moving picture of a latent that is still being made: one pixel for each cell.

B stills · C latent channels · F, H, W latent frames, rows, columns
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable
from math import inf

import torch
from PIL import Image
from torch import Tensor

from wan_core import memory

log = logging.getLogger(__name__)

SHARE = 0.05  # of the time, at most, for previews
APART = 0.5  # seconds between two of them, at least
_CALLS, _STILLS, _SIDE = 2, 64, 2  # calls of the decoder, stills in each of them, cells of a still's side


def fit(decode: Callable[[Tensor], Tensor], channels: int) -> Tensor:
    """How a cell's normalised channels become RGB in [-1, 1] at best, linearly: float32 [3, C + 1], CPU.

    The last column is what a cell of zeros is. `decode` makes stills [B, 3, …] of latents [B, C, H, W]. Those
    drawn here have one colour each: of cells that differ, as noise does, a decoder makes what no video shows.
    """
    generator = torch.Generator("cpu").manual_seed(0)
    cells, colours = [], []
    for _ in range(_CALLS):
        drawn = torch.randn(_STILLS, channels, generator=generator)
        cells.append(torch.cat((drawn, torch.ones(_STILLS, 1)), dim=1))
        stills = decode(drawn[:, :, None, None].expand(-1, -1, _SIDE, _SIDE))
        colours.append(stills.mean(dim=(-2, -1)).cpu())
    solved = torch.linalg.lstsq(torch.cat(cells).double(), torch.cat(colours).double())
    return solved.solution.T.float()


def paint(latent: Tensor, colours: Tensor) -> Tensor:
    """The cells of `latent` [C, F, H, W] as pixels, uint8 [F, H, W, 3] on the CPU."""
    weight, bias = colours.to(latent.device).split((latent.shape[0], 1), dim=1)
    values = torch.einsum("kc,cfhw->fhwk", weight, latent.float()) + bias.flatten()
    return values.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8).cpu()


def moving(levels: Tensor, fps: int, stride: int) -> bytes:
    """Pixels [F, H, W, 3] as an endless WebP; frames but the first are as long as `stride` of the video's."""
    first, *others = (Image.fromarray(frame) for frame in levels.numpy())
    durations = [round(1000 / fps), *[round(1000 * stride / fps)] * len(others)]  # ms
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=others, duration=durations, loop=0, lossless=True)
    return file.getvalue()


class Preview:
    """The previews of one run, no more of them than their share of its time allows."""

    def __init__(self, colours: Callable[[], Tensor], fps: int, stride: int) -> None:
        """`colours` gives what `fit` found, and may take a moment when it is first asked."""
        self._colours, self._fps, self._stride = colours, fps, stride
        self._next = -inf  # on the monotonic clock

    @property
    def due(self) -> bool:
        """Whether it is time for another one."""
        return time.monotonic() >= self._next

    def picture(self, clean: Tensor) -> bytes | None:
        """`clean` [C, F, H, W] as a moving WebP; None where the device has no memory for that, ever after."""
        try:
            levels = paint(clean, self._colours())  # waits for the step itself, which is not counted
            began = time.monotonic()
            picture = moving(levels, self._fps, self._stride)
        except RuntimeError as problem:
            if not memory.ran_out(problem):
                raise
            log.warning("[Preview] The GPU has no memory left for previews; the video is made without them")
            self._next = inf
            return None
        now = time.monotonic()
        self._next = now + max(APART, (now - began) / SHARE)
        return picture
