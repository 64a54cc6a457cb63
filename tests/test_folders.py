"""Where things are, what new videos are called, and which paths are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from sidecar import folders
from sidecar.lock import Busy, Lock
from sidecar.paths import checked
from sidecar.processes import started_at
from wan_core.errors import BadRequest, OutputDenied
from wan_core.partial import partial

NOON = datetime(2025, 8, 29, 12, 19, 57)

EVERYWHERE = [
    "",
    "   ",
    "video.mp4",
    "folder/video.mp4",
    "../video.mp4",
    "//server/share/video.mp4",
    "\\\\server\\share\\video.mp4",
    "\\\\?\\C:\\video.mp4",
    "\\\\.\\COM1",
    "/home/a\nsaved=/etc/passwd",
    "C:\\a\r\nb.mp4",
    "C:\\a\0.mp4",
    "/home/a\u2028b.mp4",
    "/home/a\x85b.mp4",
    "/home/\udcff.mp4",
    "\\/server/share/video.mp4",
    "//?/UNC/server/share/video.mp4",
    "\\\\.\\PhysicalDrive0",
    f"/home/{'a' * 256}.mp4",
    f"C:\\{'호' * 256}.mp4",
    "/" + "a/" * 2048,
    "C:\\" + "a\\" * 2048,
]
WINDOWS = [
    "C:video.mp4",
    "\\video.mp4",
    "/video.mp4",
    "C:\\video.mp4:stream",
    "C:\\CON",
    "C:\\con.mp4",
    "C:\\folder\\NUL\\video.mp4",
    "C:\\lpt1.txt",
    "C:\\COM¹.mp4",
    "C:\\conin$",
    "C:\\video.mp4.",
    "C:\\folder \\video.mp4",
    "C:\\what?.mp4",
    "C:\\a|b.mp4",
    "C:",
    "C:.",
    "C:..\\video.mp4",
    "1:\\video.mp4",
    "C:\\video.mp4::$DATA",
    "C:\\folder:stream:$DATA\\video.mp4",
    "C:\\nul.tar.gz",
    "C:\\aux .mp4",
    "C:\\COM².txt",
    "C:\\lpt³",
    "C:\\CONOUT$.mp4",
    "C:/folder/./prn/video.mp4",
    "C:\\folder...\\video.mp4",
    "C:\\video.mp4 ",
    "C:\\ ",
]


@pytest.mark.parametrize("flavour", [PurePosixPath, PureWindowsPath])
@pytest.mark.parametrize("text", EVERYWHERE)
def test_a_path_that_is_refused_on_every_system(text: str, flavour: type) -> None:
    with pytest.raises(BadRequest) as refused:
        checked(text, "$.request.out", flavour)
    assert refused.value.field == "$.request.out" and refused.value.reason and refused.value.hint


@pytest.mark.parametrize("text", WINDOWS)
def test_a_path_that_means_something_else_on_windows(text: str) -> None:
    with pytest.raises(BadRequest):
        checked(text, "$.path", PureWindowsPath)


@pytest.mark.parametrize(
    ("text", "flavour"),
    [
        ("/home/me/새 폴더/비디오 🎬.mp4", PurePosixPath),
        ("/home/me/con.mp4", PurePosixPath),
        ("/home/me/a:b?.mp4", PurePosixPath),
        ("D:\\work\\새 폴더\\q1.mp4", PureWindowsPath),
        ("d:/work/a.b.c/q1.mp4", PureWindowsPath),
        ("C:\\console\\lpt\\com10.mp4", PureWindowsPath),
        (f"C:\\{'호' * 200}.mp4", PureWindowsPath),
        ("C:\\내 비디오 🎬 folder\\..\\결과.mp4", PureWindowsPath),
        (f"/home/{'a' * 196}.mp4", PurePosixPath),
    ],
)
def test_an_ordinary_path_is_taken(text: str, flavour: type) -> None:
    assert str(checked(text, "$.path", flavour)) == str(Path(text))


@pytest.mark.parametrize(
    ("prompt", "slug"),
    [
        ("A cinematic sunset over mountain lake", "A-cinematic-sunset-over-mountain-lake"),
        ("호수 위의 노을, 잔잔한 물결", "호수-위의-노을-잔잔한-물결"),
        ("  ../../etc/passwd\n", "etc-passwd"),
        ('<b>:|?*"\\', "b"),
        ("🎬🎬", "video"),
        ("CON", "CON"),
        ("trailing...", "trailing"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("노" * 80, "노" * 60),
    ],
)
def test_a_prompt_becomes_a_piece_of_a_file_name(prompt: str, slug: str) -> None:
    assert folders.slug(prompt) == slug


@pytest.mark.parametrize("prompt", ["노" * 80, "𠀀" * 80, "a" * 500, "가" * 80])
def test_a_name_is_never_too_long_for_a_file_system(tmp_path: Path, prompt: str) -> None:
    path = folders.new_video(tmp_path, prompt, 2**63 - 1, NOON)
    assert len(os.fsencode(partial(path).video.name)) <= 255
    path.touch()
    assert len(os.fsencode(folders.new_video(tmp_path, prompt, 2**63 - 1, NOON).name)) <= 255


def test_a_video_that_is_there_is_never_overwritten_by_a_name_of_ours(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = folders.new_video(tmp_path, "a lake", 42, NOON)
        path.touch()
        names.append(path.name)
    stem = "20250829-121957_a-lake_42"
    assert names == [f"{stem}.mp4", f"{stem}-2.mp4", f"{stem}-3.mp4"]


@pytest.mark.parametrize("name", ["a", "노" * 80, "x" * 240])
def test_what_is_written_beside_a_video_has_a_name_that_file_systems_take(name: str) -> None:
    video = Path("/videos") / f"{name}.mp4"
    for path in partial(video):
        assert path.parent == video.parent and path.name.startswith(".")
        assert len(os.fsencode(path.name)) <= 255


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputDenied, match="Nothing can be written"):
        folders.writable(tmp_path / "file" / "below")
    assert list(folders.writable(tmp_path / "new" / "deep").iterdir()) == []


def test_the_data_folder_is_where_artifex_home_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARTIFEX_HOME", str(tmp_path))
    assert folders.data_folder() == tmp_path
    monkeypatch.delenv("ARTIFEX_HOME")
    assert folders.data_folder().is_absolute() and folders.data_folder().name.lower() == "artifex"


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are Linux's")
def test_videos_go_to_the_folder_that_the_desktop_calls_videos(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ARTIFEX_VIDEOS", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folders.videos_folder() == tmp_path / "Videos" / "Artifex"
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "user-dirs.dirs").write_text('XDG_VIDEOS_DIR="$HOME/비디오"\n', "utf-8")
    assert folders.videos_folder() == tmp_path / "비디오" / "Artifex"
    assert folders.videos_folder(str(tmp_path / "mine")) == tmp_path / "mine"


def test_a_locked_data_folder_says_who_holds_it_and_a_dead_owners_lock_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "artifex.lock"
    code = (
        "import sys, time; from pathlib import Path; from sidecar.lock import Lock;"
        "lock = Lock(Path(sys.argv[1]), 'a test'); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=folders.REPOSITORY
    ) as owner:
        assert owner.stdout and owner.stdout.readline().strip() == b"held"
        with pytest.raises(Busy) as busy:
            Lock(path, "another")
        assert str(owner.pid) in busy.value.reason and "a test" in busy.value.reason
        assert "ARTIFEX_HOME" in busy.value.hint
        owner.kill()
    lock = Lock(path, "another")
    lock.release()
    Lock(path, "a third").release()


def test_a_process_is_told_from_a_later_one_with_the_same_pid() -> None:
    mine = started_at(os.getpid())
    assert mine and mine == started_at(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert started_at(other.pid) not in (None, mine)
        other.kill()
    assert started_at(2**22 + 1) is None
