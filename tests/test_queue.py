"""The queue as a person handles it: what waits is moved, changed and held back, and outlives the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sidecar.handlers import SHOWN_JOBS
from tests.talk import Talk, parse, wish


def faces(talk: Talk) -> dict[str, dict[str, Any]]:
    return {job["job"]: job for job in talk.ask("snapshot")["jobs"]}


def waiting(talk: Talk) -> list[str]:
    """What waits, in the order in which it will be made."""
    jobs = [job for job in talk.ask("snapshot")["jobs"] if job["state"] in ("queued", "interrupted")]
    return [job["job"] for job in sorted(jobs, key=lambda job: job["rank"])]


def told(talk: Talk) -> list[dict[str, Any]]:
    """All news so far."""
    return [said["progress"] for line in talk.lines if "progress" in (said := parse(line))]


def begun(talk: Talk) -> list[str]:
    """What was begun, in order."""
    return list(dict.fromkeys(event["job"] for event in told(talk) if event["state"] == "running"))


def held(talk: Talk, count: int) -> list[str]:
    """So many jobs that wait in a paused queue."""
    talk.ask("pause")
    return [talk.generate(**wish(talk, f"waits {number}")) for number in range(count)]


def test_what_waits_is_made_in_the_order_it_was_moved_to(talk: Talk) -> None:
    one, two, three, four = held(talk, 4)
    assert talk.ask("move", job=four, before=one)["job"] == four
    talk.ask("move", job=one, before=None)
    talk.ask("move", job=three, before=two)
    talk.ask("move", job=two, before=two)
    assert waiting(talk) == [four, three, two, one]
    talk.ask("resume")
    talk.news(one, "done")
    assert begun(talk) == [four, three, two, one]


def test_a_move_is_news_of_the_one_job_that_moved(talk: Talk) -> None:
    one, two, three = held(talk, 3)
    before = talk.ask("snapshot")
    talk.ask("move", job=three, before=two)
    moved = told(talk)[-1]
    ranks = {job["job"]: job["rank"] for job in before["jobs"]}
    assert (moved["job"], moved["seq"]) == (three, before["seq"] + 1)
    assert ranks[one] < moved["rank"] < ranks[two]


def test_a_move_is_told_though_a_job_makes_progress_all_the_time(talk: Talk) -> None:
    running = talk.generate(**wish(talk, "slow denoise"))
    first, second = (talk.generate(**wish(talk, name)) for name in ("first", "second"))
    talk.news(running, "running", phase="denoise")
    before = len([event for event in told(talk) if event["job"] != running])
    for _ in range(5):
        talk.ask("move", job=second, before=first)
        talk.ask("move", job=first, before=second)
    assert len([event for event in told(talk) if event["job"] != running]) == before + 10


def test_a_job_can_be_moved_between_the_same_two_as_often_as_one_likes(talk: Talk) -> None:
    one, *others = held(talk, 3)
    for _ in range(120):
        others.reverse()
        talk.ask("move", job=others[0], before=others[1])
    assert waiting(talk) == [one, *others]
    ranks = {job["job"]: job["rank"] for job in talk.ask("snapshot")["jobs"]}
    assert {event["job"]: event["rank"] for event in told(talk)} == ranks


def test_only_what_waits_is_moved_or_changed(talk: Talk) -> None:
    done = talk.generate(**wish(talk, "quick"))
    talk.news(done, "done")
    running = talk.generate(**wish(talk, "slow denoise"))
    talk.news(running, "running", phase="denoise")
    next_one = talk.generate(**wish(talk, "waits"))
    for job in (done, running):
        refused = talk.ask("move", job=job, before=None)
        assert (refused["case"], refused["field"]) == ("not_waiting", "$.job")
        refused = talk.ask("move", job=next_one, before=job)
        assert (refused["case"], refused["field"]) == ("not_waiting", "$.before")
        assert talk.ask("edit", job=job, request=wish(talk, "other"))["case"] == "not_waiting"
    assert talk.ask("move", job=next_one, before="nobody")["field"] == "$.before"
    assert waiting(talk) == [next_one]


def test_a_job_that_is_changed_keeps_its_place_and_every_mirror_is_sent_for_a_snapshot(talk: Talk) -> None:
    one, two, three = held(talk, 3)
    before = talk.ask("snapshot")["seq"]
    answer = talk.ask("edit", job=two, request=wish(talk, "호수", steps=3, seed="9"))
    assert (answer["job"], answer["request"]["prompt"], answer["request"]["seed"]) == (two, "호수", "9")
    assert (told(talk)[-1]["job"], told(talk)[-1]["seq"]) == (two, before + 2)
    assert waiting(talk) == [one, two, three] and faces(talk)[two]["request"] == answer["request"]
    talk.ask("resume")
    assert "호수_9" in talk.news(two, "done")["path"]


def test_a_change_is_checked_as_a_new_video_is_and_a_refused_one_changes_nothing(talk: Talk) -> None:
    (job,) = held(talk, 1)
    before = faces(talk)
    refused = talk.ask("edit", job=job, request=wish(talk, "a boat", frames=80))
    assert (refused["code"], refused["field"]) == ("BAD_REQUEST", "$.request.frames")
    refused = talk.ask("edit", job=job, request=wish(talk, "a boat", image="0" * 64))
    assert refused["field"] == "$.request.image"
    assert faces(talk) == before


def test_a_job_can_be_given_a_picture_while_it_waits(talk: Talk, tmp_path: Path) -> None:
    (job,) = held(talk, 1)
    Image.new("RGB", (40, 24), "teal").save(tmp_path / "a.png")
    made = talk.ask("edit", job=job, request=wish(talk, "it moves", image=str(tmp_path / "a.png")))
    assert talk.ask("media", media=made["request"]["image"])["type"] == "image/png"
    talk.ask("resume")
    assert "it-moves" in talk.news(job, "done")["path"]


def test_an_interrupted_job_that_is_changed_starts_anew(tmp_path: Path, models: Path) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        job = talk.generate(**wish(talk, "slow denoise"))
        talk.news(job, "running", phase="denoise")
        talk.ask("pause")
        (talk.home / "work" / job / "latent.safetensors").touch()
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert faces(talk)[job]["state"] == "interrupted"
        assert (talk.home / "work" / job / "latent.safetensors").exists()
        talk.ask("edit", job=job, request=wish(talk, "quick"))
        face = faces(talk)[job]
        assert (face["state"], face["code"]) == ("queued", None)
        assert not (talk.home / "work" / job).exists()
        talk.ask("resume")
        assert "quick" in talk.news(job, "done")["path"]


def test_while_it_is_paused_the_running_job_ends_and_nothing_new_begins_until_resumed(talk: Talk) -> None:
    running = talk.generate(**wish(talk, "many denoise decode"))
    talk.news(running, "running")
    assert talk.ask("pause")["paused"] is True
    later = talk.generate(**wish(talk, "later"))
    talk.news(running, "done")
    snapshot = talk.ask("snapshot")
    assert snapshot["paused"] is True and waiting(talk) == [later]
    assert talk.ask("resume")["paused"] is False
    talk.news(later, "done")


def test_a_pause_and_the_order_outlive_the_process(tmp_path: Path, models: Path) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        one, two, three = held(talk, 3)
        talk.ask("move", job=three, before=one)
        talk.ask("edit", job=two, request=wish(talk, "changed"))
        talk.process.kill()
        talk.process.wait()
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert talk.ask("snapshot")["paused"] is True
        assert waiting(talk) == [three, one, two]
        assert faces(talk)[two]["request"]["prompt"] == "changed"
        talk.ask("resume")
        talk.news(two, "done")
        assert begun(talk) == [three, one, two]
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert talk.ask("snapshot")["paused"] is False


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_cleared_comes_back_to_where_it_was(tmp_path: Path, models: Path, restarted: bool) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        one, two, three, four = held(talk, 4)
        talk.ask("move", job=four, before=two)
        for job in (one, four, three):
            talk.ask("cancel", job=job)
        assert waiting(talk) == [two]
        if not restarted:
            for job in (one, four, three):
                talk.ask("retry", job=job)
            assert waiting(talk) == [one, four, two, three]
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        for job in (one, four, three) if restarted else ():
            talk.ask("retry", job=job)
        late = talk.generate(**wish(talk, "late"))
        assert waiting(talk) == [one, four, two, three, late]


def test_a_snapshot_has_everything_that_waits_however_much_it_is(talk: Talk) -> None:
    talk.ask("pause")
    request = wish(talk, "one of many")
    jobs = [talk.generate(**request) for _ in range(SHOWN_JOBS + 5)]
    assert list(faces(talk)) == jobs
    for job in jobs[3:]:
        talk.ask("cancel", job=job)
    assert list(faces(talk)) == [*jobs[:3], *jobs[5:]]
