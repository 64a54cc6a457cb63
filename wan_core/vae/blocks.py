"""What the encoder and the decoder are built from.

B batch · C channels · T, H, W frames, rows, columns
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wan_core.attention import attend
from wan_core.vae.causal import CausalConv3d, FrameConv2d, Past, RMSNorm


class Walk(nn.ModuleList):
    """Layers in a row, some of which need to know the past."""

    def forward(self, x: Tensor, past: Past) -> Tensor:
        """`x` [B, C, T, H, W] through every layer."""
        for layer in self:
            x = layer(x, past) if isinstance(layer, TEMPORAL) else layer(x)
        return x


class Rounds(Walk):
    """Norm, SiLU and convolution, one or more times; the first two are computed in the third's own input."""

    def forward(self, x: Tensor, past: Past) -> Tensor:
        """`x` [B, C, T, H, W] to [B, out, T, H, W]."""
        norms = (layer for layer in self if isinstance(layer, RMSNorm))
        convolutions = (layer for layer in self if isinstance(layer, CausalConv3d))
        for norm, convolution in zip(norms, convolutions, strict=True):
            x = self._round(norm, convolution, x, past)
        return x

    @staticmethod
    def _round(norm: RMSNorm, convolution: CausalConv3d, x: Tensor, past: Past) -> Tensor:
        def fill(into: Tensor, start: int, end: int) -> None:
            torch.ops.aten.silu.out(norm(x[:, :, :, start:end]).movedim(1, -1), out=into)

        return past.convolve(convolution, x.shape, fill, x)


class ResidualBlock(nn.Module):
    """Two norm-SiLU-convolution rounds beside a shortcut."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.residual = Rounds(
            [
                RMSNorm(channels, 3),
                nn.SiLU(),
                CausalConv3d(channels, out, (3, 3, 3)),
                RMSNorm(out, 3),
                nn.SiLU(),
                nn.Identity(),  # the official dropout stands here; key names count it
                CausalConv3d(out, out, (3, 3, 3)),
            ]
        )
        self.shortcut = CausalConv3d(channels, out, (1, 1, 1)) if channels != out else nn.Identity()

    def forward(self, x: Tensor, past: Past) -> Tensor:
        """`x` [B, C, T, H, W] to [B, out, T, H, W]."""
        before = past.bands
        out = self.residual(x, past)
        if isinstance(self.shortcut, CausalConv3d):
            after, past.bands = past.bands, before
            x = self.shortcut(x, past)
            past.bands = after
        shortcut = past.lower(self, x, 2)  # one row for each convolution
        return out.add_(shortcut[:, :, :, : out.shape[3]])


class FrameAttention(nn.Module):
    """Single-head attention among the positions of each frame, added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = RMSNorm(channels, 2)
        self.to_qkv = nn.Conv2d(channels, channels * 3, 1)
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """`x` [B, C, T, H, W], frames apart."""
        batch, _, frames, height, width = x.shape
        flat = x.transpose(1, 2).flatten(0, 1)  # [B·T C H W]
        qkv = self.to_qkv(self.norm(flat)).flatten(2).transpose(1, 2).unsqueeze(2)  # [B·T H·W 1 3C]
        out = attend(*qkv.chunk(3, dim=-1)).squeeze(2).transpose(1, 2)  # [B·T C H·W]
        out = self.proj(out.unflatten(2, (height, width)))
        return x + out.unflatten(0, (batch, frames)).transpose(1, 2)


class Downsample(nn.Module):
    """Half the rows and columns; with `time`, half the frames too (all but the first)."""

    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(channels, channels, 3, 2))
        self.time_conv = CausalConv3d(channels, channels, (3, 1, 1), time_stride=2) if time else None

    def forward(self, x: Tensor, past: Past) -> Tensor:
        """`x` [B, C, T, H, W] to [B, C, T or T/2, H/2, W/2]."""
        x = by_frame(self.resample, x)
        if self.time_conv is None:
            return x
        if past.first:
            past.put(self.time_conv, x[:, :, -1:])
            return x
        out: Tensor = self.time_conv(x, past)
        return out


