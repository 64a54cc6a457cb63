"""Whatever ends the engine, the sidecar or their parent: it is said in words, and nobody stays behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sidecar.engine_reader import EngineReader, Gone, Heard
from sidecar.messages import Made, Stepped, encode
from tests.fake_engine import PHASES
from tests.talk import (
    ROOT,
    Talk,
    command,
    engine_of,
    gone,
    half_written,
    parse,
    processes_of,
    time_to_go,
    wish,
)
from wan_core.events import Finished, Progress

OBEYED = 3.0  # seconds; the promise is one, on a machine that is not busy with other tests
TOLD = 2.0 + 3.0  # seconds from an engine's end to the words for it; the promise is two, likewise
LEFT = 1.0 + 1.0  # seconds in which every process is gone; the promise is one, likewise
SILENT = 2.0  # seconds without a sign of life, where a test need not wait as long as a person would
HANGS = ("sleep", "stop", "hold")
EVERY_PHASE = ("load", *PHASES)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
slow = pytest.mark.slow


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An engine is given up sooner, and started anew sooner."""
    vmstat = tmp_path / "vmstat"
    vmstat.write_text("nr_free_pages 1\noom_kill 7\n")
    for name, value in {"SILENT": SILENT, "BACK_OFF": 0.05, "VMSTAT": vmstat}.items():
        monkeypatch.setenv(name, str(value))


def leaves_nobody(talk: Talk, how: str, doing: str) -> None:
    """End what the test has started in one of the ways it may end: every process goes in time."""
    if how == "end-of-file":
        assert talk.process.stdin
        talk.process.stdin.close()
    else:
        talk.process.kill()
    took = time_to_go(talk.home)
    print(f"{doing}, {how}: {took:.2f} s")
    assert took < LEFT


def asked_in(talk: Talk, how: str, phase: str) -> str:
    """A job whose engine does as it is told in a phase."""
    return talk.generate(**wish(talk, f"{how} {phase}", f"{how}-load" if phase == "load" else "quick"))


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("how", "code", "case", "words", "phases"),
    [
        pytest.param("die", "ENGINE_CRASHED", "engine_killed", "from outside", EVERY_PHASE, marks=slow),
        pytest.param("oom", "RAM_OOM", "ram_full", "ran out of memory", ("denoise",), marks=slow),
        pytest.param("exhaust", "RAM_OOM", "ram_full", "ran out of memory", EVERY_PHASE, marks=slow),
        pytest.param("raise", "INTERNAL", "internal", "ValueError: made up", EVERY_PHASE, marks=slow),
        pytest.param("gpu", "ENGINE_CRASHED", "gpu_error", "illegal memory access", ("text",), marks=slow),
        pytest.param("sleep", "ENGINE_HUNG", "engine_silent", "stopped answering", EVERY_PHASE, marks=slow),
        pytest.param("stop", "ENGINE_HUNG", "engine_silent", "stopped answering", ("load",), marks=slow),
        pytest.param("hold", "ENGINE_HUNG", "engine_silent", "stopped answering", ("decode",), marks=slow),
    ],
)
def test_a_job_that_ends_the_engine_is_tried_once_more_and_then_set_aside(
    talk: Talk, how: str, code: str, case: str, words: str, phases: tuple[str, ...]
) -> None:
    late = SILENT + SILENT / 8 + TOLD if how in HANGS else TOLD
    for phase in phases:
        another = wish(talk, "next")
        job = asked_in(talk, how, phase)
        queued = talk.send("generate", request=another)
        for state in ("interrupted", "failed"):
            told = talk.news(job, state)
            after_end = time.monotonic() - float((talk.home / "ended").read_text())
            print(f"{how} in {phase}: told after {after_end:.2f} s")
            assert after_end < late
            assert (told["code"], told["case"]) == (code, case) and words in told["message"]
            assert told.get("values", {}).get("phase", phase) == phase
            assert ("once more" in told["hint"]) == (state == "interrupted") and told["hint"]
        assert "second time" in told["message"]
        after = talk.answered(queued)["job"]
        assert Path(talk.news(after, "done")["path"]).is_file()
        assert half_written(talk) == []


