"""What a video on its way looks like: rough, but like it; beside the run, which does not notice."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageSequence
from torch import Tensor

from sidecar import previews
from sidecar.previews import Previews
from tests.fake_engine import PICTURE
from tests.talk import Talk, half_written, wish
from tests.test_pipeline import ask, picture
from tests.test_shipped_model import FOLDER, shipped
from wan_core import kept, preview
from wan_core.checkpoint import inspect
from wan_core.events import Progress, finish
from wan_core.image import fit_cover
from wan_core.kept import Kept
from wan_core.picture import read_picture
from wan_core.pipeline import Pipeline, to_pixels
from wan_core.preview import Preview, fit, moving, paint
from wan_core.request import ResolvedRequest, VideoRequest, resolve

__all__ = ["picture", "shipped"]
LIKE = 20.0  # dB between a preview and the video; 21.6 to 25.1 were measured on four prompts
STEPS = 4
CELL = 16  # pixels


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step has its preview, and is saved."""
    monkeypatch.setattr(preview, "APART", 0.0)
    monkeypatch.setattr(preview, "SHARE", math.inf)
    monkeypatch.setattr(kept, "APART", 0.0)


def preview_of(pipeline: Pipeline, request: ResolvedRequest) -> Preview:
    return Preview(lambda: pipeline.colours, request.fps, 4)


def pictures(
    pipeline: Pipeline, request: ResolvedRequest, image: Path | None = None
) -> tuple[Tensor, list[bytes]]:
    """The latent of a request, and the previews that were seen on the way."""
    seen: list[bytes] = []
    run = pipeline.latent(request, image, preview=preview_of(pipeline, request))
    while True:
        try:
            progress = next(run)
        except StopIteration as end:
            return end.value, seen
        if progress.preview is not None:
            seen.append(progress.preview)


def frames_of(webp: bytes) -> Tensor:
    """The frames of a picture, uint8 [n, H, W, 3]."""
    with Image.open(io.BytesIO(webp)) as found:
        levels = [frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(found)]
        width, height = found.size
    return torch.frombuffer(bytearray(b"".join(levels)), dtype=torch.uint8).view(-1, height, width, 3)


def cells_of(pipeline: Pipeline, latent: Tensor) -> Tensor:
    """The video of a latent, the pixels of each cell averaged: float32 [F, H, W, 3]."""
    chunks = [to_pixels(chunk).float().mean(dim=0) for chunk in pipeline.vae.decode_chunks(latent)]
    cells = torch.stack(chunks).unflatten(2, (-1, CELL)).unflatten(1, (-1, CELL))  # [F H 16 W 16 3]
    return cells.mean(dim=(2, 4))


def psnr(one: Tensor, other: Tensor) -> float:
    return float(10 * torch.log10(255**2 / (one.float() - other.float()).square().mean()))


@pytest.mark.slow
@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize(
    "prompt", ["A cinematic sunset over mountain lake", "눈 내리는 밤의 고요한 소나무 숲"]
)
def test_it_looks_like_the_video_that_comes_of_it_and_more_so_as_steps_are_done(
    shipped: Pipeline, prompt: str
) -> None:
    variant = inspect(FOLDER).variant
    wanted = VideoRequest(prompt=prompt, steps=12, width=192, height=128, frames=9)
    request = resolve(wanted, variant, model="", image=None, image_size=None, drawn_seed=42)
    latent, seen = pictures(shipped, request)
    video = cells_of(shipped, latent)
    assert len(seen) == 12
    thirds = [psnr(frames_of(seen[step]), video) for step in (3, 7, 11)]
    print(f"{prompt}: {thirds}")
    assert thirds == sorted(thirds) and thirds[-1] > LIKE
    both = torch.stack((frames_of(seen[-1]).float().flatten(), video.flatten()))
    assert torch.corrcoef(both)[0, 1] > 0.9


def test_the_map_is_found_again_and_nothing_else_is_drawn_differently(pipeline: Pipeline) -> None:
    before = torch.get_rng_state()
    one, other = (fit(pipeline.vae.decode_stills, 48) for _ in range(2))
    assert torch.equal(one, other) and one.isfinite().all() and one.shape == (3, 49)
    assert torch.equal(torch.get_rng_state(), before)


