"""What a run had come to is gone on with by the next try, to the same video."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.test_pipeline import ask, picture
from wan_core import kept
from wan_core.events import Finished, Phase, Progress
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest

__all__ = ["picture"]
STEPS = 4


@pytest.fixture(autouse=True)
def every_step_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "APART", 0.0)


def started(
    pipeline: Pipeline, folder: Path, request: ResolvedRequest, image: Path | None = None
) -> Iterator[Progress]:
    folder.mkdir(exist_ok=True)
    events = pipeline.generate(request, out=folder / "v.mp4", work=folder, image=image)
    return (event for event in events if isinstance(event, Progress))


def stopped(
    pipeline: Pipeline,
    folder: Path,
    request: ResolvedRequest,
    phase: Phase,
    step: int,
    image: Path | None = None,
) -> None:
    """A try that is left in a phase, after so many of its steps."""
    folder.mkdir(exist_ok=True)
    with closing(pipeline.generate(request, out=folder / "v.mp4", work=folder, image=image)) as events:
        for event in events:
            if isinstance(event, Progress) and (event.phase, event.step) == (phase, step):
                return


def places(events: Iterator[Progress]) -> list[tuple[Phase, int]]:
    """Where a try was, one after the other."""
    return list(dict.fromkeys((event.phase, event.step) for event in events))


@pytest.mark.parametrize("solver", ["unipc", "dpm++", "euler"])
@pytest.mark.parametrize("step", [1, 3])
def test_a_try_that_was_left_between_steps_is_gone_on_with_to_the_same_bytes(
    pipeline: Pipeline, tmp_path: Path, solver: str, step: int
) -> None:
    request = ask(solver=solver, steps=STEPS)
    list(started(pipeline, tmp_path / "whole", request))
    stopped(pipeline, tmp_path / "left", request, "denoise", step)
    seen = places(started(pipeline, tmp_path / "left", request))
    assert [done for phase, done in seen if phase == "denoise"] == list(range(step, STEPS + 1))
    for name in ("v.mp4", "latent.safetensors"):
        assert (tmp_path / "left" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_with_a_picture_it_is_gone_on_with_as_well(pipeline: Pipeline, tmp_path: Path, picture: Path) -> None:
    request = ask(image="0" * 64, steps=STEPS)
    list(started(pipeline, tmp_path / "whole", request, picture))
    stopped(pipeline, tmp_path / "left", request, "denoise", 2, picture)
    list(started(pipeline, tmp_path / "left", request, picture))
    assert (tmp_path / "left" / "v.mp4").read_bytes() == (tmp_path / "whole" / "v.mp4").read_bytes()


def test_a_latent_that_was_finished_is_decoded_without_making_it_again(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    list(started(pipeline, tmp_path / "whole", ask()))
    stopped(pipeline, tmp_path / "left", ask(), "decode", 1)
    seen = places(started(pipeline, tmp_path / "left", ask()))
    assert {phase for phase, _ in seen} == {"decode", "write"}
    assert (tmp_path / "left" / "v.mp4").read_bytes() == (tmp_path / "whole" / "v.mp4").read_bytes()


@pytest.mark.parametrize("other", [{"seed": 43}, {"prompt": "a blue boat"}, {"guidance": 3.0}, {"fps": 12}])
def test_what_another_request_came_to_is_not_taken_for_ones_own(
    pipeline: Pipeline, tmp_path: Path, other: dict[str, object]
) -> None:
    list(started(pipeline, tmp_path / "whole", ask(**other)))
    stopped(pipeline, tmp_path / "left", ask(), "decode", 1)
    seen = places(started(pipeline, tmp_path / "left", ask(**other)))
    assert ("denoise", 0) in seen
    assert (tmp_path / "left" / "v.mp4").read_bytes() == (tmp_path / "whole" / "v.mp4").read_bytes()


@pytest.mark.parametrize("content", [b"", b"not a state", None])
def test_a_file_that_is_damaged_is_made_anew(
    pipeline: Pipeline, tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    stopped(pipeline, tmp_path / "left", ask(), "decode", 1)
    file = tmp_path / "left" / "latent.safetensors"
    file.write_bytes(file.read_bytes()[:-40] if content is None else content)
    assert ("denoise", 0) in places(started(pipeline, tmp_path / "left", ask()))
    assert "cannot be gone on with" in caplog.text


def test_a_disk_that_takes_no_steps_costs_no_video(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "save_state", full)
    monkeypatch.setattr(kept.Kept, "finished", lambda *_: None)
    assert places(started(pipeline, tmp_path / "v", ask()))[-1] == ("write", 1)
    assert "could not be saved" in caplog.text


def test_before_the_last_step_it_is_saved_now_and_then_only(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "APART", 3600.0)
    stopped(pipeline, tmp_path / "left", ask(), "denoise", 1)
    assert not (tmp_path / "left" / "latent.safetensors").exists()


def test_it_says_how_many_steps_were_made_before(pipeline: Pipeline, tmp_path: Path) -> None:
    *_, last = pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path)
    assert isinstance(last, Finished) and last.earlier == 0
    *_, last = pipeline.generate(ask(), out=tmp_path / "v.mp4", work=tmp_path)
    assert isinstance(last, Finished) and last.earlier == ask().steps
