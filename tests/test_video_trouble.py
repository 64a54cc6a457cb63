"""A video is whole under its final name, or not there at all, whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest

from tests import disks
from tests.frames import (
    CHILD,
    FINISH,
    FPS,
    HEIGHT,
    WIDTH,
    bars,
    child,
    snow,
    write,
)
from wan_core.errors import DiskFull, OutputDenied
from wan_core.video import VideoWriter

linux = pytest.mark.skipif(sys.platform != "linux", reason="uses what only Linux has")


def test_leaving_early_ends_ffmpeg_and_leaves_nothing(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", WIDTH, HEIGHT, FPS, "{}") as writer:
        writer.write(snow(200))
        process = writer._process
    assert process is not None and process.poll() is not None
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_writing_keeps_the_video_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    with (
        pytest.raises(ValueError, match="uint8"),
        VideoWriter(tmp_path / "a.mp4", WIDTH, HEIGHT, FPS, "{}") as writer,
    ):
        writer.write(bars()[:, :, :10])
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"older"]


def test_an_older_video_of_the_name_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    assert write(tmp_path / "a.mp4", bars()).stat().st_size > 1000


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputDenied, match="There is no folder"):
        write(tmp_path / "none" / "a.mp4", bars())


def test_a_name_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputDenied, match="is a folder"):
        write(tmp_path, bars())


@linux
def test_a_folder_that_may_not_be_written_to_is_told() -> None:
    with pytest.raises(OutputDenied, match="cannot be written"):
        write(Path("/proc/a.mp4"), bars())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    with disks.small_disk(tmp_path, 64) as disk:
        yield disk


def test_a_full_disk_is_told_and_nothing_is_left(small_disk: Path) -> None:
    with pytest.raises(DiskFull, match="No space left"):
        write(small_disk / "a.mp4", snow(200))
    assert list(small_disk.iterdir()) == []


def test_a_disk_that_fills_at_the_very_end_is_told_too(small_disk: Path) -> None:
    size = len(write(small_disk / "a.mp4", bars()).read_bytes())
    (small_disk / "a.mp4").unlink()
    (small_disk / "filler").write_bytes(bytes(64 * 1024 - size // 4096 * 4096 - 2 * 4096))
    with pytest.raises(DiskFull):
        write(small_disk / "a.mp4", bars(), "m" * 3 * 4096)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


@linux
def test_a_file_larger_than_the_disk_can_hold_is_told(tmp_path: Path) -> None:
    said = child(FINISH, tmp_path / "a.mp4", 200, 4, 50_000).stderr
    assert "DiskFull" in said and "File too large" in said
    assert list(tmp_path.iterdir()) == []


@linux
def test_ffmpeg_dying_is_noticed_at_the_next_frames(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="ffmpeg ended with -9"),
        VideoWriter(tmp_path / "a.mp4", WIDTH, HEIGHT, FPS, "{}") as writer,
    ):
        assert writer._process is not None
        writer._process.send_signal(signal.SIGKILL)
        for _ in range(100):
            writer.write(snow(50))
    assert list(tmp_path.iterdir()) == []


@linux
def test_ffmpeg_goes_when_its_parent_is_killed(tmp_path: Path) -> None:
    wait = CHILD + "    print(writer._process.pid, flush=True)\n    time.sleep(100)\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", wait, tmp_path / "a.mp4", "20", "4"],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    ffmpeg = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert select([ffmpeg], [], [], 10)[0], "ffmpeg outlived its parent"
    os.close(ffmpeg)
    assert not (tmp_path / "a.mp4").exists()


def test_ffmpeg_does_not_read_our_standard_input(tmp_path: Path) -> None:
    said = child(FINISH + "print(sys.stdin.read())", tmp_path / "a.mp4", 9, 4, stdin="still here").stdout
    assert said.strip() == "still here"
