"""Frames into an mp4, by the real ffmpeg."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.frames import (
    FINISH,
    FPS,
    HEIGHT,
    WIDTH,
    bars,
    child,
    probe,
    read_frames,
    snow,
    write,
)
from wan_core.video import VideoWriter


def test_every_frame_arrives_in_order_and_in_its_colours(tmp_path: Path) -> None:
    video = bars(25)
    video[:, :, :8] = (np.arange(25, dtype=np.uint8) * 10)[:, None, None, None]
    found = read_frames(write(tmp_path / "a.mp4", video), WIDTH, HEIGHT)
    assert found.shape == video.shape
    middle = found[:, 32, 8 + 4 :: 16].int() - torch.from_numpy(video)[:, 32, 8 + 4 :: 16].int()
    assert middle.abs().max() <= 4
    assert (found[:, 32, 3, 0].int() - torch.arange(25) * 10).abs().max() <= 4


def test_it_is_h264_that_plays_everywhere_with_its_colours_named(tmp_path: Path) -> None:
    said = probe(write(tmp_path / "a.mp4", bars()))
    assert (
        "h264" in said
        and "yuv420p(tv, bt709" in said
        and f"{WIDTH}x{HEIGHT}" in said
        and f"{FPS} fps" in said
    )


def test_it_starts_to_play_before_it_is_wholly_there(tmp_path: Path) -> None:
    data = write(tmp_path / "a.mp4", bars()).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    "metadata",
    [json.dumps({"prompt": '호수; a=b # \\ "x" 🐱'}, ensure_ascii=False), json.dumps({"p": "밤" * 20_000})],
    ids=["awkward", "long"],
)
def test_the_metadata_comes_back_as_it_was(tmp_path: Path, metadata: str) -> None:
    data = write(tmp_path / "a.mp4", bars(), metadata).read_bytes()
    assert metadata.encode() in data
    if len(metadata) < 1000:
        assert metadata in probe(tmp_path / "a.mp4")


def test_the_metadata_holds_nothing_else(tmp_path: Path) -> None:
    data = write(tmp_path / "a.mp4", bars(), "the comment").read_bytes()
    assert b"Lavf" not in data and b"artifex" not in data and str(tmp_path).encode() not in data
    creation = data.index(b"mvhd") + 8
    assert data[creation : creation + 8] == bytes(8)  # made and changed: never


def test_the_same_frames_give_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    made = [write(tmp_path / "a.mp4", snow(), "m").read_bytes()]
    for name, at_once in (("b.mp4", 4), ("c.mp4", 1)):
        child(FINISH, tmp_path / name, 9, at_once)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1] == made[2]


def test_tensors_are_taken_as_well(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", WIDTH, HEIGHT, FPS, "{}") as writer:
        writer.write(torch.from_numpy(bars()))
        writer.finish()
    assert (tmp_path / "a.mp4").read_bytes() == write(tmp_path / "b.mp4", bars()).read_bytes()


@pytest.mark.parametrize(
    "name",
    ["한글 이름.mp4", "🐱 a b'c\"d.mp4", "%d:file=x;y.mp4", "-y.mp4", "x" * 196 + ".mp4", "밤" * 83 + ".mp4"],
)
def test_any_name_works(tmp_path: Path, name: str) -> None:
    if sys.platform == "win32" and set(name) & set('":'):
        pytest.skip("not a name on Windows")
    folder = tmp_path / "영상 folder"
    folder.mkdir()
    write(folder / name, bars())
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_relative_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("a.mp4"), bars())
    assert (tmp_path / "a.mp4").is_file()


def test_nothing_is_under_the_final_name_until_it_is_finished(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", WIDTH, HEIGHT, FPS, "{}") as writer:
        writer.write(snow(50))
        assert not (tmp_path / "a.mp4").exists()
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
        writer.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
