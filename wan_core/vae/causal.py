"""Convolution that looks only at the past, and what it remembers.

A chunk of frames may be walked through in strips of rows, from the top down. What a convolution needs of
the strip above is then remembered just as what it needs of earlier frames: no row is computed twice. Each
convolution of three rows waits for the row below, so its strip of results lies one row higher.

B batch · C channels · T, H, W frames, rows, columns
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wan_core.memory import Pinned


class Sweep:
    """What each layer has seen of the strips above; one for each stretch of frames that goes through it."""

    def __init__(self) -> None:
        self.bottom = False  # whether this is the last strip
        self.rows: dict[nn.Module, Tensor] = {}  # [B T h W C]


class Window(NamedTuple):
    """A layer's input with what it needs around it; whoever asked for it writes `new`, then remembers."""

    whole: Tensor  # [B T' H' W C]
    new: Tensor  # [B T H W C], the part of `whole` that is not known yet
    last: Tensor  # [B t H W C], the frames that the layer will see before its next ones
    rows: int  # that the layer sees above and below each row, where strips are swept; else 0


class Past:
    """What each temporal layer has seen of the video so far; one for each video, or strip of it.

    It is kept in `room`, a flat tensor on the device: one large piece of memory, where many that live long
    would lie scattered among those that do not. `desk`, another one, is what layers' inputs are put together
    on, one after the other. Where these are absent or too small, tensors of their own do.
    With `offload` others have the room in turns: from `rest` to `fetch` what is in it waits in RAM.
    """

    def __init__(self, room: Tensor | None = None, offload: bool = False, desk: Tensor | None = None) -> None:
        self.first = True  # until the first chunk is through
        self.offload = offload
        self.sweep: Sweep | None = None  # absent: chunks are walked through whole
        self.used = 0  # values of the room
        self._room, self._desk = room, desk
        self._frames: dict[nn.Module, Tensor] = {}  # [B T H W C]
        self._waiting: Pinned | None = None

    def window(
        self, layer: nn.Module, x: Tensor, shape: tuple[int, ...], frames: int, rows: int = 0
    ) -> Window:
        """Room for `shape` [B, T, H, W, C], like `x`, in between what `layer` sees around it; until the next.

        Before the start and beyond the picture there are zeros. Without strips, rows are left to the layer.
        """
        batch, length, height, width, channels = shape
        above, top, bottom = None, 0, 0
        if self.sweep is None:
            rows = 0
        elif rows:
            above = self.sweep.rows.get(layer)
            top = rows if above is None else above.shape[2]
            bottom = rows if self.sweep.bottom else 0
        whole = self._laid((batch, frames + length, top + height + bottom, width, channels), x)
        known = whole[:, :frames, top : top + height]
        before = self._frames.get(layer)
        known.zero_() if before is None else known.copy_(before)
        if top:
            whole[:, :, :top].zero_() if above is None else whole[:, :, :top].copy_(above)
        whole[:, :, top + height :].zero_()
        inner = whole[:, :, top : top + height]
        return Window(whole, inner[:, frames:], inner[:, length:], rows)

    def _laid(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        count = prod(shape)
        if self._desk is None or count > self._desk.numel():
            return like.new_empty(shape)
        return self._desk[:count].view(shape)

    def remember(self, layer: nn.Module, window: Window) -> None:
        """Keep of a `window` now full what `layer` needs for the next chunk and for the strip below."""
        if self.sweep is not None and window.rows:
            self.sweep.rows[layer] = window.whole[:, :, -2 * window.rows :].clone()
        if not window.last.shape[1]:
            return
        if layer in self._frames:
            self._frames[layer].copy_(window.last)  # in place: both at once would be much
        else:
            self._keep(layer, window.last)

    def extend(self, layer: nn.Module, x: Tensor, frames: int) -> Tensor:
        """`x` [B, C, T, H, W] with the `frames` frames before it in front; before the start, zeros."""
        window = self.window(layer, x, x.movedim(1, -1).shape, frames)
        window.new.copy_(x.movedim(1, -1))
        self.remember(layer, window)
        return window.whole.movedim(-1, 1)

    def lower(self, layer: nn.Module, x: Tensor, rows: int) -> Tensor:
        """`x` [B, C, T, H, W] with up to `rows` rows from above, for a shortcut past layers that wait."""
        if self.sweep is None:
            return x
        above = self.sweep.rows.get(layer)
        joined = x.movedim(1, -1)
        if above is not None:
            joined = torch.cat((above, joined), dim=2)
        self.sweep.rows[layer] = joined[:, :, -rows:].clone()
        return joined.movedim(-1, 1)

    def put(self, layer: nn.Module, frames: Tensor) -> None:
        """Remember `frames` [B, C, T, H, W] as what `layer` saw last."""
        self._keep(layer, frames.movedim(1, -1))

    def _keep(self, layer: nn.Module, frames: Tensor) -> None:
        end = self.used + frames.numel()
        if self._room is None or end > self._room.numel():
            self._frames[layer] = frames.clone()
            return
        self._frames[layer] = self._room[self.used : end].view(frames.shape).copy_(frames)
        self.used = end

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

    def forward(self, x: Tensor, past: Past | None = None) -> Tensor:
        """`x` [B, C, T, H, W] convolved, continuing from `past` (absent: `x` is already complete)."""
        if past is None:
            return super().forward(x)
        window = self.window(x, past)
        window.new.copy_(x.movedim(1, -1))
        return self.over(window, past)

    def window(self, x: Tensor, past: Past) -> Window:
        """Room for `x` [B, C, T, H, W], to be filled and given to `over`."""
        shape = x.movedim(1, -1).shape
        return past.window(self, x, shape, self.kernel_size[0] - 1, self.kernel_size[1] // 2)

    def over(self, window: Window, past: Past) -> Tensor:
        """The convolution [B, C, T, H, W] of a `window` now full, which `past` remembers."""
        past.remember(self, window)
        rows = 0 if window.rows else self.kernel_size[1] // 2
        padding = (0, rows, self.kernel_size[2] // 2)
        x = window.whole.movedim(-1, 1)
        return F.conv3d(x, self.weight, self.bias, self.stride, padding)


class RMSNorm(nn.Module):
    """Root-mean-square norm over channels at every position, its lengths computed in float32."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *(1,) * axes))

    def forward(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        """`x` [B, C, …] normed over C, written to `out` where that is given."""
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32).clamp_min(1e-12)
        return torch.mul(x, (x.shape[1] ** 0.5 / length).to(x.dtype), out=out).mul_(self.gamma)