class Upsample(nn.Module):
    """Double the rows and columns; with `time`, double the frames first (all but the first)."""

    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        # The official nearest up-sampling stands first; key names count it.
        self.resample = nn.Sequential(nn.Identity(), FrameConv2d(channels))
        self.time_conv = CausalConv3d(channels, channels * 2, (3, 1, 1)) if time else None

    def forward(self, x: Tensor, past: Past) -> Iterator[Tensor]:
        """`x` [B, C, 1, H, W] to one or two [B, C, 1, 2H, 2W], one after the other."""
        frames = [x]
        if self.time_conv is not None and not past.first:
            frames = list(self.time_conv(x, past).chunk(2, dim=1))
        del x
        bands = past.bands
        while frames:
            past.bands = [2 * rows for rows in bands]
            yield self._doubled(frames.pop(0), past)

    def _doubled(self, x: Tensor, past: Past) -> Tensor:
        convolution = self.resample[1]
        assert isinstance(convolution, FrameConv2d)
        rows = x.movedim(1, -1)  # [B T H W C]

        def fill(into: Tensor, start: int, end: int) -> None:
            for first in range(start, min(start + 2, end)):  # even rows and odd ones
                cells = into[:, :, first - start :: 2].unflatten(3, (-1, 2))  # [B T h W 2 C]
                cells.copy_(rows[:, :, first // 2 : (end + 1 - first % 2) // 2, :, None])

        batch, channels, frames, height, width = x.shape
        return past.convolve(convolution, (batch, channels, frames, 2 * height, 2 * width), fill, x)


TEMPORAL = (CausalConv3d, ResidualBlock, Downsample)


def by_frame(layer: nn.Module, x: Tensor) -> Tensor:
    """A 2-D `layer` over every frame of `x` [B, C, T, H, W]."""
    batch, frames = x.shape[0], x.shape[2]
    out: Tensor = layer(x.transpose(1, 2).flatten(0, 1))
    return out.unflatten(0, (batch, frames)).transpose(1, 2)


def average_down(x: Tensor, out: int, time: int, space: int) -> Tensor:
    """The shortcut around down-sampling: cells gathered on channels, then averaged down to `out` of them.

    `x` [B, C, T, H, W] to [B, out, T/time, H/space, W/space]; a short first chunk is padded at the front.
    """
    x = F.pad(x, (0, 0, 0, 0, -x.shape[2] % time, 0)).movedim(1, -1)  # [B T H W C]
    x = x.unflatten(3, (-1, space)).unflatten(2, (-1, space)).unflatten(1, (-1, time))
    x = x.permute(0, 1, 3, 5, 7, 2, 4, 6).flatten(4)  # [B T' H' W' C·time·space²]
    return x.unflatten(-1, (out, -1)).mean(dim=-1).movedim(-1, 1)


def add_duplicated(y: Tensor, x: Tensor, time: int, space: int, frame: int, rows: int) -> None:
    """The shortcut around up-sampling: channels of `x` repeated, spread over new cells and added to `y`.

    `x` [B, C, 1, H, W]; `y` [B, out, 1, H·space, W·space] less its first `rows`, the one at `frame` of the
    `time` that `x` becomes. Added a cell at a time, because `y` is large and its shortcut would be another.
    """
    step = x.shape[1] // y.shape[1]  # channels of x that meet in one of y
    repeats = time * space * space // step
    for row in range(space):
        first = (row - rows) % space  # row of y
        start = (first + rows) // space  # and of x
        for column in range(space):
            into = y[:, :, :, first::space, column::space]
            cell = (frame * space + row) * space + column
            into.add_(x[:, cell // repeats :: step, :, start : start + into.shape[3]])
