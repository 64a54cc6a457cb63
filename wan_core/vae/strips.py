"""A frame walked through in strips of rows, from the top down, each continuing its own past.

What a convolution needs of the strip above is remembered just as what it needs of earlier frames: no row is
computed twice. Each convolution of three rows waits for the row below, so its strip of results lies one row
higher.

Libraries choose how they compute a convolution by the shape of its input, and some of what they choose from
adds in another order at another place of the picture. So rows go through a convolution in bands, one after
the other, that are the same however strips are cut: a strip is one band or more.

C channels · H, W rows, columns
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import prod

import torch
from torch import Tensor, nn

from wan_core.vae.causal import Fill, Layer, Past

# What layers have seen of the strips above, in one chunk: by layer, and how often it was walked through.
Sweep = dict[tuple[object, int], Tensor]


class Strip(Past):
    """What each layer has seen of one strip of the video so far; it is walked through a frame at a time.

    The last frames that a layer saw stay in place, and the newest one takes the place of the oldest: see
    `Layer.turned`. They are in `room`, a flat tensor, one after the other.
    """

    def __init__(self, cut: Sequence[int], room: Tensor, top: bool = True, bottom: bool = True) -> None:
        super().__init__()
        self.cut = cut  # how many rows each band has before the first layer; `bands`: where it is now
        self.used = 0  # values of the room
        self._room, self._top, self._bottom = room, top, bottom
        self._rings: dict[object, Tensor] = {}  # [H frames W C], with what is seen of rows around the strip
        self._seen: Counter[object] = Counter()  # frames, by layer
        self._walks: Counter[object] = Counter()  # in this chunk
        self._sweep: Sweep = {}

    def begin(self, sweep: Sweep) -> None:
        """A chunk begins, in which `sweep` is what layers have seen of the strips above."""
        self.bands = self.cut
        self._sweep = sweep
        self._walks.clear()

    def rows(self, frames: Iterable[Tensor], start: int) -> Iterator[Tensor]:
        """The strip of each of `frames` [1, C, 1, H, W], where it begins at row `start`."""
        for frame in frames:
            self.bands = self.cut
            yield frame[:, :, :, start : start + sum(self.cut)]

    def convolve(self, layer: Layer, shape: tuple[int, ...], fill: Fill, like: Tensor) -> Tensor:
        """See `Past`; for one frame."""
        channels, height, width = shape[1], shape[3], shape[4]
        above = 2 * layer.rows - (layer.rows if self._top else 0)
        ring = self._ring(layer, (above + height + layer.rows * self._bottom, width, channels), like)
        newest = self._seen[layer] % ring.shape[1]
        self._seen[layer] += 1
        frame, key = ring[:, newest], self._key(layer)
        if not self._top and layer.rows:
            frame[:above] = self._sweep[key]
        start = 0
        for rows in self.bands:
            fill(frame[None, None, above + start : above + start + rows], start, start + rows)
            start += rows
        if not self._bottom and layer.rows:
            self._tell(key, frame[-2 * layer.rows :].clone())
        self.bands = self._waiting(layer.rows)
        return self._banded(layer, ring, layer.turned(newest))

    def mix(self, layer: Layer, x: Tensor) -> Tensor:
        """See `Past`; for one frame."""
        return self._banded(layer, x[0, :, 0].movedim(0, -1)[:, None], layer.turned(0))

    def lower(self, layer: nn.Module, x: Tensor, rows: int) -> Tensor:
        """See `Past`."""
        key = self._key(layer)
        joined = x.movedim(1, -1)
        if not self._top:
            joined = torch.cat((self._sweep[key], joined), dim=2)
        if not self._bottom:
            self._tell(key, joined[:, :, -rows:].clone())
        return joined.movedim(-1, 1)

    def _banded(self, layer: Layer, window: Tensor, weight: Tensor) -> Tensor:
        """`layer` over [H, frames, W, C], which has the rows seen around the bands: [1, out, 1, h, W]."""
        if len(self.bands) == 1:
            return layer.over_rows(window, weight).contiguous()[None, None].movedim(-1, 1)
        out = window.new_empty((1, 1, sum(self.bands), window.shape[2], layer.out_channels))
        start = 0
        for rows in self.bands:
            end = start + rows
            out[0, 0, start:end] = layer.over_rows(window[start : end + 2 * layer.rows], weight)
            start = end
        return out.movedim(-1, 1)

    def _waiting(self, rows: int) -> list[int]:
        """The bands of a result that waits for so many rows from below."""
        bands = list(self.bands)
        bands[0] -= rows if self._top else 0
        bands[-1] += rows if self._bottom else 0
        return bands

    def _tell(self, key: tuple[object, int], rows: Tensor) -> None:
        """Let the strip below know of `rows` [… H W C]."""
        self._sweep[key] = rows

    def _key(self, layer: object) -> tuple[object, int]:
        self._walks[layer] += 1
        return layer, self._walks[layer]

    def _ring(self, layer: Layer, shape: tuple[int, int, int], like: Tensor) -> Tensor:
        height, width, channels = shape
        if not layer.frames:
            window = like.new_empty((height, 1, width, channels))
            for edge in self._beyond(layer, window):
                edge.zero_()
            return window
        if layer not in self._rings:
            whole = (height, layer.frames + 1, width, channels)
            start, self.used = self.used, self.used + prod(whole)
            self._rings[layer] = self._room[start : self.used].zero_().view(whole)
        return self._rings[layer]

    def _beyond(self, layer: Layer, window: Tensor) -> list[Tensor]:
        """The rows beyond the picture."""
        top = [window[: layer.rows]] if self._top else []
        return [*top, window[window.shape[0] - layer.rows :]] if self._bottom else top
