"""How the decoder is cut into strips of rows, and the memory that decoding then takes. No torch here.

The walk below follows `vae.blocks` and `vae.vae22` layer by layer: what changes there changes here. It
counts values, not bytes, of a chunk after the first (one latent frame in, four video frames out).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from msgspec import Struct

SWEPT = 1  # the first level of the decoder that runs in strips; the attention before it sees whole frames
_BANDS = (4, 2)  # that the rows of a video go through a layer of the swept levels in
_LEAST = 11  # rows of a band at the first of those levels; where they would be fewer, all rows are one
_SCRATCH = 2**30 // 10  # bytes
PIXELS = 4 * 3  # values at one position of the decoder's result: 2×2 pixels in three colours


class DecodeCut(Struct, frozen=True):
    """How the VAE decoder is cut in space: the late levels run in `strips` of rows, from the top down.

    What so many of them remember has `rooms` on the device; with fewer rooms than strips, that of the others
    waits in RAM. No row is computed twice; where rows are few, there are fewer strips (`strips_of`).
    """

    strips: int = 1
    rooms: int = 1


WHOLE = DecodeCut()
CUTS = (WHOLE, DecodeCut(4, 2), DecodeCut(4, 1))  # the fastest first


class DecoderShape(Struct, frozen=True, kw_only=True):
    """The dimensions of a decoder; level n takes `widths[n]` channels to `widths[n + 1]`."""

    widths: tuple[int, ...]
    z_dim: int
    blocks: int  # in each level
    time_up: tuple[bool, ...]  # which levels double the frames; all but the last double rows and columns


class VAEShape(Struct, frozen=True, kw_only=True):
    """The dimensions of a VAE, the official one's where nothing else is said.

    Widths of a level are `dim` (or `dec_dim`) times its `dim_mult`.
    """

    dim: int = 160
    dec_dim: int = 256
    z_dim: int = 48
    dim_mult: tuple[int, ...] = (1, 2, 4, 4)
    num_res_blocks: int = 2
    time_down: tuple[bool, ...] = (False, True, True)  # which of the down-samplings halve the frames

    @property
    def decoder(self) -> DecoderShape:
        """What the memory that decoding takes depends on."""
        widths = tuple(self.dec_dim * m for m in (self.dim_mult[-1], *reversed(self.dim_mult)))
        time = (*reversed(self.time_down), False)
        return DecoderShape(widths=widths, z_dim=self.z_dim, blocks=self.num_res_blocks + 1, time_up=time)


WAN22 = VAEShape().decoder


def bands_of(decoder: DecoderShape, latent_rows: int) -> list[int]:
    """How many rows of the first swept level each band has, from the top down.

    By the last level, the most expensive, a band lies `lag` rows higher than it began. The first is higher by
    that much and the last lower, so that all are alike there.
    """
    rows = latent_rows * 2**SWEPT
    count = next((count for count in _BANDS if rows >= count * _LEAST), 1)
    waiting, scale = 0.0, 1
    for _ in range(SWEPT, len(decoder.widths) - 2):
        waiting += 2 * decoder.blocks / scale  # one row for each convolution
        scale *= 2
        waiting += 1 / scale
    ends = [ceil(rows / count) * n + ceil(waiting) for n in range(1, count)]
    return [end - start for start, end in pairwise([0, *(end for end in ends if end < rows), rows])]


def strips_of(bands: Sequence[int], strips: int) -> list[list[int]]:
    """The bands of each strip: at most so many strips, fewer where bands are few."""
    each = ceil(len(bands) / strips)
    return [list(bands[start : start + each]) for start in range(0, len(bands), each)]


def decode_peak(
    decoder: DecoderShape, width: int, height: int, cut: DecodeCut, bytes_per_value: int = 2
) -> int:
    """Bytes on the device at the most while a video of `width`×`height` pixels is decoded with `cut`.

    Weights of the decoder, what is remembered of the past, and what is computed. Not in it: the latent,
    the encoder, scratch memory of the convolutions themselves.
    """
    rows, columns = height // 16, width // 16
    before, strips = _walks(decoder, rows, columns, strips_of(bands_of(decoder, rows), cut.strips))
    pasts = [strip.past for strip in strips]
    kept = before.past + (max(pasts) * cut.rooms if cut.rooms < len(pasts) else sum(pasts))
    peak, done = before.peak, 0
    for strip in strips:
        peak = max(peak, before.result + done + strip.peak)
        done += strip.result
    peak = max(peak, before.result + 2 * done)  # strips, and all of them in one
    shown = done * 4  # bytes: the caller still has the chunk before, in float32
    return (weights(decoder) + kept + peak) * bytes_per_value + shown


def decode_reserved(
    decoder: DecoderShape, width: int, height: int, cut: DecodeCut, bytes_per_value: int = 2
) -> int:
    """The same with scratch memory of the convolutions, and with what lies unused between allocations.

    How much these are was measured on a GPU with the official VAE.
    """
    peak = decode_peak(decoder, width, height, cut, bytes_per_value)
    return peak + peak * 3 // 100 + min(peak // 8, _SCRATCH)


def remembered(
    decoder: DecoderShape, rows: int, columns: int, strips: Sequence[Sequence[int]]
) -> tuple[int, list[int]]:
    """How many values are kept of earlier frames, before the strips and of each."""
    before, walks = _walks(decoder, rows, columns, strips)
    return before.past, [walk.past for walk in walks]


def _walks(
    decoder: DecoderShape, rows: int, columns: int, strips: Sequence[Sequence[int]]
) -> tuple[_Walk, list[_Walk]]:
    """The walk before the swept levels, and one for each strip."""
    before = _Walk([rows], columns)
    before.beginning(decoder)
    walks: list[_Walk] = []
    for n, bands in enumerate(strips):
        walk = _Walk(list(bands), before.columns, before.frames, n == 0, n == len(strips) - 1)
        walk.edges = walks[-1].edges if walks else 0
        walk.swept(decoder)
        walks.append(walk)
    return before, walks


def weights(decoder: DecoderShape) -> int:
    """How many weights the decoder has."""
    widths, blocks = decoder.widths, decoder.blocks
    last, wide = len(widths) - 2, widths[0]
    count = _convolution(decoder.z_dim, decoder.z_dim, 1) + _convolution(decoder.z_dim, wide) + _middle(wide)
    for n, (channels, out) in enumerate(pairwise(widths)):
        count += _block(channels, out) + (blocks - 1) * _block(out, out)
        count += _convolution(out, out, 9) if n != last else 0
        count += _convolution(out, 2 * out, 3) if decoder.time_up[n] else 0
    return count + widths[-1] + _convolution(widths[-1], PIXELS)


def encoder_weights(vae: VAEShape) -> int:
    """How many weights a VAE has beside its decoder's."""
    widths, both = [vae.dim * m for m in (1, *vae.dim_mult)], 2 * vae.z_dim
    last, wide = len(widths) - 2, widths[-1]
    count = _convolution(both, both, 1) + _convolution(PIXELS, widths[0]) + _middle(wide)
    for n, (channels, out) in enumerate(pairwise(widths)):
        count += _block(channels, out) + (vae.num_res_blocks - 1) * _block(out, out)
        count += _convolution(out, out, 9) if n != last else 0
        count += _convolution(out, out, 3) if n != last and vae.time_down[n] else 0
    return count + wide + _convolution(wide, both)


