"""Awkward places: each works, or ends in an error that says so, and leaves nothing half made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests import disks
from tests.talk import ROOT, Talk, parse
from tests.test_cli import Shell

SMALL = {"width": 64, "height": 64, "frames": 5, "steps": 2, "seed": 7}
LONG = {**SMALL, "width": 128, "height": 128, "frames": 81, "steps": 60}
posix = pytest.mark.skipif(os.name == "nt", reason="uses what only POSIX has")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, checkpoint_folder: Path) -> Path:
    """A folder with spaces, Hangul and an emoji, and in it the tiny model in another."""
    place = tmp_path_factory.mktemp("places") / "내 비디오 🎬 folder"
    shutil.copytree(checkpoint_folder, place / "모델 폴더 🧠" / "작은 모델")
    return place


@pytest.fixture(scope="module")
def talk(place: Path) -> Iterator[Talk]:
    """The real sidecar: data, videos and model under that folder."""
    with Talk(place, place / "모델 폴더 🧠") as talk:
        yield talk


def make(talk: Talk, **request: Any) -> dict[str, Any]:
    """Have a small video made with the tiny model; its last news, once `saved=` has said the same path."""
    job = talk.generate(**{**SMALL, "prompt": "호수 위의 노을", "model": tiny(talk), **request})
    news = talk.news(job, "done", "failed")
    if news["state"] == "done":
        assert talk.until(lambda said: True) == {"saved": news["path"]}
        assert Path(news["path"]).stat().st_size > 1000
    return news


def tiny(talk: Talk) -> str:
    return str(next(model["id"] for model in talk.ask("models")["models"] if not model["shipped"]))


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise((80, 60), 40).convert("RGB").save(path)
    return path


def left(*folders: Path) -> list[str]:
    """What lies in the folders that is no finished video."""
    found = [path.name for folder in folders for path in folder.iterdir()]
    return [name for name in found if name.startswith(".") or not name.endswith(".mp4")]


@pytest.mark.slow
def test_everything_lies_under_a_folder_with_spaces_hangul_and_an_emoji(talk: Talk, place: Path) -> None:
    stored = talk.ask("store_input", path=str(picture(talk.home / "incoming" / "내 그림 🎨.png")))["input"]
    news = make(talk, image=stored["id"])
    assert Path(news["path"]).parent == talk.videos and news["path"].endswith("_호수-위의-노을_7.mp4")
    assert talk.ask("media", media=news["output"])["path"] == news["path"]
    out = place / "새 폴더 📁" / "결과 — 1.mp4"
    assert make(talk, image=str(picture(place / "다른 그림.png")), out=str(out))["path"] == str(out)
    assert left(talk.videos, out.parent, talk.home / "work", talk.home / "incoming") == []


@pytest.mark.slow
@posix
def test_a_model_may_lie_where_nothing_can_be_written(talk: Talk, place: Path) -> None:
    copied = Path(shutil.copytree(place / "모델 폴더 🧠" / "작은 모델", place / "읽기만" / "다른 모델"))
    with disks.read_only(copied.parent):
        model = talk.ask("add_model", path=str(copied))["model"]
        assert model["name"] == "다른 모델" and make(talk, model=model["id"])["state"] == "done"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x" * 196 + ".mp4", id="200 letters"),
        pytest.param("호" * 83 + ".mp4", id="253 bytes"),
        pytest.param(unicodedata.normalize("NFD", "호수 위의 노을.mp4"), id="as macOS writes Hangul"),
        pytest.param("링크/결과.mp4", id="through a link to a folder"),
        pytest.param("%d {0} $HOME 'a' \"b\".mp4", id="what ffmpeg or a shell would read"),
        pytest.param("-y.mp4", id="like an option"),
    ],
)
def test_a_video_lies_exactly_where_it_was_asked_to(talk: Talk, place: Path, name: str) -> None:
    if os.name == "nt" and ('"' in name or "/" in name):
        pytest.skip("Windows has no such names, and links there take rights")
    if "/" in name:
        (place / "진짜").mkdir()
        (place / "링크").symlink_to(place / "진짜", target_is_directory=True)
    out = f"{place}{os.sep}{name}"
    news = make(talk, out=out)
    assert news["path"] == out and os.path.isfile(out)
    assert left(talk.home / "work") == [] and not list(place.glob(".*"))


@pytest.mark.slow
@posix
def test_what_cannot_be_written_is_refused_before_anything_is_made(talk: Talk, place: Path) -> None:
    jobs = talk.ask("snapshot")["jobs"]
    (place / "파일").touch()
    (place / "폴더.mp4").mkdir()
    (place / "닫힘").mkdir()
    with disks.read_only(place / "닫힘"):
        for out, words in (
            (place / f"{'호' * 200}.mp4", "604 bytes of 255"),
            (place / "파일" / "a.mp4", "it is a file"),
            (place / "폴더.mp4", "is not a file"),
            (place / "닫힘" / "a.mp4", ""),
            (place / "닫힘" / "새" / "a.mp4", ""),
            (place / "a.gif", "Name it a.mp4"),
        ):
            request = {**SMALL, "prompt": "a", "model": tiny(talk), "out": str(out)}
            reply = talk.ask("generate", request=request)
            assert reply["field"] == "$.request.out" and reply["code"] in ("OUTPUT_DENIED", "BAD_REQUEST")
            assert words in reply["message"] + reply["hint"]
    assert talk.ask("snapshot")["jobs"] == jobs
    assert list((place / "닫힘").iterdir()) == []


@pytest.mark.slow
@posix
def test_a_folder_that_vanishes_while_the_video_is_made_is_named(talk: Talk, place: Path) -> None:
    out = place / "사라질 폴더" / "a.mp4"
    job = talk.generate(**LONG, prompt="a", model=tiny(talk), out=str(out))
    talk.news(job, "running", phase="denoise")
    out.parent.rmdir()
    news = talk.news(job, "done", "failed")
    assert news["code"] == "OUTPUT_DENIED" and "사라질 폴더" in news["message"] and news["hint"]
    assert not out.parent.exists() and left(talk.home / "work") == [job]  # with the finished latent
    assert make(talk)["state"] == "done"
    out.parent.mkdir()
    talk.ask("retry", job=job)
    news = talk.news(job, "done", "failed")
    assert news["state"] == "done" and "denoise" not in news["seconds"] and out.is_file()
    assert left(talk.home / "work") == []


@pytest.mark.slow
@posix
def test_a_disk_that_is_full_while_the_video_is_made_is_said_and_the_queue_goes_on(
    talk: Talk, place: Path
) -> None:
    with disks.small_disk(place / "작은 디스크", 256) as disk:
        job = talk.generate(**LONG, prompt="a", model=tiny(talk), out=str(disk / "a.mp4"))
        talk.news(job, "running", phase="denoise")
        with disks.full(disk):
            news = talk.news(job, "done", "failed")
            assert news["code"] == "DISK_FULL" and "작은 디스크" in news["message"] and news["hint"], news
            assert [path.name for path in disk.iterdir()] == ["filler"]
            request = {**SMALL, "prompt": "a", "model": tiny(talk), "out": str(disk / "b.mp4")}
            assert talk.ask("generate", request=request)["code"] == "DISK_FULL"
            assert make(talk)["state"] == "done"  # into the videos folder, which lies elsewhere
        assert make(talk, out=str(disk / "a.mp4"))["state"] == "done"
        assert [path.name for path in disk.iterdir()] == ["a.mp4"]


@pytest.mark.slow
@posix
def test_a_data_folder_on_a_full_disk_is_said_and_works_again_with_space(
    tmp_path: Path, checkpoint_folder: Path
) -> None:
    with disks.small_disk(tmp_path / "data", 2048) as disk:
        with Talk(tmp_path, checkpoint_folder.parent) as talk:
            model = tiny(talk)
            waiting = picture(talk.home / "incoming" / "a.png")
            with disks.full(disk):
                for op, fields in (
                    ("generate", {"request": {**SMALL, "prompt": "a", "model": model}}),
                    ("store_input", {"path": str(waiting)}),
                ):
                    reply = talk.ask(op, **fields)
                    assert reply["code"] == "DISK_FULL" and reply["hint"], (op, reply)
                assert talk.ask("snapshot")["jobs"] == []
                assert list(talk.home.joinpath("inputs").iterdir()) == []
            failed = talk.generate(**LONG, prompt="a", model=model)
            talk.news(failed, "running", phase="denoise")
            with disks.full(disk):
                news = talk.news(failed, "done", "failed")
                assert news["code"] == "DISK_FULL" and "latent" in news["message"], news
                assert talk.ask("snapshot")["jobs"][0]["state"] == "failed"
                assert left(talk.home / "work", talk.videos) == []
            assert make(talk)["state"] == "done"
            assert talk.ask("store_input", path=str(picture(waiting)))["input"]["width"] == 80
            assert talk.ask("prefer", preferences={"theme": "dark"})["preferences"]["theme"] == "dark"
        with Talk(tmp_path, checkpoint_folder.parent, "tests.fake_engine") as talk:
            states = [job["state"] for job in talk.ask("snapshot")["jobs"]]
            assert states == ["failed", "done"]


@posix
def test_a_video_made_while_the_data_folder_is_full_is_in_the_library_all_the_same(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "data", 1024) as disk:
        with Talk(tmp_path, None, "tests.fake_engine") as talk:
            slow, job = talk.generate(prompt="slow in denoise"), talk.generate(prompt="a")
            talk.news(slow, "running", phase="denoise")
            with disks.full(disk):
                talk.ask("cancel", job=slow)
                first = talk.news(job, "done", "failed")
                assert talk.ask("media", media=first["output"])["path"] == first["path"]
            second = talk.news(talk.generate(prompt="a"), "done", "failed")
        with Talk(tmp_path, None, "tests.fake_engine") as talk:
            states = [job["state"] for job in talk.ask("snapshot")["jobs"]]
            assert states == ["cancelled", "done", "done"]
            for made in (first, second):
                assert talk.ask("media", media=made["output"])["path"] == made["path"]


@posix
@pytest.mark.parametrize(
    ("trouble", "code"), [("read only", "OUTPUT_DENIED"), ("a file", "OUTPUT_DENIED"), ("full", "DISK_FULL")]
)
def test_a_data_folder_that_cannot_be_used_is_said_to_whoever_asks(
    tmp_path: Path, trouble: str, code: str
) -> None:
    data = tmp_path / "data"
    with ExitStack() as stack:
        if trouble == "a file":
            data.touch()
        elif trouble == "full":
            stack.enter_context(disks.small_disk(data, 64))
            stack.enter_context(disks.full(data))
        else:
            data.mkdir()
            stack.enter_context(disks.read_only(data))
        talk = stack.enter_context(Talk(tmp_path, None, "tests.fake_engine"))
        for op in ("hello", "snapshot"):
            reply = talk.ask(op)
            assert reply["code"] == code and str(data) in reply["message"], reply
            assert "ARTIFEX_HOME" in reply["hint"]


@posix
def test_a_videos_folder_that_is_a_file_or_read_only_refuses_the_video_alone(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        videos.touch()
        reply = talk.ask("generate", request={"prompt": "a"})
        assert reply["code"] == "OUTPUT_DENIED" and str(videos) in reply["message"] and reply["hint"]
        videos.unlink()
        videos.mkdir()
        with disks.read_only(videos):
            assert talk.ask("generate", request={"prompt": "a"})["code"] == "OUTPUT_DENIED"
        assert talk.news(talk.generate(prompt="a"), "done", "failed")["state"] == "done"


@posix
def test_a_data_folder_that_vanishes_is_said(tmp_path: Path) -> None:
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        talk.ask("hello")
        shutil.rmtree(talk.home)
        reply = talk.ask("generate", request={"prompt": "a"})
        assert reply["code"] == "OUTPUT_DENIED" and str(talk.home) in reply["message"], reply
        assert "start Artifex again" in reply["hint"]
        assert talk.ask("ping")["op"] == "ping"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a full device")
def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    env = {**os.environ, "ARTIFEX_HOME": str(tmp_path / "data"), "ARTIFEX_VIDEOS": str(tmp_path)}
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fake_engine"],
            cwd=ROOT,
            env=env,
            input=b'{"op":"generate","id":"1","request":{"prompt":"raise in text"}}\n',
            stdout=subprocess.PIPE,
            stderr=full,
            timeout=30,
        )
    assert ended.returncode == 0 and b'"op":"generate"' in ended.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_folders_whose_names_are_no_text_are_said_or_left_out(tmp_path: Path) -> None:
    def said(**folders: str) -> list[dict[str, Any]]:
        usual = {"ARTIFEX_HOME": f"{tmp_path}/data", "ARTIFEX_VIDEOS": f"{tmp_path}/videos"}
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fake_engine"],
            cwd=ROOT,
            env={**os.environ, **usual, **folders},
            input=b'{"op":"hello","id":"1"}\n{"op":"models","id":"2"}\n',
            capture_output=True,
            timeout=30,
        )
        assert b"Traceback" not in ended.stderr
        return [parse(line)["reply"] for line in ended.stdout.decode().splitlines()]

    bad = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe")
    hello, models = said(ARTIFEX_HOME=bad)
    assert hello["code"] == models["code"] == "OUTPUT_DENIED" and "\\udcff" in hello["message"]
    hello, models = said(ARTIFEX_VIDEOS=bad)
    assert hello["code"] == "OUTPUT_DENIED" and "ARTIFEX_VIDEOS" in hello["hint"] and "models" in models
    Path(bad, "model").mkdir(parents=True)
    Path(bad, "model", "config.json").touch()
    hello, models = said(ARTIFEX_MODELS=bad)
    assert "op" in hello and [model["shipped"] for model in models["models"]] == [True]


@pytest.mark.slow
def test_the_command_line_takes_such_names_too(place: Path) -> None:
    shell = Shell(place / "명령 ⌨")
    picture(shell.folder / "내 그림 🎨.png")
    model = place / "모델 폴더 🧠" / "작은 모델"
    out = shell.folder / "결과 폴더" / "내 비디오 🎬.mp4"
    words = ("generate", "--prompt", "호수 🎬", "--image", "내 그림 🎨.png", "--model", str(model))
    size = ("--width", "64", "--height", "64", "--frames", "5", "--steps", "2")
    ended = shell.run(*words, *size, "--out", "결과 폴더/내 비디오 🎬.mp4")
    assert (ended.returncode, ended.stdout) == (0, f"[progress] saved={out}\n"), ended.stderr
    assert list(out.parent.iterdir()) == [out]
    ended = shell.run(*words, *size, "--out", f"{'호' * 200}.mp4")
    assert ended.returncode == 2 and "604 bytes of 255" in ended.stderr and ended.stdout == ""
    with disks.small_disk(shell.folder / "가득", 64) as disk, disks.full(disk):
        ended = shell.run(*words, *size, "--out", "가득/a.mp4")
        assert ended.returncode == 1 and "is full" in ended.stderr and "Traceback" not in ended.stderr