def test_stills_side_by_side_are_the_first_frames_of_their_videos(pipeline: Pipeline) -> None:
    latents = torch.randn(3, 48, 2, 4, generator=torch.Generator().manual_seed(1))
    for still, latent in zip(pipeline.vae.decode_stills(latents), latents, strict=True):
        alone = next(pipeline.vae.decode_chunks(latent[:, None]))[:, 0]
        torch.testing.assert_close(still, alone, atol=0.04, rtol=0.02)


def test_what_is_linear_is_found() -> None:
    wanted = torch.randn(3, 49, generator=torch.Generator().manual_seed(2))

    def decode(latents: Tensor) -> Tensor:
        return torch.einsum("kc,bchw->bkhw", wanted[:, :-1], latents) + wanted[:, -1, None, None]

    torch.testing.assert_close(fit(decode, 48), wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("solver", ["unipc", "dpm++", "euler"])
@pytest.mark.parametrize("given", [False, True], ids=["words", "picture"])
def test_latents_and_what_is_saved_are_the_same_to_the_bit_with_previews_and_without(
    pipeline: Pipeline, tmp_path: Path, picture: Path, solver: str, given: bool
) -> None:
    request = ask(solver=solver, steps=STEPS, **({"image": "0" * 64} if given else {}))
    image = picture if given else None
    latents, saved = [], []
    for name, shown in (("with", preview_of(pipeline, request)), ("without", None)):
        path = tmp_path / name
        latents.append(finish(pipeline.latent(request, image, None, Kept(path, ""), shown)))
        saved.append(path.read_bytes())
    assert torch.equal(*latents) and saved[0] == saved[1]


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("solver", ["unipc", "dpm++", "euler"])
def test_the_last_one_is_of_the_latent_itself(pipeline: Pipeline, solver: str) -> None:
    latent, seen = pictures(pipeline, ask(solver=solver, steps=STEPS))
    assert len(seen) == STEPS
    difference = frames_of(seen[-1]).float() - paint(latent, pipeline.colours).float()
    assert difference.abs().max() <= 1  # the last step goes where the model says, but for rounding


@pytest.mark.usefixtures("every_step")
def test_a_given_first_frame_is_shown_as_it_is_from_the_first_step_on(
    pipeline: Pipeline, picture: Path
) -> None:
    _, seen = pictures(pipeline, ask(image="0" * 64), picture)
    first = pipeline.vae.encode(fit_cover(read_picture(picture), 96, 64))
    wanted = paint(first, pipeline.colours)[0]
    assert all(torch.equal(frames_of(webp)[0], wanted) for webp in seen)


def test_it_moves_at_the_pace_of_the_video() -> None:
    levels = torch.randint(0, 256, (3, 4, 6, 3), dtype=torch.uint8)
    webp = moving(levels, 12, 4)
    assert torch.equal(frames_of(webp), levels)
    with Image.open(io.BytesIO(webp)) as found:
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(found) if frame.load()]
    assert durations == [83, 333, 333]


def test_a_single_frame_stands_still() -> None:
    levels = torch.randint(0, 256, (1, 4, 6, 3), dtype=torch.uint8)
    assert torch.equal(frames_of(moving(levels, 24, 4)), levels)


@pytest.mark.parametrize(("took", "wait"), [(0.001, preview.APART), (0.2, 0.2 / preview.SHARE)])
def test_the_next_one_waits_until_the_last_is_a_small_share_of_the_time(
    monkeypatch: pytest.MonkeyPatch, took: float, wait: float
) -> None:
    shown = Preview(lambda: torch.zeros(3, 49), 24, 4)
    assert shown.due
    ticks = itertools.chain([10.0, 10.0 + took], itertools.repeat(10.0 + took + wait - 0.001))
    clock: Iterator[float] = iter(ticks)
    monkeypatch.setattr("wan_core.preview.time.monotonic", lambda: next(clock))
    assert shown.picture(torch.zeros(48, 1, 4, 4))
    assert not shown.due
    monkeypatch.setattr("wan_core.preview.time.monotonic", lambda: 10.0 + took + wait)
    assert shown.due


