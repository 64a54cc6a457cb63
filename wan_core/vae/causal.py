"""Convolution that looks only at the past, and what it remembers.

A chunk of frames may be walked through in strips of rows, from the top down. What a convolution needs of
the strip above is then remembered just as what it needs of earlier frames: no row is computed twice. Each
convolution of three rows waits for the row below, so its strip of results lies one row higher.

Within a strip, convolutions see one tile of rows after the other, and tiles are of one height however the
strips are cut: libraries choose how they compute by the shape of what they get, and so choose the same.

B batch · C channels · T, H, W frames, rows, columns
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wan_core.memory import Pinned

Fill = Callable[[Tensor, int, int], object]  # writes rows [start, end) of a layer's input into [B T h W C]


class Layer(Protocol):
    """A convolution, as whoever lays out its input sees it."""

    frames: int  # that it sees before each frame
    rows: int  # that it sees above and below each row

    def over(self, x: Tensor, pad_rows: bool) -> Tensor:
        """The result [B, T, H, W, out] of an input [B, T, H, W, C] with the frames and rows that are seen
        around it; with `pad_rows`, frames alone.
        """


class Tile(NamedTuple):
    """How many rows go through a convolution at once, where the picture has `columns`; elsewhere in scale."""

    rows: int
    columns: int

    def at(self, columns: int) -> int:
        """The rows where the picture has so many columns."""
        return self.rows * columns // self.columns


class Sweep:
    """What each layer has seen of the strips above; one for each stretch of frames that goes through it."""

    def __init__(self) -> None:
        self.bottom = False  # whether this is the last strip
        self.rows: dict[object, Tensor] = {}  # [B T h W C]


class Past:
    """What each temporal layer has seen of the video so far; one for each video, or strip of it.

    It is kept in `room`, a flat tensor on the device: one large piece of memory, where many that live long
    would lie scattered among those that do not. `desk`, another one, is what layers' inputs are put together
    on, one after the other. Where these are absent or too small, tensors of their own do.
    With `offload` others have the room in turns: from `rest` to `fetch` what is in it waits in RAM.
    """

    def __init__(
        self,
        room: Tensor | None = None,
        offload: bool = False,
        desk: Tensor | None = None,
        tile: Tile | None = None,
    ) -> None:
        self.first = True  # until the first chunk is through
        self.offload = offload
        self.sweep: Sweep | None = None  # absent: chunks are walked through whole
        self.tile = tile  # needed where strips are swept
        self.used = 0  # values of the room
        self._room, self._desk = room, desk
        self._frames: dict[object, Tensor] = {}  # [B T H W C]
        self._waiting: Pinned | None = None

    def convolve(self, layer: Layer, shape: tuple[int, ...], fill: Fill, like: Tensor) -> Tensor:
        """`layer` over an input of `shape` [B, C, T, H, W] that `fill` tells: [B, out, T, h, W], like `like`.

        It sees what is remembered of earlier frames and of the strip above; before the start and beyond the
        picture there are zeros.
        """
        if self.sweep is None or self.tile is None:
            return self._whole(layer, shape, fill, like).movedim(-1, 1)
        return self._swept(layer, shape, fill, like, self.sweep, self.tile.at(shape[-1])).movedim(-1, 1)

    def _whole(self, layer: Layer, shape: tuple[int, ...], fill: Fill, like: Tensor) -> Tensor:
        batch, channels, length, height, width = shape
        window = self._laid((batch, layer.frames + length, height, width, channels), like)
        self._recall(layer, window[:, : layer.frames], 0)
        fill(window[:, layer.frames :], 0, height)
        self._remember(layer, window[:, length:], 0, height)
        return layer.over(window, pad_rows=True)

    def _swept(
        self, layer: Layer, shape: tuple[int, ...], fill: Fill, like: Tensor, sweep: Sweep, tile: int
    ) -> Tensor:
        """One tile after the other, each below the last `seen` rows of the one before; the last may be part
        of one. Rows are counted from the first one above the strip, remembered or zeros.
        """
        batch, channels, length, height, width = shape
        above, seen = sweep.rows.get(layer), 2 * layer.rows
        top = layer.rows if above is None else seen
        end = top + height
        rows = end - (layer.rows if sweep.bottom else seen)  # of the result
        window = self._laid((batch, layer.frames + length, tile + seen, width, channels), like)
        window[:, :, :top] = 0 if above is None else above
        known, out = top, like[:0]
        for start in range(0, rows, tile):
            if start:
                window[:, :, :seen] = window[:, :, tile:]
                known = start + seen
            until = min(end, start + tile + seen)
            new = window[:, :, known - start : until - start]
            self._recall(layer, new[:, : layer.frames], known - top)
            fill(new[:, layer.frames :], known - top, until - top)
            self._remember(layer, new[:, length:], known - top, height)
            window[:, :, until - start :] = 0
            part = layer.over(window, pad_rows=False)
            if rows <= tile:
                out = part[:, :, :rows]
            else:
                out = out if start else part.new_empty((*part.shape[:2], rows, *part.shape[3:]))
                out[:, :, start : start + tile] = part[:, :, : rows - start]
        if seen and not sweep.bottom:
            last = (rows - 1) // tile * tile
            sweep.rows[layer] = window[:, :, rows - last : rows - last + seen].clone()
        return out

    def lower(self, layer: nn.Module, x: Tensor, rows: int) -> Tensor:
        """`x` [B, C, T, H, W] with up to `rows` rows from above, for a shortcut past layers that wait."""
        if self.sweep is None:
            return x
        above = self.sweep.rows.get(layer)
        joined = x.movedim(1, -1)
        if above is not None:
            joined = torch.cat((above, joined), dim=2)
        if not self.sweep.bottom:
            self.sweep.rows[layer] = joined[:, :, -rows:].clone()
        return joined.movedim(-1, 1)

    def put(self, layer: Layer, frames: Tensor) -> None:
        """Remember `frames` [B, C, T, H, W] as what `layer` saw last."""
        self._remember(layer, frames.movedim(1, -1), 0, frames.shape[3])

    def _recall(self, layer: Layer, into: Tensor, start: int) -> None:
        """Write into [B T h W C] what is remembered of the rows from `start`."""
        before = self._frames.get(layer)
        into.zero_() if before is None else into.copy_(before[:, :, start : start + into.shape[2]])

    def _remember(self, layer: Layer, last: Tensor, start: int, height: int) -> None:
        """Keep `last` [B T h W C], the rows from `start` of the `height` that `layer` has here."""
        if not last.shape[1]:
            return
        if layer not in self._frames:
            self._frames[layer] = self._kept((*last.shape[:2], height, *last.shape[3:]), last).zero_()
        self._frames[layer][:, :, start : start + last.shape[2]] = last

    def _kept(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        end = self.used + prod(shape)
        if self._room is None or end > self._room.numel():
            return like.new_empty(shape)
        self.used, start = end, self.used
        return self._room[start:end].view(shape)

    def _laid(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        count = prod(shape)
        if self._desk is None or count > self._desk.numel():
            return like.new_empty(shape)
        return self._desk[:count].view(shape)

    def fetch(self) -> None:
        """Bring back into the room what waits in RAM."""
        if self._room is not None and self._waiting is not None:
            self._in_room().copy_(self._waiting.bytes[: self._in_room().nbytes], non_blocking=True)

    def rest(self) -> None:
        """With `offload`, leave the room to others until `fetch`."""
        if self._room is None or not self.offload:
            return
        if self._waiting is None:  # once for a video: to pin memory is slow
            self._waiting = Pinned(self._room.nbytes, self._room.device)
        # Nothing waits for this copy: the one that brings it back is behind it on the same stream.
        self._waiting.bytes[: self._in_room().nbytes].copy_(self._in_room(), non_blocking=True)

    def _in_room(self) -> Tensor:
        assert self._room is not None
        return self._room[: self.used].view(torch.uint8)

    def close(self) -> None:
        """Forget everything and give its memory back."""
        self._frames = {}
        if self._waiting is not None and self._room is not None:
            if self._room.is_cuda:
                torch.cuda.current_stream(self._room.device).synchronize()  # copies may be on their way
            self._waiting.free()
        self._room = self._desk = self._waiting = None


class CausalConv3d(nn.Conv3d):
    """A 3-D convolution whose frame t sees frames t-2..t; rows and columns are padded with zeros."""

    def __init__(self, channels: int, out: int, kernel: tuple[int, int, int], time_stride: int = 1) -> None:
        super().__init__(
            channels, out, kernel, (time_stride, 1, 1), padding=(0, kernel[1] // 2, kernel[2] // 2)
        )
        self.frames, self.rows = kernel[0] - time_stride, kernel[1] // 2

    def forward(self, x: Tensor, past: Past | None = None) -> Tensor:
        """`x` [B, C, T, H, W] convolved, continuing from `past` (absent: `x` is already complete)."""
        if past is None or (past.sweep is None and not self.frames):
            return super().forward(x)
        rows = x.movedim(1, -1)
        return past.convolve(self, x.shape, lambda into, start, end: into.copy_(rows[:, :, start:end]), x)

    def over(self, x: Tensor, pad_rows: bool) -> Tensor:
        """See `Layer`."""
        padding = (0, self.rows if pad_rows else 0, self.kernel_size[2] // 2)
        return F.conv3d(x.movedim(-1, 1), self.weight, self.bias, self.stride, padding).movedim(1, -1)


class FrameConv2d(nn.Conv2d):
    """A 2-D convolution of three rows and columns over each frame, padded with zeros."""

    frames, rows = 0, 1

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 3, padding=1)

    def over(self, x: Tensor, pad_rows: bool) -> Tensor:
        """See `Layer`."""
        flat = x.flatten(0, 1).movedim(-1, 1)  # [B·T C H W]
        out = F.conv2d(flat, self.weight, self.bias, padding=(int(pad_rows), 1))
        return out.unflatten(0, x.shape[:2]).movedim(2, -1)


class RMSNorm(nn.Module):
    """Root-mean-square norm over channels at every position, its lengths computed in float32."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *(1,) * axes))

    def forward(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        """`x` [B, C, …] normed over C, written to `out` where that is given."""
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32).clamp_min(1e-12)
        return torch.mul(x, (x.shape[1] ** 0.5 / length).to(x.dtype), out=out).mul_(self.gamma)
