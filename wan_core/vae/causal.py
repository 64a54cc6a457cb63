"""Convolution that looks only at the past, and what it remembers.

B batch · C channels · T, H, W frames, rows, columns
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Fill = Callable[[Tensor, int, int], object]  # writes rows [start, end) of a layer's input into [B T h W C]


class Layer(Protocol):
    """A convolution, as whoever lays out its input sees it."""

    frames: int  # that it sees before each frame
    rows: int  # that it sees above and below each row
    out_channels: int

    def over(self, x: Tensor) -> Tensor:
        """The result [B, T, H, W, out] of an input [B, T, H, W, C] with the frames seen before it."""

    def turned(self, newest: int) -> Tensor:
        """The weights for `over_rows` where the newest of the frames is at `newest`."""

    def over_rows(self, x: Tensor, weight: Tensor) -> Tensor:
        """The result [H, W, out] of one frame's input [H, frames, W, C] with what it sees of other rows and
        frames; the frames are in the order of the `turned` weights.
        """


class Past:
    """What each temporal layer has seen of the video so far; one for each video."""

    def __init__(self) -> None:
        self.first = True  # until the first chunk is through
        self.bands: Sequence[int] = ()  # of rows; see `strips`
        self._frames: dict[object, Tensor] = {}  # [B T H W C]

    def convolve(self, layer: Layer, shape: tuple[int, ...], fill: Fill, like: Tensor) -> Tensor:
        """`layer` over an input of `shape` [B, C, T, H, W] that `fill` tells: [B, out, T, h, W], like `like`.

        It sees what is remembered of earlier frames; before the start and beyond the picture are zeros.
        """
        batch, channels, length, height, width = shape
        window = like.new_empty((batch, layer.frames + length, height, width, channels))
        window[:, : layer.frames] = self._frames.get(layer, 0)
        fill(window[:, layer.frames :], 0, height)
        if layer.frames:
            self._frames[layer] = window[:, length:].clone()
        return layer.over(window).movedim(-1, 1)

    def mix(self, layer: Layer, x: Tensor) -> Tensor:
        """`layer`, which sees one position at a time, over `x` [B, C, T, H, W]."""
        return layer.over(x.movedim(1, -1)).movedim(-1, 1)

    def lower(self, layer: nn.Module, x: Tensor, rows: int) -> Tensor:
        """`x` [B, C, T, H, W] with up to `rows` rows from above, for a shortcut past layers that wait."""
        return x

    def put(self, layer: Layer, frames: Tensor) -> None:
        """Remember `frames` [B, C, T, H, W] as what `layer` saw last."""
        self._frames[layer] = frames.movedim(1, -1).clone()


class CausalConv3d(nn.Conv3d):
    """A 3-D convolution whose frame t sees frames t-2..t; rows and columns are padded with zeros."""

    def __init__(self, channels: int, out: int, kernel: tuple[int, int, int], time_stride: int = 1) -> None:
        super().__init__(
            channels, out, kernel, (time_stride, 1, 1), padding=(0, kernel[1] // 2, kernel[2] // 2)
        )
        self.frames, self.rows = kernel[0] - time_stride, kernel[1] // 2

    def forward(self, x: Tensor, past: Past | None = None) -> Tensor:
        """`x` [B, C, T, H, W] convolved, continuing from `past` (absent: `x` is already complete)."""
        if past is None:
            return super().forward(x)
        if not self.frames and not self.rows:
            return past.mix(self, x)
        rows = x.movedim(1, -1)
        return past.convolve(self, x.shape, lambda into, start, end: into.copy_(rows[:, :, start:end]), x)

    def over(self, x: Tensor) -> Tensor:
        """See `Layer`."""
        return super().forward(x.movedim(-1, 1)).movedim(1, -1)

    def turned(self, newest: int) -> Tensor:
        """See `Layer`. As `over_rows` needs them, [out, C, rows, frames, columns] with C innermost."""
        taps = self.weight.permute(0, 3, 2, 4, 1)
        oldest = newest + 1
        turned = taps.new_empty(taps.shape)
        turned[:, :, oldest:] = taps[:, :, : taps.shape[2] - oldest]
        turned[:, :, :oldest] = taps[:, :, taps.shape[2] - oldest :]
        return turned.movedim(-1, 1)

    def over_rows(self, x: Tensor, weight: Tensor) -> Tensor:
        """See `Layer`. Rows are the outermost axis to the library, so that some of them are one piece."""
        padding = (0, 0, self.kernel_size[2] // 2)
        return F.conv3d(x[None].movedim(-1, 1), weight, self.bias, 1, padding)[0, :, :, 0].movedim(0, -1)


class FrameConv2d(nn.Conv2d):
    """A 2-D convolution of three rows and columns over each frame, padded with zeros."""

    frames, rows = 0, 1

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 3, padding=1)

    def over(self, x: Tensor) -> Tensor:
        """See `Layer`."""
        flat = x.flatten(0, 1).movedim(-1, 1)  # [B·T C H W]
        return super().forward(flat).unflatten(0, x.shape[:2]).movedim(2, -1)

    def turned(self, newest: int) -> Tensor:
        """See `Layer`."""
        return self.weight

    def over_rows(self, x: Tensor, weight: Tensor) -> Tensor:
        """See `Layer`."""
        flat = x.transpose(0, 1).movedim(-1, 1)
        return F.conv2d(flat, weight, self.bias, padding=(0, 1))[0].movedim(0, -1)


class RMSNorm(nn.Module):
    """Root-mean-square norm over channels at every position, computed in float32."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *(1,) * axes))

    def forward(self, x: Tensor) -> Tensor:
        """`x` [B, C, …] normed over C."""
        gamma = self.gamma.flatten()
        return F.rms_norm(x.movedim(1, -1), gamma.shape, gamma, 1e-24).movedim(-1, 1)
