"""From a request to an mp4, by the code that ships, on the tiny checkpoint."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file

from wan_core.events import Finished, Progress, finish
from wan_core.image import fit_cover
from wan_core.picture import read_picture
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest, VideoRequest, resolve
from wan_core.variants import TI2V_5B


def ask(**fields: object) -> ResolvedRequest:
    wish = {"prompt": "a red boat", "width": 96, "height": 64, "frames": 9, "steps": 2, "seed": 42, **fields}
    request = msgspec.convert(wish, VideoRequest)
    return resolve(request, TI2V_5B, model="tiny", image=request.image, image_size=None, drawn_seed=1)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A detailed picture: a gradient with text and shapes on it."""
    image = Image.linear_gradient("L").resize((300, 200)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.text((20, 20), "Artifex 비디오", fill="red")
    draw.ellipse((120, 60, 200, 140), fill="blue", outline="white")
    image.save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_phases_come_in_order_and_the_last_event_names_the_file(pipeline: Pipeline, tmp_path: Path) -> None:
    events = list(pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path))
    phases = [event.phase for event in events if isinstance(event, Progress)]
    assert list(dict.fromkeys(phases)) == ["text", "denoise", "decode", "write"]
    assert isinstance(events[-1], Finished)
    assert events[-1].path == str(tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").stat().st_size > 1000


def test_every_block_is_told(pipeline: Pipeline, tmp_path: Path) -> None:
    events = pipeline.generate(ask(steps=3), out=tmp_path / "v.mp4", work=tmp_path)
    inside = [e for e in events if isinstance(e, Progress) and e.phase == "denoise" and e.fraction > 0]
    assert len(inside) == 3 * len(pipeline.dit.blocks)


def test_the_finished_latent_is_on_disk_before_decoding_begins(pipeline: Pipeline, tmp_path: Path) -> None:
    with closing(pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path)) as events:
        for event in events:
            if isinstance(event, Progress) and event.phase == "decode":
                break
        assert load_file(tmp_path / "latent.safetensors")["latent"].shape == (48, 3, 4, 6)
        assert not (tmp_path / "v.mp4").exists()


@pytest.mark.parametrize("phase", ["text", "denoise", "decode", "write"])
def test_stopping_in_any_phase_leaves_no_video_and_the_next_one_works(
    pipeline: Pipeline, tmp_path: Path, phase: str
) -> None:
    with closing(pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path)) as events:
        for event in events:
            if isinstance(event, Progress) and event.phase == phase:
                break
    assert [path.name for path in tmp_path.glob("*.mp4")] + list(tmp_path.glob(".*")) == []
    *_, last = pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path)
    assert isinstance(last, Finished)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_latents_and_bytes_in_two_processes(
    checkpoint_folder: Path, tmp_path: Path
) -> None:
    code = """
import sys
from pathlib import Path
from wan_core.events import finish
from tests.test_pipeline import ask
from wan_core.checkpoint import inspect
from wan_core.loading import load
pipeline = finish(load(inspect(Path(sys.argv[1]))))
for name, seed in (("a", 42), ("b", 42), ("c", 43)):
    work = Path(sys.argv[2]) / name
    work.mkdir(parents=True)
    list(pipeline.generate(ask(seed=seed), out=work / "v.mp4", work=work))
"""
    for process in ("one", "two"):
        subprocess.run(
            [sys.executable, "-c", code, str(checkpoint_folder), str(tmp_path / process)], check=True
        )
    made = {(p, n): tmp_path / p / n for p in ("one", "two") for n in "abc"}
    latent = {key: (path / "latent.safetensors").read_bytes() for key, path in made.items()}
    video = {key: (path / "v.mp4").read_bytes() for key, path in made.items()}
    same = [(p, n) for p in ("one", "two") for n in "ab"]
    assert len({latent[key] for key in same}) == len({video[key] for key in same}) == 1
    assert latent["one", "a"] != latent["one", "c"] == latent["two", "c"]
    assert video["one", "a"] != video["one", "c"]


def test_the_receipt_holds_what_determines_the_result_and_nothing_else(pipeline: Pipeline) -> None:
    receipt = msgspec.json.decode(pipeline.receipt(ask(seed=2**62)))["artifex"]
    assert set(receipt) == {"request", "weights", "numerics"}
    assert receipt["request"]["seed"] == str(2**62)
    assert "out" not in receipt["request"]
    assert len(receipt["weights"]) == 5


def test_the_first_frame_is_the_picture_as_the_vae_alone_gives_it_back(
    pipeline: Pipeline, picture: Path
) -> None:
    request = ask(image="0" * 64)
    latent = finish(pipeline.latent(request, picture))
    with torch.inference_mode():
        alone = pipeline.vae.encode(fit_cover(read_picture(picture), 96, 64))
        assert torch.equal(latent[:, :1], alone)
        first = next(pipeline.vae.decode_chunks(latent))
        assert torch.equal(first, next(pipeline.vae.decode_chunks(alone)))
    assert not torch.equal(latent[:, 1:2], latent[:, :1])


def test_guidance_of_one_runs_the_prompt_alone(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    encode = pipeline.text.encode_all
    asked: list[list[str]] = []

    def listening(prompts: list[str]) -> object:
        asked.append(prompts)
        return encode(prompts)

    monkeypatch.setattr(pipeline.text, "encode_all", listening)
    finish(pipeline.latent(ask(guidance=1), None))
    finish(pipeline.latent(ask(guidance=2, negative_prompt="grey"), None))
    assert asked == [["a red boat"], ["a red boat", "grey"]]


@pytest.mark.parametrize("solver", ["unipc", "dpm++", "euler"])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_every_solver_ends_in_finite_latents(pipeline: Pipeline, solver: str, steps: int) -> None:
    latent = finish(pipeline.latent(ask(solver=solver, steps=steps), None))
    assert latent.isfinite().all()


def test_a_single_frame_is_a_video_too(pipeline: Pipeline, tmp_path: Path) -> None:
    *_, last = pipeline.generate(ask(frames=1), out=tmp_path / "v.mp4", work=tmp_path)
    assert isinstance(last, Finished)


def test_passes_side_by_side_and_one_after_the_other_give_the_same_video(pipeline: Pipeline) -> None:
    together = finish(pipeline.latent(ask(), None))
    machine = replace(pipeline.machine, batch_tokens=0)
    apart = finish(replace(pipeline, machine=machine).latent(ask(), None))
    assert (together - apart).norm() / together.norm() < 0.05  # bf16: rounding, not another function