def _middle(wide: int) -> int:
    return 2 * _block(wide, wide) + wide + (wide + 1) * 4 * wide


def _convolution(channels: int, out: int, kernel: int = 27) -> int:
    return (channels * kernel + 1) * out


def _block(channels: int, out: int) -> int:
    count = channels + out + _convolution(channels, out) + _convolution(out, out)
    return count + (_convolution(channels, out, 1) if channels != out else 0)


@dataclass
class _Walk:
    """A walk of a frame through layers, with one strip (or, `top` and `bottom`, all) of the rows."""

    bands: list[int]  # rows that go through a layer at once
    columns: int
    frames: int = 1  # that take this way in a chunk, one after the other
    top: bool = True
    bottom: bool = True
    edges: int = 0  # values kept of the strip above
    past: int = 0  # values kept of earlier frames
    peak: int = 0
    result: int = 0

    @property
    def rows(self) -> int:
        return sum(self.bands)

    def size(self, channels: int) -> int:
        """Values of a tensor here."""
        return channels * self.rows * self.columns

    def note(self, *living: int) -> None:
        self.peak = max(self.peak, self.edges + sum(living))

    def keep(self, values: int) -> None:
        """Of so many values of each frame, the strip below needs to know."""
        self.edges += values * self.frames if self.top and not self.bottom else 0

    def beginning(self, decoder: DecoderShape) -> None:
        """What runs whole; its result are the frames that it ends with."""
        wide = decoder.widths[0]
        x = self.convolve(decoder.z_dim, wide, 0)
        self.block(wide, wide, 0)
        self.note(8 * x)  # attention: itself, its norm, query, key and value, twice, for their layout
        self.block(wide, wide, 0)
        held = 0
        for n in range(SWEPT):
            held = self.level(decoder, n, held)
        self.result = self.frames * self.size(decoder.widths[SWEPT])
        self.note(held, self.result)

    def swept(self, decoder: DecoderShape) -> None:
        """What runs in strips."""
        held, last = 0, len(decoder.widths) - 2
        for n in range(SWEPT, last + 1):
            held = self.level(decoder, n, held)
        wide = decoder.widths[-1]
        y = self.size(wide)
        frame = self.convolve(wide, PIXELS, held + y)
        self.result = self.frames * frame
        self.note(held, y, self.result)
        self.note(2 * self.result)  # frames, and all of them in one

    def level(self, decoder: DecoderShape, n: int, held: int) -> int:
        """A level beside `held` values; what is held then until its frames have come all the way."""
        channels, out = decoder.widths[n : n + 2]
        x, given = self.size(channels), self.rows
        y = self.block(channels, out, held)
        for _ in range(decoder.blocks - 1):
            y = self.block(out, out, held + x)
        if n == len(decoder.widths) - 2:
            return held + x
        lacking = 2 * decoder.blocks + 1
        joined = 0 if self.top else x + x // given * lacking
        self.keep(x // given * lacking)
        if decoder.time_up[n]:
            y = self.convolve(out, 2 * out, held + x + y, around=0)
            self.frames *= 2
        self.bands, self.columns = [2 * rows for rows in self.bands], 2 * self.columns
        self.convolve(out, out, held + x + y + joined, before=0)
        return held + x + y + joined if decoder.time_up[n] else held

    def block(self, channels: int, out: int, held: int) -> int:
        """A residual block beside `held`; its result, in values."""
        x, given, row = self.size(channels), self.rows, self.size(out) // self.rows
        y = self.convolve(channels, out, held + x)
        y = self.convolve(out, out, held + x + y)
        shortcut = row * given if channels != out else 0
        joined = 0 if self.top else row * (given + 2)
        self.keep(2 * row)
        part = out * max(self.bands) * self.columns if shortcut and len(self.bands) > 1 else 0
        self.note(held, x, y, shortcut, max(part, joined))
        return y

    def convolve(self, channels: int, out: int, held: int, before: int = 2, around: int = 1) -> int:
        """A convolution that sees so many frames before and rows around; its result, in values."""
        row = channels * self.columns
        window = row * (self.rows + (2 - self.top + self.bottom) * around)
        self.past += (before + 1) * window if before else 0
        self.keep(2 * around * row)
        self.note(held, row * max(self.bands), 0 if before else window)  # as it is filled
        self.bands[0] -= around if self.top else 0
        self.bands[-1] += around if self.bottom else 0
        taps = channels * out * 3 * (3 * around or 1) ** 2 if before else 0
        y = self.size(out)
        part = out * max(self.bands) * self.columns if len(self.bands) > 1 else 0
        self.note(held, taps, y, part, 0 if before else window)
        return y
