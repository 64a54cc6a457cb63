"""The database: what is written down is there after a crash, in this version and in the next."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sidecar import jobs, schema
from sidecar.failures import Failure
from sidecar.folders import REPOSITORY, Home
from sidecar.job_queue import ATTEMPTS, JobQueue
from sidecar.jobs import Job, News
from sidecar.progress import ProgressLines
from sidecar.schema import MIGRATIONS, TooNew
from sidecar.store import Effort, Media, Pace, Store
from wan_core.request import ResolvedRequest

REQUEST = ResolvedRequest(
    model="wan-mini",
    prompt="호수 위의 노을",
    negative_prompt="",
    image=None,
    width=320,
    height=192,
    frames=25,
    fps=12,
    steps=20,
    guidance=4.0,
    shift=5.0,
    solver="unipc",
    seed=2**63 - 1,
)


class Deaf:
    """Hears news and keeps it."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.paths: list[str] = []

    def news(self, line: News) -> None:
        self.told.append(line)

    def saved(self, path: str) -> None:
        self.paths.append(path)


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every database that a test opened is closed after it."""
    opened: list[sqlite3.Connection] = []
    connect = schema.connect

    def noted(path: Path) -> sqlite3.Connection:
        opened.append(connect(path))
        return opened[-1]

    monkeypatch.setattr(schema, "connect", noted)
    yield
    for database in opened:
        database.close()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create()
    return home


def reopened(home: Home, deaf: Deaf | None = None) -> JobQueue:
    job_queue = JobQueue(home, Store(home.database), ProgressLines(deaf or Deaf()))
    job_queue.recover()
    return job_queue


def queued(job_queue: JobQueue, out: str | None = None) -> Job:
    job = jobs.new(REQUEST, out)
    job_queue.add(job)
    return job


def test_a_job_is_read_back_as_it_was_written(home: Home) -> None:
    database = Store(home.database)
    job = jobs.new(REQUEST, "/videos/a.mp4")
    database.add_jobs(job)
    job.state, job.attempts, job.seconds = "failed", 2, {"denoise": 1.5}
    job.failure = Failure("VRAM_OOM", "It needs 9 GiB.", "Smaller?", "too_big", {"needed": 9.5, "card": "0"})
    database.save_job(job)
    database.close()
    assert Store(home.database).job(job.id) == job


def test_jobs_that_waited_wait_again_in_their_order(home: Home) -> None:
    job_queue = reopened(home)
    waiting = [queued(job_queue).id for _ in range(3)]
    again = reopened(home)
    assert [job.id for job in again.newest(50)] == waiting
    first = again.waiting()
    assert first is not None and first.id == waiting[0]


def test_a_job_that_was_running_is_interrupted_and_first_again_then_set_aside(home: Home) -> None:
    job_queue = reopened(home)
    job = queued(job_queue)
    queued(job_queue)
    for attempt in range(1, ATTEMPTS + 1):
        job_queue.begin(job)
        assert job_queue.attempt(job, "/videos/a.mp4").is_dir()
        job_queue = reopened(home)
        found = job_queue.find(job.id)
        assert found is not None and found.failure is not None
        assert found.state == ("interrupted" if attempt < ATTEMPTS else "failed")
        assert (home.work / job.id).is_dir()  # what it came to is gone on with
        job = found
    after = job_queue.waiting()
    assert after is not None and after.id != job.id


def test_a_job_that_ended_is_not_taken_up_again(home: Home) -> None:
    job_queue = reopened(home)
    for state in jobs.OVER:
        job = queued(job_queue)
        job_queue.begin(job)
        job_queue.end(job, state)
    assert reopened(home).waiting() is None


def test_a_cancelled_job_leaves_nothing_beside_its_video(home: Home, tmp_path: Path) -> None:
    job_queue = reopened(home)
    job = queued(job_queue)
    work = job_queue.attempt(job, str(tmp_path / "a.mp4"))
    (work / "latent.safetensors").touch()
    (tmp_path / ".a.part.mp4").touch()
    (tmp_path / "b.mp4").touch()
    job_queue.end(job, "cancelled")
    assert not work.exists() and not (tmp_path / ".a.part.mp4").exists() and (tmp_path / "b.mp4").exists()


def test_a_failed_job_keeps_what_it_came_to_and_waits_again_when_asked(home: Home) -> None:
    job_queue = reopened(home)
    job = queued(job_queue)
    job_queue.begin(job)
    work = job_queue.attempt(job, "/videos/a.mp4")
    (work / "latent.safetensors").touch()
    job_queue.end(job, "failed", Failure("VRAM_OOM", "It needs 9 GiB.", "Smaller?"))
    job_queue = reopened(home)
    found = job_queue.find(job.id)
    assert found is not None and work.is_dir() and job_queue.waiting() is None
    job_queue.again(found)
    found = reopened(home).waiting()
    assert found is not None and (found.id, found.state, found.attempts) == (job.id, "queued", 0)
    assert found.failure is None and found.path is None and work.is_dir()


def test_what_nobody_will_go_on_with_is_removed_at_the_next_start(home: Home) -> None:
    reopened(home)
    (home.work / "0123456789ab").mkdir()
    reopened(home)
    assert list(home.work.iterdir()) == []


def test_a_full_disk_refuses_a_new_job_but_lets_the_others_end(home: Home) -> None:
    deaf = Deaf()
    job_queue = reopened(home, deaf)
    job = queued(job_queue)
    job_queue._store._db.execute("PRAGMA max_page_count=1")
    big = jobs.new(REQUEST, "x" * 100_000)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        job_queue.add(big)
    assert job_queue.find(big.id) is None
    job_queue.end(job, "done")
    assert deaf.told[-1].state == "done"


def test_what_is_written_is_there_after_a_kill(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tests.test_store import *;"
        "home = Home(Path(sys.argv[1])); home.create(); queued(reopened(home)); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, check=False)
    (job,) = reopened(Home(tmp_path)).newest(50)
    assert job.request == REQUEST and job.state == "queued"


def test_ids_of_media_and_settings_survive(home: Home) -> None:
    database = Store(home.database)
    video = Media("abc", "output", "/videos/노을.mp4", "video/mp4", 320, 192, "job")
    database.add_media(video)
    database.add_model("/models/a")
    database.add_model("/models/a")
    database.set("videos_folder", "/videos")
    database.add_pace("wan-mini", Pace(Effort(2e9, 100), {"denoise": 2.0}))
    database.close()
    database = Store(home.database)
    assert database.media("abc") == video and database.media("x") is None
    assert database.models() == ["/models/a"]
    assert database.setting("videos_folder") == "/videos" and database.setting("x") is None
    assert database.paces("wan-mini") == [Pace(Effort(2e9, 100), {"denoise": 2.0})]


def test_a_new_database_has_the_newest_version_and_keeps_its_log_beside_it(home: Home) -> None:
    database = Store(home.database)
    assert database._db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    assert database._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_an_older_database_is_led_to_the_newest_version_with_what_it_holds(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(reopened(home))
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "ALTER TABLE jobs ADD COLUMN stars INTEGER;"))
    database = Store(home.database)
    assert database._db.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS) + 1
    assert database._db.execute("SELECT stars FROM jobs").fetchall()[0][0] is None
    assert len(database.last_jobs(50)) == 1


def test_jobs_of_a_database_without_ranks_keep_their_order(home: Home) -> None:
    older = next(number for number, step in enumerate(MIGRATIONS) if "COLUMN rank" in step)
    database = sqlite3.connect(home.database)
    database.executescript("".join(MIGRATIONS[:older]) + f"PRAGMA user_version={older};")
    request = msgspec.json.encode(REQUEST).decode()
    for id in ("b", "a", "c"):
        database.execute(
            "INSERT INTO jobs (id, state, created, request) VALUES (?, 'queued', '', ?)", (id, request)
        )
    database.commit()
    database.close()
    job_queue = reopened(home)
    late = queued(job_queue)
    assert [(job.id, job.rank) for job in job_queue.newest(50)] == [
        ("b", 1),
        ("a", 2),
        ("c", 3),
        (late.id, 4),
    ]


def test_a_migration_that_fails_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(reopened(home))
    with monkeypatch.context() as later:
        later.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "DROP TABLE media; DROP TABLE nowhere;"))
        with pytest.raises(sqlite3.OperationalError):
            Store(home.database)
    assert Store(home.database).media("x") is None


def test_a_database_of_a_later_version_is_left_alone(home: Home) -> None:
    Store(home.database)._db.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    with pytest.raises(TooNew, match="later version"):
        Store(home.database)


def test_a_done_jobs_saved_line_follows_it_directly_and_merged_progress_never_follows_its_end(
    home: Home,
) -> None:
    deaf = Deaf()
    job_queue = reopened(home, deaf)
    job = queued(job_queue)
    job_queue.tell(job)
    job_queue.begin(job)
    for step in range(100):
        job.step = step
        job_queue.tell(job)
    job.path = "/videos/a.mp4"
    job_queue.end(job, "done")
    assert [line.state for line in deaf.told] == ["queued", "running", "done"]
    assert [line.seq for line in deaf.told] == [1, 2, 3] and deaf.paths == ["/videos/a.mp4"]
