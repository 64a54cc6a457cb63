"""The 5B model of random numbers on a CUDA card: wherever its weights are, and whatever refuses memory when,
it makes the same latent and the same video."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from benchmarks import full
from benchmarks.request import pipeline_of
from tests.test_memory import Full
from wan_core import device
from wan_core.dit.block import Block
from wan_core.events import Progress
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest
from wan_core.vae.vae22 import WanVAE22
from wan_core.vae_memory import WHOLE, DecodeCut
from wan_core.video import VideoWriter

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU"),
]
LARGEST = ["--width", "1280", "--height", "704", "--frames", "121", "--steps", "2", "--limit-gib", "30"]


class Made(NamedTuple):
    """What a request came to."""

    latent: Tensor
    frames: Tensor
    plan: str


class Maker:
    """Makes the same request over and over, with more or less memory."""

    def __init__(self, pipeline: Pipeline, request: ResolvedRequest, folder: Path) -> None:
        self.pipeline, self.request, self._folder = pipeline, request, folder
        self._number = 0

    def __call__(self, gib: float | None, ram: int | None = None) -> Made:
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        self.pipeline.ram = ram
        full.limit(self.pipeline.machine, gib)
        plan, frames = self.pipeline.plan(self.request).line, list[Tensor]()
        write = VideoWriter.write

        def keeping(writer: VideoWriter, pixels: Tensor) -> None:
            frames.append(pixels)
            write(writer, pixels)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(VideoWriter, "write", keeping)
            for event in self.pipeline.generate(self.request, out=folder / "v.mp4", work=folder):
                if isinstance(event, Progress) and (event.phase, event.step) == ("decode", 0):
                    frames.clear()  # begun, or begun again
        return Made(load_file(folder / "latent.safetensors")["latent"], torch.cat(frames), plan)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    parser = full.options(__doc__)
    parser.add_argument("--guidance", type=float)
    asked = parser.parse_args(LARGEST, argparse.Namespace(keeping=None))
    pipeline = pipeline_of(asked, device.find(), None)
    yield Maker(pipeline, full.resolved(asked), tmp_path_factory.mktemp("made"))
    pipeline.close()
    full.limit(pipeline.machine, None)


@pytest.fixture(scope="module")
def right(make: Maker) -> Made:
    """With all of it on the card, decoded whole."""
    made = make(30)
    assert "30 of 30" in made.plan and "decoded whole" in made.plan
    return made


@pytest.mark.parametrize(("gib", "ram"), [(10.5, None), (6.75, None), (4.75, None), (4.75, 0)])
def test_latents_and_frames_are_the_same_wherever_the_weights_are(
    make: Maker, right: Made, gib: float, ram: int | None
) -> None:
    made = make(gib, ram)
    assert "wait on disk" in made.plan if ram == 0 else "wait in RAM" in made.plan
    assert torch.equal(made.latent, right.latent)
    assert torch.equal(made.frames, right.frames)


@pytest.mark.parametrize("call", [1, 45, 100])
def test_running_out_of_memory_in_a_step_changes_nothing(
    make: Maker, right: Made, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    card, forward = Full(call), Block.forward

    def failing(self: Block, *given: Any) -> Tensor:
        card()
        return forward(self, *given)

    monkeypatch.setattr(Block, "forward", failing)
    made = make(30)
    assert card.times == 0
    assert torch.equal(made.latent, right.latent) and torch.equal(made.frames, right.frames)


@pytest.mark.parametrize("call", [1, 15, 31])
def test_running_out_of_memory_while_decoding_changes_nothing(
    make: Maker, right: Made, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    card, decode = Full(call), WanVAE22.decode_chunks

    def failing(self: WanVAE22, z: Tensor, cut: DecodeCut = WHOLE) -> Generator[Tensor, None, None]:
        for chunk in decode(self, z, cut):
            card()
            yield chunk

    monkeypatch.setattr(WanVAE22, "decode_chunks", failing)
    made = make(30)
    assert card.times == 0
    assert torch.equal(made.latent, right.latent) and torch.equal(made.frames, right.frames)
