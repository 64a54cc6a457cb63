"""The command line: the same road without Node, for a person and for a script."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.talk import ROOT, Talk, gone, processes_of

SMALL = ["--width", "64", "--height", "64", "--frames", "5", "--steps", "2"]


class Shell:
    """Runs `python -m sidecar` with its own folders."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.videos = folder, folder / "data", folder / "videos"
        self.env = {**os.environ, "ARTIFEX_HOME": str(self.home), "ARTIFEX_VIDEOS": str(self.videos)}
        self.env |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "ARTIFEX_MODELS": ""}

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sidecar", *arguments]
        settings: dict[str, object] = {"stdin": subprocess.DEVNULL, "cwd": self.folder, **options}
        return subprocess.run(  # type: ignore[call-overload]
            command, env=self.env, capture_output=True, text=True, encoding="utf-8", timeout=120, **settings
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_one_command_makes_a_video_and_prints_where_it_is(shell: Shell, checkpoint_folder: Path) -> None:
    Image.effect_noise((80, 60), 40).convert("RGB").save(shell.folder / "그림 1.png")
    ended = shell.run(
        *("generate", "--prompt", "호수 위의 산", "--image", "그림 1.png", "--model", str(checkpoint_folder)),
        *(*SMALL, "--seed", "42", "--guidance", "3.5", "--solver", "euler", "--out", "내 비디오.mp4"),
    )
    assert ended.returncode == 0, ended.stderr
    out = shell.folder / "내 비디오.mp4"
    assert ended.stdout == f"[progress] saved={out}\n" and out.stat().st_size > 1000
    assert "seed 42" in ended.stderr and "Done in" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(shell.folder.glob(".*.part.*")) and list((shell.home / "work").iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="descriptors cannot be closed so on Windows")
@pytest.mark.parametrize("closed", [(0,), (0, 1, 2)], ids=str)
def test_it_works_with_its_streams_closed(
    shell: Shell, checkpoint_folder: Path, closed: tuple[int, ...]
) -> None:
    arguments = [*SMALL, "--out", "a.mp4", "--model", str(checkpoint_folder)]
    command = [sys.executable, "-m", "sidecar", "generate", "--prompt", "a lake", *arguments]
    streams = " ".join(f"{number}>&-" for number in closed)
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "sh", *command],
        cwd=shell.folder,
        env=shell.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert ended.returncode == 0 and (shell.folder / "a.mp4").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--prompt"),
        (["--prompt", "a", "--frames", "many"], "--frames"),
        (["--prompt", "a", "--frames", "80"], "The nearest are 77 and 81."),
        (["--prompt", "a", "--width", "100", "--height", "64"], "The nearest is 96."),
        (["--prompt", "a", "--width", "64"], "Give both"),
        (["--prompt", " "], "The prompt is empty."),
        (["--prompt", "a", "--seed", "lots"], "seed must be a whole number"),
        (["--prompt", "a", "--solver", "magic"], "unipc"),
        (["--prompt", "a", "--guidance", "1", "2", "3"], "guidance"),
        (["--prompt", "a", "--vram-gib", "-1"], "GiB that may be used"),
        (["--prompt", "a", "--model", "wan-huge"], "There is no model 'wan-huge'."),
    ],
)
def test_wrong_arguments_end_with_2_and_say_what_would_be_right(
    shell: Shell, checkpoint_folder: Path, arguments: list[str], words: str
) -> None:
    model = [] if "--model" in arguments else ["--model", str(checkpoint_folder)]
    ended = shell.run("generate", *arguments, *model)
    assert ended.returncode == 2 and ended.stdout == ""
    assert words in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--image", "none.png"], "There is no picture"),
        (["--image", "text.png"], "is not a picture"),
        (["--out", "folder.mp4"], "is not a file"),
        (["--out", "video.gif"], "Name it video.mp4"),
        (["--model", "folder.mp4"], "holds no model"),
    ],
)
def test_what_cannot_be_made_ends_with_1_and_two_lines_of_words(
    shell: Shell, checkpoint_folder: Path, arguments: list[str], words: str
) -> None:
    (shell.folder / "text.png").write_text("no picture")
    (shell.folder / "folder.mp4").mkdir()
    model = [] if "--model" in arguments else ["--model", str(checkpoint_folder)]
    ended = shell.run("generate", "--prompt", "a", *SMALL, *arguments, *model)
    assert ended.returncode == 1 and ended.stdout == ""
    assert words in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_cancels_cleanly_and_leaves_nothing_behind(shell: Shell, checkpoint_folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sidecar",
        "generate",
        "--prompt",
        "a",
        "--model",
        str(checkpoint_folder),
    ]
    command += ["--width", "256", "--height", "256", "--frames", "121", "--steps", "200"]
    with subprocess.Popen(
        command, cwd=shell.folder, env=shell.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        seen = []
        for line in process.stderr:
            seen.append(line)
            if line.startswith("denoise"):
                break
        process.send_signal(signal.SIGINT)
        seen += process.stderr.readlines()
        assert process.wait(30) == 130 and process.stdout.read() == ""
    assert "Cancelled." in seen[-1] and "Traceback" not in "".join(seen)
    assert list(shell.videos.iterdir()) == [] and list((shell.home / "work").iterdir()) == []
    if sys.platform == "linux":
        assert gone(shell.home, 3.0), processes_of(shell.home)


def test_a_data_folder_in_use_says_by_whom_and_how_to_use_another(shell: Shell, tmp_path: Path) -> None:
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        talk.ask("hello")
        ended = shell.run("generate", "--prompt", "a")
        assert ended.returncode == 1
        message, hint = ended.stderr.splitlines()
        assert f"the app, process {talk.process.pid}" in message and "ARTIFEX_HOME" in hint


@pytest.mark.slow
def test_what_the_app_left_in_the_queue_is_not_made_by_a_command(
    shell: Shell, checkpoint_folder: Path
) -> None:
    arguments = ["--prompt", "a lake", *SMALL, "--model", str(checkpoint_folder)]
    with Talk(shell.folder, checkpoint_folder.parent, "tests.fake_engine") as talk:
        model = next(model["id"] for model in talk.ask("models")["models"] if not model["shipped"])
        request = {"prompt": "hang denoise", "model": model, "width": 64, "height": 64, "frames": 5}
        waiting = [talk.generate(**request), talk.generate(**request)]
    ended = shell.run("generate", *arguments)
    assert ended.returncode == 0, ended.stderr
    with Talk(shell.folder, checkpoint_folder.parent, "tests.fake_engine") as talk:
        states = {job["job"]: job["state"] for job in talk.ask("snapshot")["jobs"]}
        assert [states.pop(job) in ("queued", "interrupted", "running") for job in waiting] == [True, True]
        assert list(states.values()) == ["done"]


@pytest.mark.slow
def test_a_pause_of_the_apps_queue_holds_up_no_command(shell: Shell, checkpoint_folder: Path) -> None:
    with Talk(shell.folder, checkpoint_folder.parent, "tests.fake_engine") as talk:
        assert talk.ask("pause")["paused"] is True
    ended = shell.run("generate", "--prompt", "a lake", *SMALL, "--model", str(checkpoint_folder))
    assert ended.returncode == 0, ended.stderr
    with Talk(shell.folder, checkpoint_folder.parent, "tests.fake_engine") as talk:
        assert talk.ask("snapshot")["paused"] is True


def test_help_names_every_argument_and_goes_to_stdout(shell: Shell) -> None:
    ended = shell.run("generate", "--help")
    assert ended.returncode == 0 and ended.stderr == ""
    named = set(re.findall(r"--[a-z-]+", ended.stdout)) - {"--help"}
    assert named == {
        *("--prompt", "--negative-prompt", "--image", "--width", "--height", "--frames", "--fps", "--steps"),
        *(
            "--guidance",
            "--shift",
            "--solver",
            "--seed",
            "--model",
            "--estimate",
            "--vram-gib",
            "--out",
            "--like",
        ),
    }
    assert "doctor" in shell.run("--help").stdout and shell.run("--version").stdout.startswith("Artifex ")


def test_the_doctor_says_what_was_found_and_what_to_do(shell: Shell) -> None:
    ended = shell.run("doctor")
    assert ended.returncode in (0, 1) and "Traceback" not in ended.stderr, ended.stderr
    titles = ("Python", "PyTorch", "Graphics card", "Precision", "Memory", "Data folder", "Videos folder")
    for title in (*titles, "ffmpeg", "Model wan-mini"):
        assert re.search(rf"^(ok|warn|fail) +{title}", ended.stdout, re.MULTILINE), ended.stdout
    assert "PyTorch 2." in ended.stdout


def test_the_doctor_looks_at_a_machine_whose_data_folder_cannot_be_used(shell: Shell) -> None:
    shell.home.touch()  # a file where the folder should be
    ended = shell.run("doctor")
    assert ended.returncode == 1 and "Traceback" not in ended.stderr, ended.stderr
    for found in ("fail +Data folder", "ok +ffmpeg"):
        assert re.search(f"^{found}", ended.stdout, re.MULTILINE), ended.stdout


def test_the_version_is_the_projects() -> None:
    import sidecar

    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{sidecar.__version__}"' in project
