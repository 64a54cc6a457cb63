"""Never lost to memory: a plan that fits, and a job that goes on with a smaller one when it did not."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tests.test_pipeline import ask
from wan_core import loading, memory
from wan_core.checkpoint import inspect
from wan_core.dit.block import Block
from wan_core.errors import NotEnoughMemory
from wan_core.events import Finished, Progress, finish
from wan_core.pipeline import Pipeline
from wan_core.plan import GIB, RESERVE, Weights, choose, text_stays
from wan_core.vae.vae22 import WanVAE22
from wan_core.vae_memory import CUTS, WHOLE, DecodeCut
from wan_core.variants import TI2V_5B

OFFICIAL = Weights(
    dim=3072,
    ffn_dim=14336,
    text_len=512,
    out_dim=48,
    blocks=30,
    block=327_000_000,
    rest=1_700_000_000,
    width=2,
    vae_width=2,
)
LARGEST = TI2V_5B.grid(1280, 704, 121)


def decoding(cut: DecodeCut) -> int:
    return {WHOLE: 5, CUTS[-1]: 1}.get(cut, 3) * GIB


@pytest.mark.parametrize("gib", [4.75, 6.75, 10.5, 22])
def test_a_plan_fits_the_room_there_is_and_uses_it(gib: float) -> None:
    room = int(gib * GIB)
    plan = choose(OFFICIAL, LARGEST, 1, decoding, room)
    assert plan.peak <= room - RESERVE
    assert plan.resident == 30 or plan.denoise + OFFICIAL.block > room - RESERVE


def test_more_room_keeps_more_blocks_and_cuts_less() -> None:
    plans = [choose(OFFICIAL, LARGEST, 1, decoding, int(gib * GIB)) for gib in (4.5, 6, 8, 12, 16)]
    assert sorted(plan.resident for plan in plans) == [plan.resident for plan in plans]
    order = [CUTS.index(plan.cut) for plan in plans]
    assert sorted(order, reverse=True) == order and plans[-1].cut == WHOLE


def test_without_a_limit_everything_stays() -> None:
    plan = choose(OFFICIAL, LARGEST, 1, decoding, None)
    assert (plan.resident, plan.beside_decoder, plan.cut) == (30, 30, WHOLE)


def test_what_cannot_fit_is_refused_with_the_numbers() -> None:
    with pytest.raises(NotEnoughMemory) as refusal:
        choose(OFFICIAL, LARGEST, 1, decoding, 2 * GIB)
    assert "2.0 GiB are free" in refusal.value.reason
    assert refusal.value.hint


def test_little_ram_leaves_the_weights_on_disk() -> None:
    assert choose(OFFICIAL, LARGEST, 1, decoding, 5 * GIB, ram=32 * GIB).pinned
    assert not choose(OFFICIAL, LARGEST, 1, decoding, 5 * GIB, ram=6 * GIB).pinned


def test_the_plan_says_itself_in_one_line() -> None:
    line = str(choose(OFFICIAL, LARGEST, 1, decoding, 6 * GIB))
    assert line.startswith("[Memory] 6.0 GiB free: ") and "of 30 blocks" in line and "\n" not in line


def made(pipeline: Pipeline, folder: Path, **wish: Any) -> tuple[Tensor, bytes]:
    """The latent and the mp4 of a request."""
    folder.mkdir()
    events = list(pipeline.generate(ask(**{"steps": 3, **wish}), out=folder / "v.mp4", work=folder))
    assert isinstance(events[-1], Finished)
    return load_file(folder / "latent.safetensors")["latent"], (folder / "v.mp4").read_bytes()


class Full:
    """A device that refuses memory at its `nth` call, and then has enough again."""

    def __init__(self, nth: int, times: int = 1) -> None:
        self.left, self.times = nth, times

    def __call__(self) -> None:
        self.left -= 1
        if self.left <= 0 < self.times:
            self.times -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


@pytest.mark.parametrize("times", [1, 3])
def test_where_there_is_no_room_for_the_blocks_fewer_of_them_stay(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    full, place = Full(1, times), pipeline.blocks.settle

    def failing(resident: int, pinned: bool | None = None) -> Generator[int, None, None]:
        if resident:
            full()
        yield from place(resident, pinned)

    monkeypatch.setattr(pipeline.blocks, "settle", failing)
    count = len(pipeline.blocks)
    finish(pipeline.warm())
    assert pipeline.blocks.resident == max(0, count - times)
    finish(place(count))


def test_on_windows_a_slow_step_on_a_full_card_takes_blocks_off_it(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    latent, video = made(pipeline, tmp_path / "whole", steps=8)
    count, answers = len(pipeline.blocks), iter([False] * 4 + [True, False, False])
    monkeypatch.setattr(memory.SpillWatch, "slow", lambda *_: next(answers))
    again, other = made(pipeline, tmp_path / "spilled", steps=8)
    assert torch.equal(again, latent) and other == video
    assert "going on with" in caplog.text and pipeline.blocks.resident < count
    finish(pipeline.blocks.settle(count))


@pytest.mark.parametrize(
    ("platform", "free", "seconds", "slow"),
    [
        ("win32", 0, 1.6, True),
        ("win32", 0, 1.4, False),
        ("win32", GIB, 9.0, False),
        ("linux", 0, 9.0, False),
    ],
)
def test_a_card_spills_where_a_step_is_slow_and_nothing_is_free(
    monkeypatch: pytest.MonkeyPatch, platform: str, free: int, seconds: float, slow: bool
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *_: (free, 8 * GIB))
    watch = memory.SpillWatch(torch.device("cuda"))
    assert [watch.slow(one) for one in (4.0, 1.0, 1.0)] == [False] * 3  # compiling is no spilling
    assert watch.slow(seconds) is slow


def test_a_request_holds_no_more_than_planned_and_the_plan_stays_what_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share, gpu = [0.5], torch.device("cuda", 0)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *_: (7 * GIB, 8 * GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda *_: GIB)
    monkeypatch.setattr(torch.cuda, "get_per_process_memory_fraction", lambda *_: share[0])
    monkeypatch.setattr(
        torch.cuda, "set_per_process_memory_fraction", lambda part, *_: share.__setitem__(0, part)
    )
    assert memory.room(gpu) == 4 * GIB
    for _ in range(2):
        memory.hold(gpu, 3 * GIB)
        assert share == [3 / 8] and memory.room(gpu) == 4 * GIB
    memory.let_go(gpu)
    memory.let_go(gpu)
    assert share == [0.5]


def test_a_text_encoder_stays_where_four_gib_are_left_beside_all_weights() -> None:
    assert text_stays(11 * GIB, 10 * GIB, 25 * GIB) == 11 * GIB
    assert text_stays(11 * GIB, 10 * GIB, 24 * GIB) == 0
    assert text_stays(11 * GIB, 10 * GIB, None) == 0


@pytest.mark.parametrize("call", [1, 2, 4, 5, 6])
def test_a_job_that_runs_out_of_memory_at_any_block_gives_the_same_video(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    latent, video = made(pipeline, tmp_path / "whole")
    full, forward = Full(call), Block.forward

    def failing(self: Block, *given: Any) -> Tensor:
        full()
        return forward(self, *given)

    monkeypatch.setattr(Block, "forward", failing)
    again_latent, again_video = made(pipeline, tmp_path / "again")
    assert full.times == 0
    assert torch.equal(again_latent, latent) and again_video == video


def test_a_job_goes_on_from_its_last_finished_step(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, forward, calls = Full(6), Block.forward, []

    def failing(self: Block, *given: Any) -> Tensor:
        full()
        calls.append(self)
        return forward(self, *given)

    monkeypatch.setattr(Block, "forward", failing)
    steps = [
        event.step
        for event in pipeline.generate(ask(steps=3), out=tmp_path / "v.mp4", work=tmp_path)
        if isinstance(event, Progress) and event.phase == "denoise"
    ]
    assert sorted(steps) == steps
    assert len(calls) == 3 * 2 + 1  # the third step's first block ran twice


@pytest.mark.parametrize("call", [1, 2, 3])
def test_decoding_that_runs_out_of_memory_begins_again_in_smaller_strips(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    latent, _ = made(pipeline, tmp_path / "whole")
    full, decode, cuts = Full(call), WanVAE22.decode_chunks, []

    def failing(self: WanVAE22, z: Tensor, cut: DecodeCut = WHOLE) -> Generator[Tensor, None, None]:
        cuts.append(cut)
        for chunk in decode(self, z, cut):
            full()
            yield chunk

    monkeypatch.setattr(WanVAE22, "decode_chunks", failing)
    again, video = made(pipeline, tmp_path / "again")
    assert cuts == [CUTS[0], CUTS[1]] and full.times == 0
    assert torch.equal(again, latent) and len(video) > 1000


@pytest.mark.parametrize("resident", [2, 1, 0])
def test_blocks_of_a_prepared_copy_give_the_same_video_wherever_they_are(
    pipeline: Pipeline,
    checkpoint_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    resident: int,
) -> None:
    monkeypatch.setattr("wan_core.checkpoint.WORTH_A_COPY", 0)
    latent, video = made(pipeline, tmp_path / "whole")
    for pinned in (True, False):
        keeping = loading.Keeping(folder=tmp_path / "cache")
        other = finish(loading.load(inspect(checkpoint_folder), keeping=keeping))
        assert list((tmp_path / "cache" / "prepared").rglob("dit-*.safetensors"))
        finish(other.blocks.settle(resident, pinned))
        monkeypatch.setattr(Pipeline, "_settle", lambda *given: iter(()))
        again_latent, again_video = made(other, tmp_path / f"again-{pinned}")
        assert other.blocks.resident == resident
        assert torch.equal(again_latent, latent) and again_video == video
        other.close()


def test_a_device_that_never_has_enough_ends_the_job_in_words(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, forward = Full(1, times=99), Block.forward

    def failing(self: Block, *given: Any) -> Tensor:
        full()
        return forward(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Block, "forward", failing)
        with pytest.raises(NotEnoughMemory):
            finish(pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path))
    assert not (tmp_path / "v.mp4").exists()
    made(pipeline, tmp_path / "next")  # the next job has all blocks again
    assert pipeline.blocks.resident == len(pipeline.blocks)
