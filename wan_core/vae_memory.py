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
_SCRATCH = 2**30 // 10  # bytes
_TILES = (8, 4)  # that the rows of a video go through a layer of the swept levels in
_LEAST = 11  # rows of a tile at the first of those levels; where they would be fewer, all rows are one
PIXELS = 4 * 3  # values at one position of the decoder's result: 2×2 pixels in three colours


class DecodeCut(Struct, frozen=True):
    """How the VAE decoder is cut in space: the late levels run in `strips` of rows, from the top down.

    With `offload`, what a strip remembers of the past waits in RAM while other strips run. No row is
    computed twice; where rows are too few for so many strips, there are fewer (`strip_ends`).
    """

    strips: int = 1
    offload: bool = False


WHOLE = DecodeCut()
CUTS = (  # the fastest first
    WHOLE,
    DecodeCut(2),
    DecodeCut(4),
    DecodeCut(8),
    DecodeCut(4, offload=True),
    DecodeCut(8, offload=True),
)


class DecoderShape(Struct, frozen=True, kw_only=True):
    """The dimensions of a decoder; level n takes `widths[n]` channels to `widths[n + 1]`."""

    widths: tuple[int, ...]
    z_dim: int
    blocks: int  # in each level
    time_up: tuple[bool, ...]  # which levels double the frames; all but the last double rows and columns

    @property
    def timed(self) -> int:
        """The first level behind the last doubling of frames (and not before `SWEPT`)."""
        return max([SWEPT, *(n + 1 for n, doubled in enumerate(self.time_up) if doubled)])


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


def _tiles(latent_rows: int) -> int:
    return next((count for count in _TILES if latent_rows * 2**SWEPT >= count * _LEAST), 1)


def tile_rows(latent_rows: int) -> int:
    """How many rows of the first swept level go through a layer at once, however the strips are cut."""
    return ceil(latent_rows * 2**SWEPT / _tiles(latent_rows))


def strip_ends(decoder: DecoderShape, latent_rows: int, strips: int) -> list[int]:
    """Where each strip ends, in rows of the first swept level; at most `strips`, fewer where rows are few.

    By the last level, the most expensive, a strip lies `lag` rows higher than it began. The first strip
    is longer by that much and the last one shorter, so that all are of so many tiles there.
    """
    rows, tiles, tile = latent_rows * 2**SWEPT, _tiles(latent_rows), tile_rows(latent_rows)
    waiting, scale = 0.0, 1
    for _ in range(SWEPT, len(decoder.widths) - 2):
        waiting += 2 * decoder.blocks / scale  # one row for each convolution
        scale *= 2
        waiting += 1 / scale
    lag, strips = ceil(waiting), max(1, min(strips, tiles))
    ends = [round(tiles * n / strips) * tile + lag for n in range(1, strips)]
    return [*(end for end in ends if end < rows), rows]


def decode_peak(
    decoder: DecoderShape, width: int, height: int, cut: DecodeCut, bytes_per_value: int = 2
) -> int:
    """Bytes on the device at the most while a video of `width`×`height` pixels is decoded with `cut`.

    Weights of the decoder, what is remembered of the past, and what is computed. Not in it: the latent,
    the encoder, scratch memory of the convolutions themselves.
    """
    rows, columns = height // 16, width // 16
    before, strips, x = _walks(decoder, rows, columns, strip_ends(decoder, rows, cut.strips))
    pasts = [strip.past for strip in strips]
    kept = before.past + (max(pasts) if cut.offload else sum(pasts))
    kept += max(walk.widest for walk in (before, *strips))
    peak, done = before.peak, 0
    for strip in strips:
        peak = max(peak, x + done + strip.peak)
        done += strip.result
    shown = done * 4  # bytes: the caller still has the chunk before, in float32
    return (weights(decoder) + kept + peak) * bytes_per_value + shown


def decode_reserved(
    decoder: DecoderShape, width: int, height: int, cut: DecodeCut, bytes_per_value: int = 2
) -> int:
    """The same with scratch memory of the convolutions, and with what lies unused between allocations.

    How much these are was measured on a GPU with the official VAE: 0.21 GiB to 0.41 GiB.
    """
    peak = decode_peak(decoder, width, height, cut, bytes_per_value)
    return peak + peak * 3 // 100 + min(peak // 8, _SCRATCH)


def remembered(
    decoder: DecoderShape, rows: int, columns: int, ends: Sequence[int]
) -> tuple[int, list[int], int]:
    """How many values are kept of earlier frames, before the strips and of each that ends at `ends`, and how
    many the largest input of a layer has.
    """
    before, strips, _ = _walks(decoder, rows, columns, ends)
    return before.past, [strip.past for strip in strips], max(walk.widest for walk in (before, *strips))


