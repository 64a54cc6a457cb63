"""The sidecar as a process: what a host can rely on, whatever the model, the engine or the person does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from tests.fake_engine import PHASES
from tests.talk import Talk, half_written, parse, wish

OBEYED = 3.0  # seconds; the promise is one, on a machine that is not busy with other tests


def test_a_job_is_queued_runs_and_is_done_with_its_saved_line_directly_after(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "호수 위의 산", seed="9223372036854775807"))
    done = talk.news(job, "done")
    saved = talk.until(lambda said: "saved" in said)["saved"]
    assert saved == done["path"] and Path(saved).is_file()
    assert Path(saved).name.endswith("_호수-위의-산_9223372036854775807.mp4")
    assert done["seed"] == "9223372036854775807" and set(done["seconds"]) >= {"text", "denoise", "decode"}
    lines = [parse(line) for line in talk.lines]
    states = [said["progress"]["state"] for said in lines if "progress" in said]
    assert list(dict.fromkeys(states)) == ["queued", "running", "done"]
    assert "saved" in lines[[said.get("progress") for said in lines].index(done) + 1]
    assert half_written(talk) == []


def test_events_are_numbered_one_by_one_and_come_at_most_ten_a_second(talk: Talk) -> None:
    started = time.monotonic()
    job = talk.generate(**wish(talk, "many denoise decode"))
    talk.news(job, "done")
    took = time.monotonic() - started
    told = [said["progress"] for line in talk.lines if "progress" in (said := parse(line))]
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert len(told) <= 10 * took + 5  # state changes are told whenever they come
    assert talk.ask("snapshot")["seq"] == told[-1]["seq"]


@pytest.mark.parametrize("phase", ["load", *PHASES])
def test_a_cancel_is_obeyed_in_every_phase_and_the_next_job_runs(talk: Talk, phase: str) -> None:
    name = "slow-load" if phase == "load" else "quick"
    job = talk.generate(**wish(talk, f"slow {phase}", name))
    after = talk.generate(**wish(talk, "next"))
    running = talk.news(job, "running", phase=phase)
    while running["steps"] != 3000:
        running = talk.news(job, "running", phase=phase)
    asked = time.monotonic()
    assert talk.ask("cancel", job=job)["job"] == job
    talk.news(job, "cancelled")
    assert time.monotonic() - asked < OBEYED
    assert Path(talk.news(after, "done")["path"]).is_file()
    assert len(list(talk.videos.iterdir())) == 1 and half_written(talk) == []


def test_a_job_that_waits_can_be_cancelled_and_never_starts(talk: Talk) -> None:
    first = talk.generate(**wish(talk, "slow denoise"))
    waiting = talk.generate(**wish(talk, "waits"))
    talk.news(first, "running", phase="denoise")
    assert talk.ask("cancel", job=waiting)["state"] == "cancelled"
    talk.ask("cancel", job=first)
    talk.news(first, "cancelled")
    last = talk.generate(**wish(talk, "last"))
    talk.news(last, "done")
    told = [said["progress"] for line in talk.lines if "progress" in (said := parse(line))]
    assert "running" not in {event["state"] for event in told if event["job"] == waiting}


def test_cancelling_a_job_that_is_over_changes_nothing(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "quick"))
    talk.news(job, "done")
    assert talk.ask("cancel", job=job)["state"] == "done"
    assert talk.ask("cancel", job="nobody")["code"] == "UNKNOWN_JOB"


@pytest.mark.parametrize(
    ("prompt", "code", "words"),
    [
        ("memory denoise", "VRAM_OOM", "19.4 GiB"),
        ("full decode", "DISK_FULL", "disk is full"),
        ("gpu-full decode", "VRAM_OOM", "GPU ran out"),
    ],
)
def test_what_goes_wrong_in_a_job_is_said_in_words_and_the_next_one_runs(
    talk: Talk, prompt: str, code: str, words: str
) -> None:
    another = wish(talk, "next")
    job = talk.generate(**wish(talk, prompt))
    queued = talk.send("generate", request=another)
    failed = talk.news(job, "failed")
    assert failed["code"] == code and words in failed["message"] and failed["hint"]
    talk.news(talk.answered(queued)["job"], "done")
    assert len(list(talk.videos.iterdir())) == 1 and half_written(talk) == []


def test_a_job_that_failed_or_was_cancelled_can_be_tried_again(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "memory denoise"))
    talk.news(job, "failed")
    answer = talk.ask("retry", job=job)
    assert (answer["job"], answer["state"]) == (job, "queued")
    talk.news(job, "failed")
    slow = talk.generate(**wish(talk, "slow denoise"))
    talk.news(slow, "running", phase="denoise")
    assert talk.ask("retry", job=slow)["case"] == "not_retriable"
    talk.ask("cancel", job=slow)
    talk.news(slow, "cancelled")
    talk.ask("retry", job=slow)
    talk.news(slow, "running", phase="denoise")
    talk.ask("cancel", job=slow)
    assert talk.ask("retry", job="nobody")["code"] == "UNKNOWN_JOB"
    assert [one["job"] for one in talk.ask("snapshot")["jobs"]] == [job, slow]


def test_the_queue_survives_a_kill_and_runs_on_at_the_next_start(tmp_path: Path, models: Path) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        running = talk.generate(**wish(talk, "slow denoise"))
        waiting = [talk.generate(**wish(talk, f"waits {number}")) for number in range(2)]
        talk.news(running, "running", phase="denoise")
        talk.process.kill()
        talk.process.wait()
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        jobs = {job["job"]: job["state"] for job in talk.ask("snapshot")["jobs"]}
        assert jobs[running] in ("interrupted", "running") and list(jobs) == [running, *waiting]
        talk.news(running, "running", phase="denoise")
        talk.ask("cancel", job=running)
        for job in waiting:
            talk.news(job, "done")


def test_bad_frames_are_refused_with_the_two_nearest_and_the_queue_is_intact(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "slow denoise"))
    refused = talk.ask("generate", request=wish(talk, "a boat", frames=80))
    assert refused["code"] == "BAD_REQUEST" and refused["field"] == "$.request.frames"
    assert "77" in refused["hint"] and "81" in refused["hint"]
    assert [job["job"] for job in talk.ask("snapshot")["jobs"]] == [job]


def test_a_picture_is_stored_by_its_content_and_found_again_after_a_restart(
    tmp_path: Path, models: Path
) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        talk.ask("hello")
        incoming = talk.home / "incoming" / "abc"
        picture = Image.new("RGB", (40, 24), "teal")
        exif = picture.getexif()
        exif[0x0112] = 6  # lies on its side
        picture.save(incoming, "JPEG", exif=exif)
        stored = talk.ask("store_input", path=str(incoming))["input"]
        assert (stored["width"], stored["height"], stored["type"]) == (24, 40, "image/jpeg")
        assert not incoming.exists()
        job = talk.generate(**wish(talk, "it moves", image=stored["id"]))
        output = talk.news(job, "done")["output"]
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        found = talk.ask("media", media=stored["id"])
        assert Path(found["path"]).is_file() and found["type"] == "image/jpeg"
        video = talk.ask("media", media=output)
        assert video["type"] == "video/mp4" and video["bytes"] == Path(video["path"]).stat().st_size
        Path(video["path"]).unlink()
        assert talk.ask("media", media=output)["code"] == "UNKNOWN_MEDIA"
        assert talk.ask("media", media="../../etc/passwd")["code"] == "UNKNOWN_MEDIA"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "not a picture"), (b"#!/bin/sh", "not a picture"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "picture")],
)
def test_a_file_that_is_no_picture_is_refused_in_words(talk: Talk, content: bytes, words: str) -> None:
    talk.ask("hello")
    incoming = talk.home / "incoming" / "abc"
    incoming.write_bytes(content)
    refused = talk.ask("store_input", path=str(incoming))
    assert refused["code"] == "INPUT_BAD_IMAGE" and words in refused["message"] and refused["hint"]
    assert refused["field"] == "$.path" and "abc" not in refused["message"]  # a name that a host made up
    assert list((talk.home / "inputs").iterdir()) == [] and not incoming.exists()


def test_only_what_a_host_put_into_the_incoming_folder_is_taken_in(talk: Talk, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "private.png")
    talk.ask("hello")
    (talk.home / "incoming" / "link").symlink_to(tmp_path / "private.png")
    for path in (
        tmp_path / "private.png",
        talk.home / "incoming" / "link",
        talk.home / "incoming" / ".." / "x",
    ):
        assert talk.ask("store_input", path=str(path))["code"] == "BAD_REQUEST"
    assert (tmp_path / "private.png").exists()


def test_a_data_folder_has_one_owner_and_the_second_is_told_who(talk: Talk, tmp_path: Path) -> None:
    talk.ask("hello")
    with Talk(tmp_path) as second:
        refused = second.ask("hello")
        assert refused["code"] == "BUSY" and str(talk.process.pid) in refused["message"]
        assert "ARTIFEX_HOME" in refused["hint"]
    assert talk.ask("ping")["op"] == "ping"


def test_a_model_that_was_added_is_there_after_a_restart(tmp_path: Path, checkpoint_folder: Path) -> None:
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        added = talk.ask("add_model", path=str(checkpoint_folder))["model"]
        assert added["state"] == "ready" and added["kind"] == "ti2v"
        refused = talk.ask("add_model", path=str(tmp_path))
        assert (refused["code"], refused["field"]) == ("MODEL_MISSING", "$.path")
        assert refused["values"] == {"folder": tmp_path.name}
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        assert added in talk.ask("models")["models"]


def test_what_a_person_likes_is_remembered_and_what_is_left_out_stays_as_it_is(tmp_path: Path) -> None:
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        never = dict.fromkeys(("language", "theme", "vram_gib", "contrast", "notices", "greeted"))
        assert talk.ask("snapshot")["preferences"] == never
        chosen = talk.ask("prefer", preferences={"language": "ko"})["preferences"]
        assert chosen == {**never, "language": "ko"}
        talk.ask("prefer", preferences={"language": None, "theme": "dark"})
        refused = talk.ask("prefer", preferences={"theme": "pink"})
        assert (refused["case"], refused["field"]) == ("no_such_choice", "$.preferences.theme")
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        assert talk.ask("snapshot")["preferences"] == {**never, "language": "ko", "theme": "dark"}


def test_no_more_gpu_memory_is_used_than_was_chosen(tmp_path: Path, models: Path) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert talk.ask("prefer", preferences={"vram_gib": 4})["preferences"]["vram_gib"] == 4
        talk.news(talk.generate(**wish(talk, "quick")), "done")
        talk.ask("prefer", preferences={"vram_gib": 0})
        talk.news(talk.generate(**wish(talk, "quick")), "done")
        assert talk.ask("prefer", preferences={"vram_gib": -1})["field"] == "$.preferences.vram_gib"
        said = [line.rpartition("may use ")[2] for line in talk.log if "may use" in line]
    assert said == [f"{4 * 2**30} bytes", "None bytes"]


def test_a_video_that_cannot_be_written_is_refused_before_it_is_queued(talk: Talk, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    for out, case in (
        (blocked / "a.mp4", "folder_denied"),
        (tmp_path / "a.gif", "not_mp4"),
        (tmp_path / ("a" * 300 + ".mp4"), "path_too_long"),
    ):
        refused = talk.ask("generate", request=wish(talk, "a", out=str(out)))
        assert refused["case"] == case and refused["hint"], refused
        assert refused["field"] == "$.request.out"
    assert talk.ask("snapshot")["jobs"] == []


def test_names_with_spaces_hangul_and_an_emoji_are_fine(talk: Talk, tmp_path: Path) -> None:
    out = tmp_path / "새 폴더 🎬" / "내 비디오 1.mp4"
    done = talk.news(talk.generate(**wish(talk, "a", out=str(out))), "done")
    assert done["path"] == str(out) and out.is_file()
