"""A video decoded in strips of rows is the video decoded whole, in less memory."""

from __future__ import annotations

import json
import weakref
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tests.golden_set import Folder
from wan_core.memory import Pinned
from wan_core.vae import rooms as vae_rooms
from wan_core.vae.causal import Fill
from wan_core.vae.rooms import Rooms
from wan_core.vae.strips import Strip
from wan_core.vae.vae22 import VAEConfig, WanVAE22
from wan_core.vae_memory import (
    CUTS,
    WAN22,
    WHOLE,
    DecodeCut,
    VAEShape,
    bands_of,
    decode_peak,
    decode_reserved,
    encoder_weights,
    strips_of,
    weights,
)

HERE = Path(__file__).parent
MINI = HERE.parent / "models" / "wan-mini"
GIB = 2**30
FULL = VAEConfig(dim=160, dec_dim=256, z_dim=48, dim_mult=(1, 2, 4, 4), num_res_blocks=2)
TINY = VAEConfig(dim=4, dec_dim=4, z_dim=48, dim_mult=(1, 2, 2, 4), num_res_blocks=1)


@pytest.fixture(scope="module")
def golden() -> WanVAE22:
    return Folder(HERE / "golden" / "vae22").vae


@pytest.fixture(scope="module")
def tiny() -> WanVAE22:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return WanVAE22(TINY).eval()


def latent(rows: int, columns: int = 3, frames: int = 3) -> Tensor:
    return torch.randn(48, frames, rows, columns, generator=torch.Generator().manual_seed(rows))


def decode(vae: WanVAE22, z: Tensor, cut: DecodeCut = WHOLE) -> Tensor:
    return torch.cat(list(vae.decode_chunks(z, cut)), dim=1)


def strips(vae: WanVAE22, rows: int, cut: DecodeCut) -> list[list[int]]:
    return strips_of(bands_of(vae.config.decoder, rows), cut.strips)


@pytest.mark.parametrize("rooms", [1, 2, 4])
@pytest.mark.parametrize(("rows", "count", "run"), [(22, 2, 2), (22, 4, 4), (25, 3, 2), (44, 8, 4)])
def test_a_video_decoded_in_strips_is_the_video_decoded_whole_to_the_bit(
    golden: WanVAE22, rows: int, count: int, run: int, rooms: int
) -> None:
    z, cut = latent(rows, frames=4), DecodeCut(count, rooms)
    assert len(strips(golden, rows, cut)) == run
    assert torch.equal(decode(golden, z, cut), decode(golden, z))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_so_is_that_of_a_decoder_of_other_depth_and_widths(tiny: WanVAE22, count: int) -> None:
    z = latent(24)
    assert torch.equal(decode(tiny, z, DecodeCut(count, 2)), decode(tiny, z))


@pytest.mark.parametrize("rows", [1, 4, 12, 22, 30])
def test_more_strips_than_there_are_rows_for_are_as_many_as_there_are_rows_for(
    golden: WanVAE22, rows: int
) -> None:
    z = latent(rows, frames=2)
    assert torch.equal(decode(golden, z, DecodeCut(99, 1)), decode(golden, z))