def test_a_job_whose_engine_dies_once_is_made_by_the_next_one(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "die-once decode"))
    told = talk.news(job, "interrupted")
    assert time.monotonic() - float((talk.home / "ended").read_text()) < TOLD
    assert told["code"] == "ENGINE_CRASHED" and "from outside" in told["message"]
    assert Path(talk.news(job, "done")["path"]).is_file()
    assert len(list(talk.videos.iterdir())) == 1 and half_written(talk) == []


@slow
def test_an_engine_that_hangs_is_told_within_30_seconds(talk: Talk) -> None:
    job = asked_in(talk, "stop", "denoise")
    told = talk.news(job, "interrupted")
    assert 20 < time.monotonic() - float((talk.home / "ended").read_text()) < 30
    assert told["code"] == "ENGINE_HUNG" and told["values"] == {"seconds": 25, "phase": "denoise"}


@slow
@pytest.mark.usefixtures("hasty")
def test_an_engine_that_is_busy_for_long_without_news_is_left_alone(talk: Talk) -> None:
    job = asked_in(talk, "busy", "write")
    assert talk.news(job, "done", "interrupted")["state"] == "done"


@slow
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("how", ["die-once", "raise", "sleep"])
def test_an_engine_that_ends_while_loading_ahead_is_replaced_and_no_job_is_blamed(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("AHEAD", how)
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        talk.ask("hello")
        while not (talk.home / "ended").exists() or talk.ask("snapshot")["engine"]["state"] != "starting":
            time.sleep(0.01)
        job = talk.generate(**wish(talk, "next"))
        assert talk.news(job, "done", "interrupted")["state"] == "done"


@linux
def test_what_an_engine_had_started_ends_with_it(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "hang decode"))
    talk.news(job, "running", phase="decode")
    while not any(b"sleep(3600)" in command(pid) for pid in processes_of(talk.home)):
        time.sleep(0.01)
    os.kill(engine_of(talk), signal.SIGKILL)
    assert talk.news(job, "interrupted")["case"] == "engine_killed"
    assert not any(b"sleep(3600)" in command(pid) for pid in processes_of(talk.home))


@slow
@pytest.mark.parametrize("phase", ["load", "denoise", "write"])
def test_an_engine_that_does_not_obey_is_ended_and_the_next_job_runs(talk: Talk, phase: str) -> None:
    job = asked_in(talk, "hang", phase)
    after = talk.generate(**wish(talk, "next"))
    talk.news(job, "running", phase=phase)
    while talk.ask("snapshot")["engine"]["state"] != "busy":
        time.sleep(0.05)
    asked = time.monotonic()
    talk.ask("cancel", job=job)
    talk.news(job, "cancelled")
    assert time.monotonic() - asked < OBEYED
    talk.news(after, "done")
    assert len(list(talk.videos.iterdir())) == 1 and half_written(talk) == []


@slow
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("how", "code", "words", "hint"),
    [
        ("import", "ENGINE_CRASHED", "torch", "npm run setup"),
        ("hold", "ENGINE_HUNG", "did not get on with starting for 1 s", "driver"),
    ],
)
def test_an_engine_that_cannot_start_is_said_with_what_to_do(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, how: str, code: str, words: str, hint: str
) -> None:
    monkeypatch.setenv("BROKEN", how)
    monkeypatch.setenv("STARTING", "1")
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        failed = talk.news(talk.generate(**wish(talk, "anything")), "failed")
        assert failed["code"] == code
        assert words in failed["message"] and hint in failed["hint"]
        checks = {check["id"]: check for check in talk.ask("doctor")["checks"]}
        assert checks["torch"]["state"] == "fail"


def test_a_job_that_two_kills_met_is_set_aside(tmp_path: Path, models: Path) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        job = talk.generate(**wish(talk, "slow denoise"))
        talk.news(job, "running", phase="denoise")
        talk.process.kill()
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        talk.news(job, "running", phase="denoise")
        talk.process.kill()
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        (only,) = talk.ask("snapshot")["jobs"]
        assert only["state"] == "failed" and only["code"] == "ENGINE_CRASHED" and only["hint"]


