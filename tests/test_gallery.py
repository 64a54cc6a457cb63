"""The gallery, as whoever looks through years of videos needs it: found, kept, thrown away without fear."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sidecar import trash
from sidecar.folders import Home
from tests.talk import Talk, wish
from wan_core.errors import OutputDenied


def make(talk: Talk, *prompts: str) -> list[str]:
    """Videos of these prompts, in this order; their jobs."""
    jobs = [talk.generate(**wish(talk, prompt)) for prompt in prompts]
    for job in jobs:
        talk.news(job, "done")
    return jobs


def page(talk: Talk, **wanted: Any) -> dict[str, Any]:
    return talk.ask("gallery", **{"limit": 50, **wanted})


def prompts(talk: Talk, **wanted: Any) -> list[str]:
    return [entry["request"]["prompt"] for entry in page(talk, **wanted)["entries"]]


def change(talk: Talk, sql: str, *values: object) -> None:
    """Change the database as time, or another program, would."""
    database = sqlite3.connect(talk.home / "artifex.db")
    with database:
        database.execute(sql, values)
    database.close()


def file_of(talk: Talk, job: str) -> Path:
    database = sqlite3.connect(talk.home / "artifex.db")
    (path,) = database.execute("SELECT path FROM jobs WHERE id=?", (job,)).fetchone()
    database.close()
    return Path(path)


def test_an_entry_says_all_that_made_the_video(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "a boat", seed=2**63 - 1))
    talk.news(job, "done")
    found = page(talk)
    (entry,) = found["entries"]
    assert (entry["job"], entry["favourite"], entry["missing"]) == (job, False, False)
    assert entry["request"]["seed"] == str(2**63 - 1) and entry["request"]["frames"] == 5
    assert set(entry["seconds"]) >= {"denoise", "write"} and entry["elapsed_s"] >= 0
    assert talk.ask("media", media=entry["output"])["type"] == "video/mp4"
    assert (found["more"], found["count"], found["made_with"]) == (False, 1, [entry["request"]["model"]])


def test_pages_follow_each_other_while_new_videos_arrive(talk: Talk) -> None:
    make(talk, *"abcde")
    first = page(talk, limit=2)
    assert [entry["request"]["prompt"] for entry in first["entries"]] == ["e", "d"]
    assert first["more"] and first["count"] == 5
    make(talk, "f")
    second = page(talk, limit=2, before=first["entries"][-1]["job"])
    assert [entry["request"]["prompt"] for entry in second["entries"]] == ["c", "b"]
    talk.ask("trash", job=second["entries"][-1]["job"])
    last = page(talk, limit=2, before=second["entries"][-1]["job"])
    assert [entry["request"]["prompt"] for entry in last["entries"]] == ["a"] and not last["more"]


def test_videos_are_found_by_words_model_mark_and_date(talk: Talk) -> None:
    jobs = make(talk, "A red Boat", "호수 위의 노을", "100% of_it!", "1000 offit")
    assert prompts(talk, text="bOAT") == ["A red Boat"]
    assert prompts(talk, text="위의") == ["호수 위의 노을"]
    assert prompts(talk, text="100% of_it!") == ["100% of_it!"]
    assert page(talk, text="boat")["count"] == 1
    model = page(talk)["made_with"][0]
    assert len(prompts(talk, model=model)) == 4 and prompts(talk, model="another") == []
    talk.ask("favourite", job=jobs[1], on=True)
    assert prompts(talk, favourite=True) == ["호수 위의 노을"]
    change(talk, "UPDATE jobs SET created='2020-05-01T00:00:00+00:00' WHERE id=?", jobs[0])
    since = int(datetime(2020, 5, 1, tzinfo=timezone.utc).timestamp())
    assert len(prompts(talk, since=since)) == 4 and len(prompts(talk, since=since + 1)) == 3


def test_favourites_are_favourites_after_a_restart_until_the_mark_is_taken_away(
    tmp_path: Path, models: Path
) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        (job,) = make(talk, "a lake")
        assert talk.ask("favourite", job=job, on=True)["favourite"] is True
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert prompts(talk, favourite=True) == ["a lake"]
        talk.ask("favourite", job=job, on=False)
        assert prompts(talk, favourite=True) == [] and prompts(talk) == ["a lake"]


def test_a_video_that_was_thrown_away_leaves_and_comes_back_as_it_was(talk: Talk) -> None:
    job, other = make(talk, "a lake", "a boat")
    talk.ask("favourite", job=job, on=True)
    (before,) = page(talk, favourite=True)["entries"]
    path = file_of(talk, job)
    assert talk.ask("trash", job=job)["job"] == job
    assert prompts(talk) == ["a boat"] and not path.exists()
    assert [one["job"] for one in talk.ask("snapshot")["jobs"]] == [other]
    assert talk.ask("media", media=before["output"])["code"] == "UNKNOWN_MEDIA"
    assert talk.ask("restore", job=job)["entry"] == before
    assert prompts(talk) == ["a boat", "a lake"] and path.read_bytes() == b"half"
    assert talk.ask("media", media=before["output"])["path"] == str(path)
    assert not any((talk.home / "trash").iterdir())


def test_a_video_whose_name_was_taken_meanwhile_comes_back_under_a_free_one(talk: Talk) -> None:
    (job,) = make(talk, "a lake")
    path = file_of(talk, job)
    talk.ask("trash", job=job)
    path.write_bytes(b"another")
    entry = talk.ask("restore", job=job)["entry"]
    free = path.with_name(f"{path.stem}-2.mp4")
    assert (path.read_bytes(), free.read_bytes()) == (b"another", b"half")
    assert talk.ask("media", media=entry["output"])["path"] == str(free)
    talk.ask("trash", job=job)
    assert path.read_bytes() == b"another" and not free.exists()


def test_a_video_comes_back_though_its_folder_is_gone(talk: Talk) -> None:
    (job,) = make(talk, "a lake")
    talk.ask("trash", job=job)
    shutil.rmtree(talk.videos)
    talk.ask("restore", job=job)
    assert file_of(talk, job).read_bytes() == b"half"


def test_a_file_that_is_gone_is_missing_and_its_entry_can_be_taken_out_and_put_back(talk: Talk) -> None:
    (job,) = make(talk, "a lake")
    file_of(talk, job).unlink()
    assert page(talk)["entries"][0]["missing"] is True
    talk.ask("trash", job=job)
    assert prompts(talk) == []
    assert talk.ask("restore", job=job)["entry"]["missing"] is True


def test_a_file_that_a_newer_video_has_replaced_stays_when_the_older_one_goes(talk: Talk) -> None:
    out = str(talk.videos / "same.mp4")
    jobs = [talk.generate(**wish(talk, prompt, out=out)) for prompt in ("old", "new")]
    for job in jobs:
        talk.news(job, "done")
    talk.ask("trash", job=jobs[0])
    assert prompts(talk) == ["new"] and Path(out).exists()
    talk.ask("trash", job=jobs[1])
    assert not Path(out).exists()


def test_the_trash_is_emptied_of_what_is_older_than_thirty_days(tmp_path: Path, models: Path) -> None:
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        old, young, _kept = make(talk, "old", "young", "kept")
        for job in (old, young):
            talk.ask("trash", job=job)
        for job, days in ((old, 31), (young, 29)):
            then = datetime.now(timezone.utc) - timedelta(days=days)
            change(talk, "UPDATE jobs SET trashed=? WHERE id=?", then.isoformat(timespec="seconds"), job)
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        assert prompts(talk) == ["kept"]
        assert [folder.name for folder in (talk.home / "trash").iterdir()] == [young]
        assert talk.ask("restore", job=old)["code"] == "UNKNOWN_JOB"
        talk.ask("restore", job=young)
        assert prompts(talk) == ["kept", "young"]


def test_what_made_no_video_is_neither_marked_nor_thrown_away(talk: Talk) -> None:
    job = talk.generate(**wish(talk, "slow in denoise"))
    for op, more in (("favourite", {"on": True}), ("trash", {}), ("restore", {})):
        assert talk.ask(op, job=job, **more)["case"] == "nothing_made"
        assert talk.ask(op, job="nobody", **more)["code"] == "UNKNOWN_JOB"
    assert talk.ask("gallery", limit=5, before="nobody")["field"] == "$.before"
    assert talk.ask("gallery", limit=0)["case"] == "too_small"
    talk.ask("cancel", job=job)


@pytest.fixture
def two_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Home, Path]:
    """A data folder and a video on another drive."""

    def rename(source: object, target: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "rename", rename)
    home, video = Home(tmp_path / "data"), tmp_path / "videos" / "lake.mp4"
    home.create()
    video.parent.mkdir()
    video.write_bytes(b"video")
    return home, video


def test_from_another_drive_a_video_is_copied_and_then_removed(two_drives: tuple[Home, Path]) -> None:
    home, video = two_drives
    trash.put(home, "job", video)
    assert not video.exists() and (home.trash / "job" / "lake.mp4").read_bytes() == b"video"
    assert trash.take(home, "job", video) == video
    assert video.read_bytes() == b"video" and not any(home.trash.iterdir())


@pytest.mark.parametrize("step", ["copy2", "fsync", "unlink"])
def test_a_move_that_fails_halfway_leaves_the_video_where_it_was(
    two_drives: tuple[Home, Path], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    home, video = two_drives
    unlink = Path.unlink

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EACCES, "in use")

    def held(path: Path, missing_ok: bool = False) -> None:
        return fail() if path == video else unlink(path, missing_ok)

    if step == "unlink":
        monkeypatch.setattr(Path, "unlink", held)
    else:
        monkeypatch.setattr(shutil if step == "copy2" else os, step, fail)
    with pytest.raises(OutputDenied) as refused:
        trash.put(home, "job", video)
    assert refused.value.case == "video_stays"
    assert video.read_bytes() == b"video" and not any((home.trash / "job").iterdir())
