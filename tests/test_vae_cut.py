"""A video decoded in strips of rows is the video decoded whole, in less memory."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from contextlib import closing
from math import log10
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tests.golden_set import Folder, difference
from wan_core.memory import Pinned
from wan_core.vae import causal
from wan_core.vae.causal import Fill, Past, Sweep
from wan_core.vae.vae22 import VAEConfig, WanVAE22
from wan_core.vae_memory import (
    WAN22,
    WHOLE,
    DecodeCut,
    decode_peak,
    strip_ends,
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


@pytest.mark.parametrize("offload", [False, True])
@pytest.mark.parametrize(("rows", "strips", "run"), [(22, 2, 2), (22, 4, 4), (25, 3, 3), (44, 8, 8)])
def test_a_video_decoded_in_strips_is_the_video_decoded_whole(
    golden: WanVAE22, rows: int, strips: int, run: int, offload: bool
) -> None:
    z = latent(rows, frames=4)
    assert len(strip_ends(golden.config.decoder, rows, strips)) == run
    assert difference(decode(golden, z, DecodeCut(strips, offload)), decode(golden, z)) <= 1e-5


@pytest.mark.parametrize("strips", [2, 3, 4])
def test_so_is_that_of_a_decoder_of_other_depth_and_widths(tiny: WanVAE22, strips: int) -> None:
    z = latent(24)
    assert difference(decode(tiny, z, DecodeCut(strips)), decode(tiny, z)) <= 1e-5


@pytest.mark.parametrize("rows", [1, 4, 22, 30])
def test_more_strips_than_there_are_rows_for_are_as_many_as_there_are_rows_for(
    golden: WanVAE22, rows: int
) -> None:
    z = latent(rows, frames=2)
    assert difference(decode(golden, z, DecodeCut(99, True)), decode(golden, z)) <= 1e-5


@pytest.mark.parametrize("height", [480, 704, 960, 1280, 2048])
@pytest.mark.parametrize("strips", [1, 2, 3, 4, 6, 8, 99])
def test_strips_cover_all_rows_once_and_none_is_empty(height: int, strips: int) -> None:
    ends = strip_ends(WAN22, height // 16, strips)
    assert ends == sorted(set(ends)) and ends[0] > 0 and ends[-1] == height // 8
    assert len(ends) <= strips


def test_the_shipped_model_decodes_in_strips_to_the_same_picture() -> None:
    state = load_file(MINI / "vae.safetensors")
    own = json.loads((MINI / "model.json").read_text(encoding="utf-8"))["vae"]
    vae = WanVAE22(VAEConfig.from_weights(state, own["latent_mean"], own["latent_std"]))
    vae = vae.to(state["conv2.weight"].dtype).eval()
    vae.load_state_dict(state)
    vae.pack()
    z = latent(22, frames=2)  # its own videos are not as tall, and never cut
    assert len(strip_ends(vae.config.decoder, 22, 2)) == 2
    error = (decode(vae, z, DecodeCut(2)).double() - decode(vae, z).double()).square().mean().item()
    assert error == 0 or 10 * log10(2**2 / error) >= 55


def test_no_row_is_laid_out_twice(golden: WanVAE22, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []

    def counting(past: Past, layer: Any, shape: Any, fill: Fill, like: Tensor) -> Tensor:
        def counted(into: Tensor, start: int, end: int) -> None:
            rows.append(into.numel())
            fill(into, start, end)

        return convolve(past, layer, shape, counted, like)

    convolve = Past.convolve
    monkeypatch.setattr(Past, "convolve", counting)
    work = []
    for cut in (WHOLE, DecodeCut(4)):
        rows.clear()
        decode(golden, latent(25), cut)
        work.append(sum(rows))
    assert work[0] == work[1]


def test_a_convolution_gets_inputs_of_one_shape_however_the_strips_are_cut(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So whatever a library chooses by shape, layout and alignment, it chooses the same."""
    seen: set[tuple[Any, ...]] = set()

    def watched(convolve: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def watching(x: Tensor, weight: Tensor, *more: Any, **named: Any) -> Tensor:
            seen.add((weight.data_ptr(), x.shape, x.stride(), x.data_ptr() % 64))
            return convolve(x, weight, *more, **named)

        return watching

    for name in ("conv2d", "conv3d"):
        monkeypatch.setattr(F, name, watched(getattr(F, name)))
    shapes = []
    for cut in (WHOLE, DecodeCut(2), DecodeCut(4), DecodeCut(4, offload=True)):
        seen.clear()
        decode(golden, latent(25), cut)
        shapes.append(seen.copy())
    assert len(shapes[0]) > 20 and all(each == shapes[0] for each in shapes)


@pytest.mark.parametrize("row", [0, -1])
def test_every_row_remembered_of_the_strip_above_is_needed(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch, row: int
) -> None:
    class Forgetful(dict[Any, Tensor]):
        def __setitem__(self, layer: Any, rows: Tensor) -> None:
            rows[:, :, row] = 0
            super().__setitem__(layer, rows)

    def forgetful(sweep: Sweep) -> None:
        sweep.bottom, sweep.rows = False, Forgetful()

    z = latent(22)
    whole = decode(golden, z)
    monkeypatch.setattr(Sweep, "__init__", forgetful)
    apart = (decode(golden, z, DecodeCut(2)) - whole).abs().amax(dim=(0, 1, 3))  # of each row
    assert apart.max() > 1e-3
    seam = (strip_ends(golden.config.decoder, 22, 2)[0] * 4 - 46) * 2  # 46: rows waited for in all
    assert apart[:seam].max() <= 1e-5 < apart[seam:][:2].max()


@pytest.mark.parametrize("chunks", [1, 3])
def test_stopping_gives_back_the_ram_that_the_past_waits_in(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    rooms: list[Pinned] = []

    def pinned(nbytes: int, device: torch.device) -> Pinned:
        rooms.append(Pinned(nbytes, device))
        return rooms[-1]

    monkeypatch.setattr(causal, "Pinned", pinned)
    with closing(golden.decode_chunks(latent(22, frames=4), DecodeCut(2, offload=True))) as decoding:
        for _ in range(chunks):
            next(decoding)
        assert rooms and all(room.bytes.nbytes for room in rooms)
    assert not any(room.bytes.nbytes for room in rooms)


def test_strips_have_one_room_on_the_device_in_turns_and_each_its_own_in_ram(
    golden: WanVAE22, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def rest(past: Past) -> None:
        to_ram(past)
        assert past._room is not None and past._waiting is not None
        seen.append((past._room.data_ptr(), past._waiting.bytes.data_ptr()))

    to_ram = Past.rest
    monkeypatch.setattr(Past, "rest", rest)
    decode(golden, latent(22, frames=4), DecodeCut(2, offload=True))
    assert len({room for room, _ in seen}) == 1
    assert seen[0::2] == [seen[0]] * 4 and seen[1::2] == [seen[1]] * 4 and seen[0] != seen[1]


@pytest.mark.parametrize("cut", [WHOLE, DecodeCut(2), DecodeCut(2, offload=True)], ids=str)
def test_what_is_remembered_just_fits_its_room(
    golden: WanVAE22, cut: DecodeCut, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []

    def close(past: Past) -> None:
        assert past._room is not None
        left.append(past._room.numel() - past.used)
        assert all(
            frames.untyped_storage().data_ptr() == past._room.untyped_storage().data_ptr()
            for frames in past._frames.values()
        )
        end(past)

    end = Past.close
    monkeypatch.setattr(Past, "close", close)
    decode(golden, latent(22, frames=4), cut)
    assert left[0] == left[1] == 0 and (cut.offload or not any(left))


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
@pytest.mark.parametrize("cut", [WHOLE, DecodeCut(3), DecodeCut(8), DecodeCut(4, True)], ids=str)
def test_decoding_takes_the_memory_that_was_foretold(
    size: tuple[int, int], cut: DecodeCut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Past, "rest", lambda past: None)  # neither weights nor video have a content
    monkeypatch.setattr(Past, "fetch", lambda past: None)
    width, height = size
    with torch.device("meta"):
        vae = WanVAE22(FULL).to(torch.bfloat16).eval()
    vae.pack()
    with torch.device("meta"), torch.inference_mode(), Live() as live:
        for _ in vae.decode_chunks(torch.empty(48, 3, height // 16, width // 16), cut):
            pass
    taken = live.peak + 2 * weights(WAN22)
    assert decode_peak(WAN22, width, height, cut) == pytest.approx(taken, rel=0.02)


def test_a_video_of_full_size_decodes_in_little_memory() -> None:
    assert decode_peak(WAN22, 1280, 704, DecodeCut(8)) < 4.75 * GIB
    assert decode_peak(WAN22, 1280, 704, DecodeCut(4, offload=True)) < 3.5 * GIB
    assert decode_peak(WAN22, 1280, 704, DecodeCut(8, offload=True)) < 2.25 * GIB


def test_the_weights_of_the_decoder_are_counted_right(golden: WanVAE22, tiny: WanVAE22) -> None:
    assert FULL.decoder == WAN22
    for vae in (golden, tiny):
        count = sum(p.numel() for part in (vae.conv2, vae.decoder) for p in part.parameters())
        assert weights(vae.config.decoder) == count