@slow
def test_closing_the_app_while_a_job_runs_is_not_held_against_the_job(tmp_path: Path, models: Path) -> None:
    job = None
    for _ in range(3):
        with Talk(tmp_path, models, "tests.fake_engine") as talk:
            job = job or talk.generate(**wish(talk, "slow denoise"))
            talk.news(job, "running", phase="denoise")
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert talk.ask("snapshot")["jobs"][0]["state"] in ("interrupted", "running")
        talk.ask("cancel", job=job)


@slow
@linux
@pytest.mark.parametrize("phase", ["idle", "load", "denoise", "decode", "write"])
@pytest.mark.parametrize("how", ["end-of-file", "kill", "kill the parent"])
def test_no_process_is_left_behind(tmp_path: Path, models: Path, phase: str, how: str) -> None:
    with Talk(tmp_path, models, "tests.fake_engine", parent=how == "kill the parent") as talk:
        if phase == "idle":
            while talk.ask("snapshot")["engine"]["state"] != "ready":
                time.sleep(0.05)
        else:  # in a library that holds the interpreter, with a child that does not look at its stdin
            asked_in(talk, "hang", phase)
            while not any(b"sleep(3600)" in command(pid) for pid in processes_of(talk.home)):
                time.sleep(0.01)
        assert len(processes_of(talk.home)) >= 2 + (how == "kill the parent") + (phase != "idle")
        leaves_nobody(talk, how, phase)


@linux
@slow
@pytest.mark.parametrize("how", ["end-of-file", "kill", "kill the parent"])
def test_ffmpeg_is_not_left_behind_and_its_half_video_is_removed_at_the_latest_at_the_next_start(
    tmp_path: Path, models: Path, how: str
) -> None:
    with Talk(tmp_path, models, parent=how == "kill the parent") as talk:  # the real engine
        request = wish(talk, "a lake", width=512, height=512, frames=97, steps=1)
        talk.news(talk.generate(**request), "running", phase="decode")
        while not any(b"libx264" in command(pid) for pid in processes_of(talk.home)):
            time.sleep(0.01)
        leaves_nobody(talk, how, "ffmpeg")
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        talk.ask("hello")
        assert not list(talk.videos.glob(".*.part.*"))


@slow
@linux
def test_stdin_that_ends_while_nobody_reads_stdout_still_ends_the_sidecar(
    tmp_path: Path, models: Path
) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        talk.ask("hello")
        talk.reading.clear()
        for _ in range(60):  # more answers than a pipe holds
            talk.send("snapshot")
        time.sleep(0.5)
        assert talk.process.stdin
        talk.process.stdin.close()
        assert gone(talk.home, LEFT)


@linux
@slow
def test_a_host_that_does_not_read_for_a_while_stops_no_engine_and_misses_nothing(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "slow denoise"))
    talk.news(job, "running", phase="denoise")
    talk.reading.clear()
    for _ in range(40):  # more answers than a pipe holds
        talk.send("snapshot")
    time.sleep(1.0)
    spent, end = cpu(engine_of(talk)), time.monotonic() + 20
    while cpu(engine_of(talk)) <= spent:  # it is counted in hundredths of a second, and a step takes less
        assert time.monotonic() < end
        time.sleep(0.1)
    talk.reading.set()
    assert talk.ask("cancel", job=job)["state"] == "running"
    talk.news(job, "cancelled")
    told = [said["progress"]["seq"] for line in talk.lines if "progress" in (said := parse(line))]
    assert told == list(range(1, len(told) + 1))