@pytest.mark.parametrize("height", [16, 96, 480, 704, 960, 1280, 2048])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 99])
def test_strips_cover_all_rows_once_and_no_band_is_empty(height: int, count: int) -> None:
    bands = bands_of(WAN22, height // 16)
    cut = strips_of(bands, count)
    assert [rows for strip in cut for rows in strip] == bands and 0 < len(cut) <= count
    assert sum(bands) == height // 8 and min(bands) > 0


def shipped(dtype: torch.dtype) -> WanVAE22:
    state = load_file(MINI / "vae.safetensors")
    own = json.loads((MINI / "model.json").read_text(encoding="utf-8"))["vae"]
    vae = WanVAE22(VAEConfig.from_weights(state, own["latent_mean"], own["latent_std"])).to(dtype).eval()
    vae.load_state_dict(state)
    vae.pack()
    return vae


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_shipped_model_decodes_in_strips_to_the_same_picture(dtype: torch.dtype) -> None:
    vae, z = shipped(dtype), latent(22, frames=2)  # its own videos are not as tall, and never cut
    assert torch.equal(decode(vae, z, DecodeCut(4, 2)), decode(vae, z))


def test_a_frame_is_laid_out_once_and_never_moved(golden: WanVAE22, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []

    def counting(strip: Strip, layer: Any, shape: Any, fill: Fill, like: Tensor) -> Tensor:
        def counted(into: Tensor, start: int, end: int) -> None:
            rows.append(into.numel())
            fill(into, start, end)

        return convolve(strip, layer, shape, counted, like)

    convolve = Strip.convolve
    monkeypatch.setattr(Strip, "convolve", counting)
    work = []
    for cut in (WHOLE, DecodeCut(4, 1)):
        rows.clear()
        decode(golden, latent(25), cut)
        work.append(sum(rows))
    assert work[0] == work[1]


def test_a_library_is_asked_for_the_same_convolutions_however_the_strips_are_cut(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So whatever it chooses by shape, layout, alignment or place in the picture, it chooses the same."""
    asked: Counter[tuple[Any, ...]] = Counter()

    def watched(convolve: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def watching(x: Tensor, weight: Tensor, *more: Any, **named: Any) -> Tensor:
            asked[weight.shape, x.shape, x.stride(), x.data_ptr() % 16, float(x.double().sum())] += 1
            return convolve(x, weight, *more, **named)

        return watching

    for name in ("conv2d", "conv3d"):
        monkeypatch.setattr(F, name, watched(getattr(F, name)))
    seen = []
    for cut in (WHOLE, DecodeCut(2, 2), *CUTS[1:]):
        asked.clear()
        decode(golden, latent(25), cut)
        seen.append(asked.copy())
    assert sum(seen[0].values()) > 100 and all(each == seen[0] for each in seen)


@pytest.mark.parametrize("row", [0, -1])
def test_every_row_remembered_of_the_strip_above_is_needed(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch, row: int
) -> None:
    def forgetful(strip: Strip, key: Any, rows: Tensor) -> None:
        rows.movedim(-3, 0)[row] = 0
        tell(strip, key, rows)

    z = latent(22)
    whole = decode(golden, z)
    tell = Strip._tell
    monkeypatch.setattr(Strip, "_tell", forgetful)
    apart = (decode(golden, z, DecodeCut(2, 2)) - whole).abs().amax(dim=(0, 1, 3))  # of each row
    assert apart.max() > 1e-3
    seam = (sum(strips(golden, 22, DecodeCut(2))[0]) * 4 - 46) * 2  # 46: rows waited for in all
    assert apart[:seam].max() == 0 < apart[seam:][:2].max()


@pytest.mark.parametrize("chunks", [1, 3])
def test_stopping_gives_back_the_ram_that_the_past_waits_in(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    taken: list[Pinned] = []

    def pinned(nbytes: int, device: torch.device) -> Pinned:
        taken.append(Pinned(nbytes, device))
        return taken[-1]

    monkeypatch.setattr(vae_rooms, "Pinned", pinned)
    with closing(golden.decode_chunks(latent(22, frames=4), DecodeCut(2, 1))) as decoding:
        for _ in range(chunks):
            next(decoding)
        assert taken and all(room.bytes.nbytes for room in taken)
    assert not any(room.bytes.nbytes for room in taken)


@pytest.mark.parametrize(("count", "rooms"), [(2, 1), (3, 1), (3, 2), (4, 2), (5, 3), (4, 4)])
def test_each_strip_finds_in_its_room_what_it_left_there(count: int, rooms: int) -> None:
    sizes = [8 + n for n in range(count)]
    turns = Rooms(sizes, rooms, torch.empty(0))
    for round in range(3):
        for strip, size in enumerate(sizes):
            turns.enter(strip)
            room = turns[strip][:size]
            assert round == 0 or room.tolist() == [100.0 * strip + round - 1] * size
            room.fill_(100 * strip + round)
            turns.leave(strip)
    assert len({turns[strip].data_ptr() for strip in range(count)}) == rooms
    turns.close()


@pytest.mark.parametrize("cut", [WHOLE, DecodeCut(2, 2), *CUTS[1:]], ids=str)
def test_what_is_remembered_just_fits_its_room(
    golden: WanVAE22, cut: DecodeCut, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[Strip, int]] = []

    def noted(strip: Strip, bands: Any, room: Tensor, **named: Any) -> None:
        made.append((strip, room.numel()))
        make(strip, bands, room, **named)

    make = Strip.__init__
    monkeypatch.setattr(Strip, "__init__", noted)
    decode(golden, latent(22, frames=4), cut)
    left = [size - strip.used for strip, size in made]
    assert min(left) == 0 and (cut.rooms < cut.strips or not any(left))


class Live(TorchDispatchMode):
    """Bytes of the tensors that are alive, whatever device they pretend to be on."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = self.bytes = 0
        self.seen: set[int] = set()

    def __torch_dispatch__(
        self, call: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = call(*args, **kwargs or {})
        for tensor in out if isinstance(out, (tuple, list)) else [out]:
            if not isinstance(tensor, Tensor) or tensor.untyped_storage()._cdata in self.seen:
                continue
            storage = tensor.untyped_storage()
            self.seen.add(storage._cdata)
            self.bytes += storage.nbytes()
            self.peak = max(self.peak, self.bytes)
            weakref.finalize(storage, self.gone, storage._cdata, storage.nbytes())
        return out

    def gone(self, key: int, size: int) -> None:
        self.seen.discard(key)
        self.bytes -= size


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1280, 704), (480, 832)])
@pytest.mark.parametrize("cut", [WHOLE, DecodeCut(2, 2), *CUTS[1:]], ids=str)
def test_decoding_takes_the_memory_that_was_foretold(
    size: tuple[int, int], cut: DecodeCut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rooms, "leave", lambda rooms, strip: None)  # neither weights nor video have a content
    # A GPU norms in one kernel, into a tensor of its own.
    monkeypatch.setattr(F, "rms_norm", lambda x, *_: torch.empty_like(x))
    width, height = size
    with torch.device("meta"):
        vae = WanVAE22(FULL).to(torch.bfloat16).eval()
    vae.pack()
    with torch.device("meta"), torch.inference_mode(), Live() as live:
        live.seen.update(p.untyped_storage()._cdata for p in vae.parameters())
        for _ in vae.decode_chunks(torch.empty(48, 3, height // 16, width // 16), cut):
            pass
    taken = live.peak + 2 * weights(WAN22)
    assert decode_peak(WAN22, width, height, cut) == pytest.approx(taken, rel=0.02)


def test_a_video_of_full_size_decodes_in_little_memory() -> None:
    peaks = [decode_peak(WAN22, 1280, 704, cut) / GIB for cut in CUTS]
    assert peaks[0] < 6.5 and peaks[1] < 4.25 and peaks[2] < 3


@pytest.mark.parametrize(("cut", "measured"), list(zip(CUTS, (6.95, 4.43, 3.28), strict=True)), ids=str)
def test_what_a_gpu_reserved_was_foretold(cut: DecodeCut, measured: float) -> None:
    """GiB at 1280×704 in bf16 on an H200: `python -m benchmarks.decode`."""
    reserved = decode_reserved(WAN22, 1280, 704, cut) + 2 * encoder_weights(VAEShape())
    assert 0.97 < reserved / GIB / measured < 1.1


def test_the_weights_of_the_decoder_are_counted_right(golden: WanVAE22, tiny: WanVAE22) -> None:
    assert FULL.decoder == WAN22
    for vae in (golden, tiny):
        count = sum(p.numel() for part in (vae.conv2, vae.decoder) for p in part.parameters())
        assert weights(vae.config.decoder) == count
