"""A verdict before the run: what a video would take, whether that is there, and the refusal it would meet."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import pytest
import torch

from sidecar import machine, nvidia
from sidecar.eta import effort
from sidecar.folders import SHIPPED_MODEL
from sidecar.machine import Memory
from sidecar.messages import Device
from sidecar.store import Pace
from sidecar.verdict import Question, Verdict, judge
from tests.talk import SMALL, Talk, wish
from tests.test_cli import Shell
from wan_core import device, loading, memory
from wan_core.checkpoint import inspect
from wan_core.events import finish
from wan_core.plan import BATCH_TOKENS, GIB, RESERVE
from wan_core.request import ResolvedRequest, VideoRequest, resolve

CPU = Device(kind="cpu", name="CPU", torch="2", dtype="float32")
LARGE: dict[str, object] = {"width": 320, "height": 512, "frames": 97}  # tall enough to be cut


@pytest.fixture(autouse=True)
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: Memory(total=64 * GIB, free=32 * GIB))


def gpu(gib: float) -> Device:
    return Device(kind="cuda", name="RTX", torch="2", memory_free=int(gib * GIB), dtype="bfloat16")


def judged(where: Device | None, *paces: Pace, **fields: object) -> Verdict:
    return judge(asked(where, *paces, **fields))


def asked(where: Device | None, *paces: Pace, **fields: object) -> Question:
    checkpoint = inspect(SHIPPED_MODEL)
    request: ResolvedRequest = resolve(
        VideoRequest(prompt="a lake", **fields),  # type: ignore[arg-type]
        checkpoint.variant,
        model="m",
        image=None,
        image_size=None,
        drawn_seed=1,
    )
    return Question(request, checkpoint, list(paces), where)


def pace(seconds: dict[str, float], **fields: object) -> Pace:
    question = asked(CPU, **fields)
    return Pace(effort(question.request, question.checkpoint), seconds)


def test_a_gpu_is_asked_for_the_peaks_of_its_phases() -> None:
    found = judged(gpu(8))
    assert found.fits and found.refusal is None and found.ram == 0 and found.copy == 0
    assert found.denoise and found.decode and found.plan
    assert found.plan.startswith("8.0 GiB free: 8 of 8 blocks stay on the device")
    larger = judged(gpu(8), width=512, height=512, frames=97)
    assert larger.denoise and larger.decode and larger.video > found.video
    assert larger.denoise > found.denoise and larger.decode > found.decode


def test_it_is_the_plan_that_the_pipeline_will_make(monkeypatch: pytest.MonkeyPatch) -> None:
    precision = device.Precision(torch.bfloat16, torch.bfloat16, "as on a GPU")
    here = dataclasses.replace(device.find(), precision=precision, batch_tokens=BATCH_TOKENS)
    for gib in (0.34, 0.37, 8.0):
        monkeypatch.setattr(memory, "room", lambda _, gib=gib: int(gib * GIB))
        pipeline = finish(loading.load(inspect(SHIPPED_MODEL), here))
        question = asked(gpu(gib), **LARGE)
        plan, found = pipeline.plan(question.request), judge(question)
        assert (found.denoise, found.decode, found.plan) == (plan.denoise, plan.decode, plan.line)
        pipeline.close()


def test_where_blocks_wait_their_ram_is_counted() -> None:
    whole = judged(gpu(1), **LARGE)  # too little for the text encoder to stay
    assert whole.denoise
    found = judged(gpu((whole.denoise + RESERVE) / GIB - 0.001), **LARGE)
    assert found.fits and found.ram and found.plan and "wait in RAM" in found.plan


def test_a_card_without_bf16_needs_twice_the_room_for_the_vae() -> None:
    new, old = (msgspec.structs.replace(gpu(8), dtype="float16", capability=c) for c in ("8.6", "7.5"))
    one, other = judged(new), judged(old)
    assert one.decode and other.decode and other.decode > 1.5 * one.decode


def test_a_limit_that_was_chosen_is_all_the_room_there_is() -> None:
    free = asked(gpu(8))
    held = msgspec.structs.replace(free, vram=4 * GIB)
    assert "4.0 GiB free" in str(judge(held).plan) and "8.0 GiB free" in str(judge(free).plan)
    assert judge(msgspec.structs.replace(free, vram=16 * GIB)).plan == judge(free).plan


def test_what_a_gpu_has_no_room_for_is_refused_as_generate_does() -> None:
    found = judged(gpu(0.04))
    assert found.fits is False and found.denoise is None and found.refusal
    assert (found.refusal.code, found.refusal.case) == ("VRAM_OOM", "gpu_too_small")
    assert found.refusal.values["free"] == 0.0 and found.refusal.hint


def test_on_a_cpu_the_ram_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(CPU)
    assert (found.fits, found.denoise, found.decode) == (True, None, None) and found.ram
    monkeypatch.setattr(machine, "memory", lambda: Memory(total=GIB, free=GIB // 4))
    found = judged(CPU)
    assert found.fits is False and found.refusal and found.refusal.case == "ram_too_small"
    monkeypatch.setattr(machine, "memory", lambda: None)
    assert judged(CPU).fits is None


def test_on_a_cpu_what_was_made_before_fits_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: Memory(total=GIB, free=GIB // 4))
    assert judged(CPU, pace({"denoise": 5.0})).fits is True
    assert judged(CPU, pace({"denoise": 5.0}, frames=21)).fits is False


def test_the_seconds_are_this_machines_own() -> None:
    assert judged(CPU).seconds is None
    past = pace({"load": 9.0, "text": 0.5, "denoise": 4.0, "decode": 1.0})
    assert judged(CPU, past).seconds == 5.5
    assert judged(CPU, past, steps=10).seconds == 3.5


def test_before_the_engine_has_spoken_the_cards_own_tool_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    card = nvidia.Card("RTX", 8 * GIB, 6 * GIB)
    monkeypatch.setattr(nvidia, "look", lambda: nvidia.Nvidia((card,)))
    found = judged(None)
    assert found.fits and found.plan and found.plan.startswith("5.5 GiB free")
    monkeypatch.setattr(nvidia, "look", lambda: nvidia.Nvidia())
    assert judged(None).denoise is None


def test_a_card_that_says_nothing_is_not_judged() -> None:
    found = judged(Device(kind="cuda", name="RTX", torch="2"))
    assert (found.fits, found.plan, found.denoise) == (None, None, None) and found.video


def test_a_verdict_is_given_and_nothing_is_queued(talk: Talk) -> None:
    request = wish(talk, "a lake")
    found = talk.ask("estimate", request=request)["verdict"]
    assert found["seconds"] is None and found["video"] > 0 and found["ram"] > 0
    assert talk.ask("snapshot")["jobs"] == []
    talk.news(talk.generate(**request), "done")
    assert talk.ask("estimate", request=request)["verdict"]["seconds"] is not None


@pytest.mark.parametrize(
    "wrong",
    [{"frames": 4}, {"model": "none"}, {"image": "0" * 64}, {"image": "/no/picture.png"}, {"prompt": ""}],
)
def test_what_generate_refuses_is_refused_alike(talk: Talk, wrong: dict[str, object]) -> None:
    request = {**wish(talk, "a lake"), **wrong}
    refusals = [talk.ask(op, request=request) for op in ("estimate", "generate")]
    for one in refusals:
        del one["id"]
    assert refusals[0] == refusals[1] and refusals[0]["code"]


def test_a_card_too_small_is_said_before_the_run(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPU_FREE", str(GIB // 16))
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        request = {**wish(talk, "a lake"), "width": 1280, "height": 704, "frames": 121}
        while talk.ask("snapshot")["engine"]["device"] is None:
            pass
        found = talk.ask("estimate", request=request)["verdict"]
    assert found["fits"] is False and found["refusal"]["code"] == "VRAM_OOM"
    assert found["refusal"]["case"] == "gpu_too_small" and found["refusal"]["values"]["free"] == 0.1


def test_the_command_line_says_it_and_makes_nothing(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    asked = ("generate", "--estimate", "--prompt", "a lake")
    small = [part for name, value in SMALL.items() for part in (f"--{name}", str(value))]
    ended = shell.run(*asked, *small)
    assert ended.returncode == 0, ended.stderr
    assert "64×64, 5 frames" in ended.stdout and ended.stdout.endswith("It fits.\n")
    assert not list(shell.videos.glob("*.mp4"))
    assert shell.run(*asked, "--frames", "4").returncode == 2