def test_progress_that_nobody_has_taken_yet_gives_way_to_newer_progress_of_its_phase() -> None:
    """So that an engine may go on for hours while the host does not read."""
    ours, theirs = multiprocessing.Pipe()
    ended, theirs_too = os.pipe()
    os.close(theirs_too)
    process = SimpleNamespace(sentinel=ended, pid=None, exitcode=1, join=lambda: None)
    posted: list[Heard | Gone] = []
    reader = EngineReader(ours, cast(SpawnProcess, process), 1, posted.append)
    thread = threading.Thread(target=reader.run)
    thread.start()
    for phase in PHASES:
        for step in range(1000):
            theirs.send_bytes(encode(Stepped("job", Progress(phase, step, 1000))))
    theirs.send_bytes(encode(Made("job", Finished("a.mp4", 5, 64, 64, "made up"))))
    theirs.close()
    thread.join()
    os.close(ended)
    assert [type(item) for item in posted] == [Heard] * (len(PHASES) + 1) + [Gone]
    steps = [item.take() for item in posted if isinstance(item, Heard)][:-1]
    assert steps == [Stepped("job", Progress(phase, 999, 1000)) for phase in PHASES]


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


@linux
def test_no_process_but_the_sidecar_has_the_commands_and_no_process_has_them_as_stdin(talk: Talk) -> None:
    """On Windows, importing numpy or torch hangs while a thread reads a pipe that is stdin (numpy#24290)."""
    talk.news(talk.generate(**wish(talk, "anything")), "done")
    talk.ask("doctor")
    assert talk.process.stdin
    pipe = os.fstat(talk.process.stdin.fileno()).st_ino
    for pid in processes_of(talk.home):
        files = Path(f"/proc/{pid}/fd")
        if (files / "0").exists():  # multiprocessing's own helper closes it
            assert os.readlink(files / "0") == os.devnull
        held = [file for file in files.iterdir() if os.readlink(file) == f"pipe:[{pipe}]"]
        assert len(held) == (pid == talk.process.pid)
    loaded = Path(f"/proc/{talk.process.pid}/maps").read_text("utf-8", "replace")
    assert "torch" not in loaded and "numpy" not in loaded


def test_stdout_holds_only_protocol_lines_whoever_prints_in_the_engine(talk: Talk) -> None:
    talk.news(talk.generate(**wish(talk, "print text denoise decode")), "done")
    talk.end()
    for line in talk.lines:
        parse(line)
    assert {"a library prints", "a C extension prints", "a child prints"} <= set(talk.log)


def test_stdout_holds_only_protocol_lines_whoever_prints_in_the_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy = """
import atexit, os, subprocess, sys
print(__name__, "prints")
os.write(1, b"its C part prints\\n")
subprocess.run([sys.executable, "-I", "-c", "print('its child prints')"], check=True)
atexit.register(print, "it prints at exit")
"""
    (tmp_path / "ftfy.py").write_text(noisy)
    (tmp_path / "msgspec.py").write_text(
        f"{noisy}\nsys.path.remove({str(tmp_path)!r})\ndel sys.modules['msgspec']\nimport msgspec\n"
    )
    (tmp_path / "imageio_ffmpeg.py").write_text(
        f"{noisy}\ndef get_ffmpeg_exe():\n    print('it prints when called')\n    return sys.executable\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Talk(tmp_path) as talk:
        talk.ask("doctor")
        talk.ask("shutdown")
        assert talk.end() == 0
    for line in talk.lines:
        parse(line)
    assert "msgspec prints" in talk.log and "its C part prints" in talk.log and "its child prints" in talk.log


@linux
@pytest.mark.parametrize("stdout", ["closed", "full"])
def test_a_stdout_that_cannot_be_written_to_is_no_crash(tmp_path: Path, stdout: str) -> None:
    redirect = ">&-" if stdout == "closed" else ">/dev/full"
    ended = subprocess.run(
        ["sh", "-c", f'printf \'{{"op":"hello","id":"1"}}\\n\' | "$0" -m sidecar {redirect}', sys.executable],
        cwd=ROOT,
        env={**os.environ, "ARTIFEX_HOME": str(tmp_path), "ARTIFEX_VIDEOS": str(tmp_path)},
        stderr=subprocess.PIPE,
        timeout=30,
    )
    assert ended.returncode == 0 and b"Traceback" not in ended.stderr
    assert gone(tmp_path, LEFT)