def _walks(
    decoder: DecoderShape, rows: int, columns: int, ends: Sequence[int]
) -> tuple[_Walk, list[_Walk], int]:
    """The walk before the swept levels, one for each strip, and how many values are between them."""
    before = _Walk(rows, columns)
    x = before.beginning(decoder)
    strips: list[_Walk] = []
    for start, end in pairwise([0, *ends]):
        strip = _Walk(end - start, columns * 2**SWEPT, before.frames, start == 0, end == ends[-1])
        strip.tile = tile_rows(rows)
        strip.edges = strips[-1].edges if strips else 0
        strip.swept(decoder)
        strips.append(strip)
    return before, strips, x


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
    """A walk through layers with one strip (or, `top` and `bottom`, all) of the rows."""

    rows: int
    columns: int
    frames: int = 1
    top: bool = True
    bottom: bool = True
    tile: int | None = None  # rows that go through a layer at once; None: all
    edges: int = 0  # values kept of the strip above
    held: int = 0  # values that live beside all of the walk
    past: int = 0  # values kept of earlier frames
    widest: int = 0  # values of the largest input, with what its layer sees around it
    peak: int = 0
    result: int = 0

    def size(self, channels: int) -> int:
        """Values of a tensor here."""
        return channels * self.frames * self.rows * self.columns

    def at_once(self, channels: int) -> int:
        """Values of as much of one as goes through a layer at once."""
        return channels * self.frames * (self.rows if self.tile is None else self.tile) * self.columns

    @property
    def keeps(self) -> bool:
        """Whether this is where rows for the strips below are counted first."""
        return self.top and not self.bottom

    def note(self, *living: int) -> None:
        self.peak = max(self.peak, self.edges + self.held + sum(living))

    def beginning(self, decoder: DecoderShape) -> int:
        """What runs whole; its result, in values."""
        wide = decoder.widths[0]
        x = self.convolve(decoder.z_dim, wide, 0)
        self.block(wide, wide, 0)
        self.note(8 * x)  # attention: itself, its norm, query, key and value, twice, for their layout
        self.block(wide, wide, 0)
        for n in range(SWEPT):
            x = self.level(decoder, n)
        return x

    def swept(self, decoder: DecoderShape) -> None:
        """What runs in strips, and behind the last doubling of frames a frame at a time."""
        x = 0
        for n in range(SWEPT, decoder.timed):
            x = self.level(decoder, n)
        frames, rows, columns, tile, past = self.frames, self.rows, self.columns, self.tile, self.past
        for _ in range(frames):
            self.frames, self.rows, self.columns, self.tile, self.past = 1, rows, columns, tile, past
            self.held = x + self.result - self.size(decoder.widths[decoder.timed])  # the frame is a part of x
            for n in range(decoder.timed, len(decoder.widths) - 1):
                self.level(decoder, n)
                self.held = x + self.result
            wide = decoder.widths[-1]
            self.result += self.convolve(wide, PIXELS, self.size(wide))
        self.held = 0
        self.note(2 * self.result)  # frames, and all of them in one

    def level(self, decoder: DecoderShape, n: int) -> int:
        channels, out = decoder.widths[n : n + 2]
        x, given = self.size(channels), self.rows
        y = self.block(channels, out, 0)
        for _ in range(decoder.blocks - 1):
            y = self.block(out, out, x)
        if n == len(decoder.widths) - 2:
            return y
        held, y = x + y, 0
        if decoder.time_up[n]:
            y = self.convolve(out, 2 * out, held, around=0)
            self.frames *= 2
            y = self.size(out)  # with its frames in order
            self.note(held, 2 * y)
        joined = 0 if self.top else x + x // given * (2 * decoder.blocks + 1)
        self.rows, self.columns = 2 * self.rows, 2 * self.columns
        self.tile = self.tile and 2 * self.tile
        y = self.convolve(out, out, held + y, before=0)
        self.edges += x // given * (2 * decoder.blocks + 1) if self.keeps else 0
        self.note(x, y, joined)
        return y

    def block(self, channels: int, out: int, held: int) -> int:
        """A residual block beside `held`; its result, in values."""
        x, given, row = self.size(channels), self.rows, self.size(out) // self.rows
        y = self.convolve(channels, out, held + x)
        y = self.convolve(out, out, held + x + y)
        shortcut = row * given if channels != out else 0
        if shortcut and self.tile is not None:
            self.widest = max(self.widest, self.at_once(channels))
            self.note(held, x, y, shortcut, self.at_once(out))
        joined = 0 if self.top else row * (given + 2)
        self.edges += 2 * row if self.keeps else 0
        self.note(held, x, y, shortcut, joined)
        return y

    def convolve(self, channels: int, out: int, held: int, before: int = 2, around: int = 1) -> int:
        """A convolution that sees so many frames before and rows around; its result, in values."""
        row = channels * (self.frames + before) * self.columns
        window = row * (self.rows if self.tile is None else self.tile + 2 * around)
        self.past += before * channels * self.rows * self.columns
        self.edges += 2 * around * row if self.keeps else 0
        self.rows += (self.bottom - self.top) * around
        y, part = self.size(out), self.at_once(out)
        self.widest = max(self.widest, window)
        self.note(held, part, y if y > part else 0)
        return y
