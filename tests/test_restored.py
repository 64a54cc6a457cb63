"""What a machine makes of a video's settings: its model, its picture, and whether it is the same video."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image

from sidecar.messages import Device
from sidecar.models import Models
from sidecar.restored import recognise
from tests.receipts import REQUEST, changed, mp4, receipt
from tests.talk import Talk
from tests.test_cli import Shell
from wan_core.checkpoint import inspect
from wan_core.request import ResolvedRequest

CPU = Device(kind="cpu", name="CPU", torch="2", numerics="cpu/v5")


def put(path: Path, text: str) -> str:
    path.write_bytes(mp4(text.encode()))
    return str(path)


def made(folder: Path, checkpoint: Path, **fields: object) -> Path:
    """A video that the model in the folder `checkpoint` made, on the machine above."""
    request: ResolvedRequest = replace(REQUEST, image=None, **fields)
    return Path(put(folder / "a.mp4", receipt(request, inspect(checkpoint).fingerprint())))


def test_a_model_is_known_by_its_weights_wherever_it_lies(tmp_path: Path, checkpoint_folder: Path) -> None:
    entries = Models(lambda: [str(checkpoint_folder)]).entries()
    found = recognise(made(tmp_path, checkpoint_folder, model="elsewhere-123456"), entries, CPU)
    assert (found.model, found.same) == (entries[1].model.id, True)


def test_it_is_the_same_video_only_with_the_same_weights_and_arithmetic(
    tmp_path: Path, checkpoint_folder: Path
) -> None:
    entries = Models(lambda: [str(checkpoint_folder)]).entries()
    own = entries[1].model.id
    video = made(tmp_path, checkpoint_folder, model=own)
    assert recognise(video, entries, replace(CPU, numerics="cpu/v6")).same is False
    assert recognise(video, entries, replace(CPU, numerics=None)).same is None
    assert recognise(video, entries, None).same is None
    put(video, receipt(replace(REQUEST, model=own)))
    other = recognise(video, entries, CPU)
    assert (other.model, other.same) == (own, False)
    facts = json.loads(receipt(REQUEST, inspect(checkpoint_folder).fingerprint()))
    put(video, json.dumps({"artifex": {**facts["artifex"], "approximate": ["a cache"]}}))
    assert recognise(video, entries, CPU).same is False


def test_a_model_that_is_not_here_keeps_nothing_else_from_being_restored(talk: Talk, tmp_path: Path) -> None:
    found = talk.ask("read_video", path=put(tmp_path / "a.mp4", receipt(replace(REQUEST, model="big"))))[
        "video"
    ]
    assert (found["model"], found["same"]) == (None, False)
    assert found["request"]["model"] == "big" and found["request"]["seed"] == str(REQUEST.seed)
    assert found["request"]["prompt"] == REQUEST.prompt


def test_a_picture_comes_back_if_it_is_still_stored_here(talk: Talk, tmp_path: Path) -> None:
    talk.ask("hello")
    assert talk.ask("read_video", path=put(tmp_path / "a.mp4", receipt()))["video"]["picture"] is None
    Image.new("RGB", (24, 40), "red").save(talk.home / "incoming" / "a.png")
    stored = talk.ask("store_input", path=str(talk.home / "incoming" / "a.png"))["input"]
    again = put(tmp_path / "a.mp4", receipt(replace(REQUEST, image=stored["id"])))
    assert talk.ask("read_video", path=again)["video"]["picture"] == stored


def test_what_is_no_video_of_ours_is_refused_and_the_file_stays(talk: Talk, tmp_path: Path) -> None:
    for text, case in (("holiday", "no_receipt"), (changed(steps=0), "receipt_unreadable")):
        refused = talk.ask("read_video", path=put(tmp_path / "a.mp4", text))
        assert (refused["code"], refused["case"], refused["field"]) == ("INPUT_BAD_VIDEO", case, "$.path")
    assert (tmp_path / "a.mp4").is_file()


def test_the_settings_are_printed_as_the_wire_takes_them(talk: Talk, tmp_path: Path) -> None:
    shell = Shell(tmp_path)  # while the app is open
    put(tmp_path / "a.mp4", changed(camera="pan", image=None, frames=24))
    printed = shell.run("settings", "a.mp4")
    assert printed.returncode == 0 and "camera" in printed.stderr
    wish = json.loads(printed.stdout)
    assert wish["prompt"] == REQUEST.prompt and wish["seed"] == str(REQUEST.seed)
    assert talk.ask("estimate", request=wish)["case"] == "frames_step"  # all of it was understood
    put(tmp_path / "a.mp4", "holiday")
    refused = shell.run("settings", "a.mp4")
    assert refused.returncode == 1 and refused.stdout == "" and "no settings of Artifex" in refused.stderr


@pytest.mark.slow
def test_a_video_like_one_that_began_with_a_picture_begins_with_it(
    tmp_path: Path, checkpoint_folder: Path
) -> None:
    shell = Shell(tmp_path)
    Image.effect_noise((80, 60), 40).convert("RGB").save(tmp_path / "a.png")
    model = ("--model", str(checkpoint_folder))
    small = ("--prompt", "a", "--width", "64", "--height", "64", "--frames", "5", "--steps", "1")
    first = shell.run("generate", *small, *model, "--image", "a.png", "--out", "a.mp4")
    assert first.returncode == 0, first.stderr
    (tmp_path / "a.png").unlink()
    again = shell.run("generate", "--like", "a.mp4", *model, "--out", "b.mp4")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert shell.run("generate", "--like", "a.mp4", *model, "--estimate").returncode == 0


@pytest.mark.slow
def test_a_video_like_another_differs_in_what_is_given_alone(tmp_path: Path, checkpoint_folder: Path) -> None:
    shell = Shell(tmp_path)
    small = {"width": 64, "height": 64, "frames": 5, "steps": 2, "seed": 7}
    made(tmp_path, checkpoint_folder, model="elsewhere-123456", **small)
    model = ("--model", str(checkpoint_folder))
    first = shell.run("generate", "--like", "a.mp4", *model, "--out", "b.mp4")
    assert first.returncode == 0, first.stderr
    again = shell.run("generate", "--like", "b.mp4", *model, "--out", "c.mp4")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "b.mp4").read_bytes() == (tmp_path / "c.mp4").read_bytes()
    other = shell.run("generate", "--like", "b.mp4", *model, "--seed", "8", "--out", "d.mp4")
    assert other.returncode == 0, other.stderr
    lost = shell.run("generate", "--like", put(tmp_path / "e.mp4", receipt()), *model)
    assert lost.returncode == 1 and "Give it with --image." in lost.stderr
    before, after = (json.loads(shell.run("settings", name).stdout) for name in ("b.mp4", "d.mp4"))
    assert after == {**before, "seed": "8"}
