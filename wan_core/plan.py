"""Where weights are and how the decoder is cut, decided before anything runs. No torch here.

The arithmetic does not depend on any of this: neither that of latents nor that of the decoded video.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from msgspec import Struct

from wan_core.errors import NotEnoughMemory
from wan_core.shapes import LatentGrid
from wan_core.vae_memory import CUTS, WHOLE, DecodeCut, DecoderShape, decode_reserved
from wan_core.vae_memory import weights as decoder_weights
from wan_core.variants import Guidance, single

GIB = 2**30
PIECE = 4096  # tokens that go through a block at once; part of the arithmetic, so not of a plan
BATCH_TOKENS = 4096  # on a GPU, guidance runs both passes as one batch up to this many tokens
RESERVE = GIB // 4  # of the room, for what lies between pieces of memory and for other programs' next window
_BESIDE_TEXT = 4 * GIB  # what a text encoder that stays on the device leaves beside all weights
SLOTS = 2  # blocks on their way to the device, or in use there, beside those that stay


class Weights(Struct, frozen=True, kw_only=True):
    """How large a model is, in bytes as it is computed with, and the widths its activations follow from."""

    dim: int
    ffn_dim: int
    text_len: int
    out_dim: int
    blocks: int
    block: int  # bytes of one
    rest: int  # of the DiT without its blocks, and of what else stays on the device
    width: int  # bytes of a value in a matmul
    vae_width: int  # and in the VAE


class MemoryPlan(Struct, frozen=True, kw_only=True):
    """What stays on the device while a request is made, and what it comes to. Bytes."""

    resident: int  # blocks of the DiT that stay; the others come as they are needed
    blocks: int
    pinned: bool  # whether those others wait in RAM, or on disk
    cut: DecodeCut
    room: int | None  # what there was to plan with; None: no end
    beside_decoder: int  # blocks that can stay while the video is decoded
    denoise: int  # expected peaks
    decode: int

    @property
    def away(self) -> int:
        """How many blocks do not stay."""
        return self.blocks - self.resident

    @property
    def ours(self) -> int | None:
        """What may be held at most: a little of the room is kept free."""
        return None if self.room is None else self.room - RESERVE

    @property
    def peak(self) -> int:
        """The most that is expected at any time."""
        return max(self.denoise, self.decode)

    def __str__(self) -> str:
        return f"[Memory] {self.line}"

    @property
    def line(self) -> str:
        """The plan in words."""
        where = f"{self.resident} of {self.blocks} blocks stay on the device"
        if self.away:
            where += f", {self.away} wait {'in RAM' if self.pinned else 'on disk'}"
        cut = "decoded whole" if self.cut == WHOLE else f"decoded in {self.cut.strips} strips"
        cut += ", their past in RAM" if self.cut.rooms < self.cut.strips else ""
        room = "no limit" if self.room is None else f"{self.room / GIB:.1f} GiB free"
        return f"{room}: {where}; {cut}; peak about {self.peak / GIB:.1f} GiB"


def denoise_peak(model: Weights, grid: LatentGrid, passes: int, resident: int) -> int:
    """What the device holds at most while `passes` samples of `grid` go through the DiT together."""
    tokens, piece = passes * grid.tokens, passes * min(grid.tokens, PIECE)
    slots = 0 if resident == model.blocks else SLOTS
    whole = tokens * model.dim * (4 + 4 * model.width)  # residual; queries, keys, values, what they found
    part = piece * (model.dim * 24 + model.ffn_dim * 3 * model.width)
    ends = tokens * model.out_dim * 4 * 4 + passes * model.text_len * model.dim * 4 * model.width
    return model.rest + (resident + slots) * model.block + whole + part + ends


def text_stays(nbytes: int, blocks: int, room: int | None) -> int:
    """How many bytes of a text encoder of `nbytes` stay on the device beside `blocks` bytes: all or none.

    Where they do not, its layers pass through one after the other. Where there is no limit (`room` None: a
    CPU), a plan does not count them: 0.
    """
    return nbytes if room is not None and nbytes + blocks + _BESIDE_TEXT <= room else 0


def passes(guidance: Guidance) -> int:
    """How often a step goes through the DiT: guidance needs the negative prompt's answer, too."""
    return 1 if single(guidance) == 1 else 2


def plan_for(
    model: Weights,
    decoder: DecoderShape,
    grid: LatentGrid,
    width: int,
    height: int,
    together: int,
    room: int | None,
    ram: int | None,
) -> MemoryPlan:
    """The plan of one request, the same to whoever asks: the pipeline, and the sidecar before it runs.

    A video of `width`×`height` pixels is `grid`; `together` passes go through the DiT as one batch.
    `room` and `ram` are as `choose` has them. Raises NotEnoughMemory.
    """

    def decoding(cut: DecodeCut) -> int:
        peak = decode_reserved(decoder, width, height, cut, model.vae_width)
        return peak - decoder_weights(decoder) * model.vae_width

    return choose(model, grid, together, decoding, room, ram)


def choose(
    model: Weights,
    grid: LatentGrid,
    passes: int,
    decoding: Callable[[DecodeCut], int],
    room: int | None,
    ram: int | None = None,
) -> MemoryPlan:
    """The fastest plan that fits `room` bytes on the device, less a reserve, and `ram` bytes beside it.

    `decoding` tells what a cut takes beside the weights. Raises NotEnoughMemory where nothing fits.
    """
    ours = inf if room is None else room - RESERVE
    counts = range(model.blocks, -1, -1)
    resident = next((n for n in counts if denoise_peak(model, grid, passes, n) <= ours), None)
    cut = next((cut for cut in CUTS if model.rest + decoding(cut) <= ours), None)
    if resident is None or cut is None:
        assert room is not None
        least = max(denoise_peak(model, grid, passes, 0), model.rest + decoding(CUTS[-1]))
        raise too_small(least + RESERVE, room)
    decode = model.rest + decoding(cut)
    beside = min(resident, int(min(model.blocks, (ours - decode) // model.block)))
    away = (model.blocks - resident) * model.block
    return MemoryPlan(
        resident=resident,
        blocks=model.blocks,
        pinned=ram is None or away <= ram,
        cut=cut,
        room=room,
        beside_decoder=beside,
        denoise=denoise_peak(model, grid, passes, resident),
        decode=decode + beside * model.block,
    )


def too_small(needed: int, room: int) -> NotEnoughMemory:
    """The refusal of a request that no plan makes fit."""
    return NotEnoughMemory(
        f"This needs about {needed / GIB:.1f} GiB of GPU memory; {room / GIB:.1f} GiB are free.",
        "Choose a smaller size or fewer frames, or close other programs that use the graphics card.",
        case="gpu_too_small",
        needed=round(needed / GIB, 1),
        free=round(room / GIB, 1),
    )
