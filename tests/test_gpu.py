"""What a CUDA card does: the same video as the CPU, its memory back, its troubles in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from sidecar.folders import SHIPPED_MODEL
from tests.talk import Talk
from wan_core import device
from wan_core.checkpoint import inspect
from wan_core.device import Machine
from wan_core.events import finish
from wan_core.loading import load
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest, VideoRequest, resolve

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU"),
]
WORDS = "A red hot air balloon drifting over green hills on a sunny day"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with Talk(tmp_path, module="tests.gpu_engine") as talk:
        yield talk


def wish(steps: int = 20) -> ResolvedRequest:
    checkpoint = inspect(SHIPPED_MODEL)
    request = VideoRequest(prompt=WORDS, seed=42, steps=steps)
    return resolve(request, checkpoint.variant, model="wan-mini", image=None, image_size=None, drawn_seed=0)


def shipped(machine: Machine | None = None) -> Pipeline:
    return finish(load(inspect(SHIPPED_MODEL), machine))


def latent(pipeline: Pipeline, request: ResolvedRequest) -> Tensor:
    return finish(pipeline.latent(request, None)).cpu()


def likeness(one: Tensor, other: Tensor) -> float:
    """Signal to difference, in dB."""
    return float(10 * torch.log10(one.square().mean() / (one - other).square().mean()))


@pytest.mark.parametrize("fp16", ["0", "1"])
def test_a_gpu_makes_the_video_that_the_cpu_makes(monkeypatch: pytest.MonkeyPatch, fp16: str) -> None:
    monkeypatch.setenv("WAN_FORCE_FP16", fp16)
    machine = device.find()
    assert machine.precision.matmul == (torch.float16 if fp16 == "1" else torch.bfloat16)
    there = latent(shipped(machine), wish())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    here = latent(shipped(), wish())
    assert likeness(here, there) > 20  # dB; both round to 8 or 11 bits in every layer of every step


def test_the_same_request_gives_the_same_latents_and_gives_its_memory_back() -> None:
    pipeline = shipped()
    first = latent(pipeline, wish())
    pipeline.machine.release()
    held = torch.cuda.memory_allocated()
    assert torch.equal(first, latent(pipeline, wish()))
    pipeline.machine.release()
    assert torch.cuda.memory_allocated() == held


def test_a_cancel_is_obeyed_and_the_next_job_runs(talk: Talk) -> None:
    job = talk.generate(prompt=WORDS, steps=200, frames=49)
    after = talk.generate(prompt=WORDS)
    talk.news(job, "running", phase="denoise")
    asked = time.monotonic()
    talk.ask("cancel", job=job)
    talk.news(job, "cancelled")
    assert time.monotonic() - asked < 2
    talk.news(after, "done")
    assert talk.ask("snapshot")["engine"]["device"]["kind"] == "cuda"


def test_a_gpu_that_is_full_is_said_and_the_same_engine_goes_on(talk: Talk) -> None:
    job = talk.generate(prompt=f"starve {WORDS}")
    failed = talk.news(job, "failed")
    assert (failed["code"], failed["case"]) == ("VRAM_OOM", "gpu_full")
    talk.news(talk.generate(prompt=WORDS), "done")
    assert not any("The engine ends" in line for line in talk.log)


def test_a_gpu_that_stops_with_an_error_gets_a_new_engine_and_the_job_once_more(talk: Talk) -> None:
    job = talk.generate(prompt=f"fault {WORDS}")
    after = talk.generate(prompt=WORDS)
    interrupted = talk.news(job, "interrupted")
    assert (interrupted["code"], interrupted["case"]) == ("ENGINE_CRASHED", "gpu_error")
    assert talk.news(job, "failed")["case"] == "gpu_error"
    talk.news(after, "done")


def test_the_doctor_finds_the_card(talk: Talk) -> None:
    talk.news(talk.generate(prompt=WORDS, steps=2), "done")
    checks = {check["id"]: check for check in talk.ask("doctor")["checks"]}
    assert {checks[id]["state"] for id in ("torch", "gpu", "driver", "dtype", "attention")} == {"ok"}
    assert checks["gpu"]["case"] in ("gpu_found", "gpu_found_several")