def test_a_device_without_memory_for_it_makes_the_video_all_the_same(pipeline: Pipeline) -> None:
    def full() -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    shown = Preview(full, 24, 4)
    seen = list(pipeline.latent(ask(), None, preview=shown))
    assert seen[-1] == Progress("denoise", 2, 2) and not shown.due


def test_the_newest_is_there_with_the_one_before_it_and_no_other(tmp_path: Path) -> None:
    work = tmp_path / "job"
    work.mkdir()
    written = Previews(work)
    ids = [written.write(picture) for picture in (b"one", b"two", b"three")]
    assert len(set(ids)) == 3
    found = [id and previews.find(tmp_path, id) for id in ids]
    assert found[0] is None
    assert [path.read_bytes() for path in found[1:] if path] == [b"two", b"three"]
    assert len(list(work.iterdir())) == 2
    (work / "latent.safetensors").touch()
    previews.sweep(work)
    assert [path.name for path in work.iterdir()] == ["latent.safetensors"]


@pytest.mark.parametrize("id", ["*", "preview-*", "../job/preview-0123456789abcdef", ""])
def test_an_id_is_no_pattern_and_no_path(tmp_path: Path, id: str) -> None:
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "preview-0123456789abcdef.webp").touch()
    assert previews.find(tmp_path, id) is None
    assert previews.find(tmp_path, "preview-0123456789abcdef") is not None


def test_one_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    assert Previews(tmp_path / "gone").write(b"one") is None


def shows(job: str) -> Callable[[dict], bool]:
    return lambda said: said.get("progress", {}).get("job") == job and "preview" in said["progress"]


def test_a_job_tells_its_preview_until_it_is_over(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "slow decode"))
    shown = talk.until(shows(job))["progress"]["preview"]
    assert talk.ask("snapshot")["jobs"][-1]["preview"] == shown
    media = talk.ask("media", media=shown)
    assert media["type"] == "image/webp" and Path(media["path"]).read_bytes() == PICTURE
    talk.ask("cancel", job=job)
    assert "preview" not in talk.news(job, "cancelled")
    assert talk.ask("snapshot")["jobs"][-1]["preview"] is None
    assert talk.ask("media", media=shown)["code"] == "UNKNOWN_MEDIA"
    assert half_written(talk) == []


@pytest.mark.parametrize("prompt", ["quick", "memory decode", "die decode"])
def test_however_a_job_ends_no_preview_is_left(talk: Talk, prompt: str) -> None:
    job = talk.generate(**wish(talk, prompt))
    assert "preview" not in talk.news(job, "done", "failed")
    assert half_written(talk) == []


def test_a_job_that_was_interrupted_shows_none_until_it_runs_again(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "die-once decode"))
    assert "preview" not in talk.news(job, "interrupted")
    assert list((talk.home / "work" / job).glob("*preview*")) == []
    assert "preview" not in talk.news(job, "done")


@pytest.mark.slow
def test_previews_of_the_shipped_model_come_while_denoising_and_go_with_the_job(tmp_path: Path) -> None:
    with Talk(tmp_path) as talk:
        job = talk.generate(prompt="a red balloon over green hills", seed=7, steps=60)
        seen: dict[str, str] = {}
        while (told := talk.news(job, "running", "done", "failed"))["state"] == "running":
            id = told.get("preview")
            if id is None or id in seen:
                continue
            seen[id] = told["phase"]
            media = talk.ask("media", media=id)
            with Image.open(media["path"]) as found:
                assert (found.format, found.size, getattr(found, "n_frames", 1)) == ("WEBP", (20, 12), 7)
        assert told["state"] == "done" and "preview" not in told
        assert len(seen) >= 2 and list(seen.values()).count("denoise") >= 2
        for id in seen:
            assert talk.ask("media", media=id)["code"] == "UNKNOWN_MEDIA"
        assert half_written(talk) == []
