"""What outlives the process: one SQLite file, written on every change by the one thread that owns it."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from sidecar import protocol, schema
from sidecar.failures import Failure
from sidecar.jobs import WAITING, Job, State
from sidecar.parcel import File, Parcel
from wan_core.request import ResolvedRequest


class Media(Struct, frozen=True):
    """A stored picture or a video that was made, by its id."""

    id: str
    kind: str  # "input" or "output"; "preview", which is not written down
    path: str  # of an input: its name in the inputs folder
    type: str  # "image/png", "video/mp4", "image/webp"
    width: int
    height: int
    job: str | None = None


class Video(NamedTuple):
    """A job that made a video."""

    job: Job
    favourite: bool


class Effort(Struct, frozen=True):
    """What a request takes, in amounts that time is about proportional to."""

    denoise: float  # floating-point operations
    volume: int  # pixels times frames


class Pace(Struct, frozen=True):
    """How long a job took, by phase."""

    effort: Effort
    seconds: dict[str, float]


class Store:
    """The database. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = schema.connect(path)

    def close(self) -> None:
        """Nothing is lost without it; with it, no log file stays beside the database."""
        self._db.close()

    def add_jobs(self, *jobs: Job) -> None:
        """Write new jobs down, behind all others, and give them their numbers."""
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            for job in jobs:
                rank = self.next_rank()
                added = self._db.execute(
                    "INSERT INTO jobs (id, state, created, request, out, rank) VALUES (?, ?, ?, ?, ?, ?)",
                    (job.id, job.state, job.created, _text(job.request), job.out, rank),
                )
                job.number, job.rank = added.lastrowid or 0, rank

    def save_job(self, job: Job) -> None:
        """Write down what became of a job."""
        self._db.execute(
            "UPDATE jobs SET state=?, rank=?, request=?, out=?, path=?, attempts=?, elapsed=?, seconds=?,"
            " output=?, failure=? WHERE id=?",
            (
                job.state,
                job.rank,
                _text(job.request),
                job.out,
                job.path,
                job.attempts,
                job.elapsed,
                _text(job.seconds) if job.seconds else None,
                job.output,
                _text(job.failure) if job.failure else None,
                job.id,
            ),
        )

    def next_rank(self) -> float:
        """The rank behind all jobs."""
        return float(self._db.execute("SELECT coalesce(max(rank), 0) + 1 FROM jobs").fetchone()[0])

    def unfinished_jobs(self) -> list[Job]:
        """Jobs that wait, or were running when the last process ended; oldest first."""
        states: tuple[State, ...] = (*WAITING, "running")
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({','.join('?' * len(states))}) ORDER BY number", states
        )
        return [_job(row) for row in rows]

    def last_jobs(self, count: int) -> list[Job]:
        """The newest jobs, newest last, without those whose video was thrown away."""
        rows = self._db.execute(
            "SELECT * FROM jobs WHERE trashed IS NULL ORDER BY number DESC LIMIT ?", (count,)
        ).fetchall()
        return [_job(row) for row in reversed(rows)]

    def prompts(self, count: int) -> list[str]:
        """The last different prompts that were asked for, the newest first."""
        rows = self._db.execute(
            "SELECT prompt FROM jobs GROUP BY prompt ORDER BY max(number) DESC LIMIT ?", (count,)
        )
        return [row["prompt"] for row in rows]

    def job(self, id: str) -> Job | None:
        """The job of that id."""
        row = self._db.execute("SELECT * FROM jobs WHERE id=?", (id,)).fetchone()
        return _job(row) if row else None

    def add_media(self, media: Media) -> None:
        """Remember a file; the same id again means the same file, perhaps at a new place."""
        self._db.execute(
            "INSERT OR REPLACE INTO media (id, kind, path, type, width, height, job)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            msgspec.structs.astuple(media),
        )

    def media(self, id: str) -> Media | None:
        """The file of that id."""
        row = self._db.execute("SELECT * FROM media WHERE id=?", (id,)).fetchone()
        return Media(**row) if row else None

    def videos(self, wish: protocol.Gallery, before: int | None) -> list[Video]:
        """What is wanted, newest first, from behind the job numbered `before` on; one more than the limit."""
        where, values = _wanted(wish)
        rows = self._db.execute(
            f"SELECT * FROM {where} AND number < ? ORDER BY number DESC LIMIT ?",
            (*values, _LAST if before is None else before, wish.limit + 1),
        )
        return [_video(row) for row in rows]

    def count_videos(self, wish: protocol.Gallery) -> int:
        """How many videos are wanted, on all pages."""
        where, values = _wanted(wish)
        return int(self._db.execute(f"SELECT count(*) FROM {where}", values).fetchone()[0])

    def video_models(self) -> list[str]:
        """The models that videos of the gallery were made with."""
        rows = self._db.execute(f"SELECT DISTINCT model FROM {_SHOWN} ORDER BY model")
        return [row["model"] for row in rows]

    def video(self, job: str) -> Video | None:
        """The video of that job, thrown away or not."""
        row = self._db.execute("SELECT * FROM jobs WHERE id=? AND output IS NOT NULL", (job,)).fetchone()
        return _video(row) if row else None

    def is_shared(self, video: Job) -> bool:
        """Whether the file belongs to another video, too: the newer one has replaced it."""
        found = self._db.execute(f"SELECT 1 FROM {_SHOWN} AND path=? AND id<>?", (video.path, video.id))
        return found.fetchone() is not None

    def set_favourite(self, job: str, on: bool) -> None:
        """Mark a video, or take the mark away."""
        self._db.execute("UPDATE jobs SET favourite=? WHERE id=?", (on, job))

    def throw_away(self, job: str) -> None:
        """The gallery has it no more; when that was is remembered."""
        self._db.execute("UPDATE jobs SET trashed=? WHERE id=?", (_time(datetime.now(timezone.utc)), job))

    def take_back(self, job: Job, path: str) -> None:
        """The gallery has it again, at a place that may be another one."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("UPDATE jobs SET trashed=NULL, path=? WHERE id=?", (path, job.id))
            self._db.execute("UPDATE media SET path=? WHERE id=?", (path, job.output))

    def thrown_away(self, until: datetime) -> list[str]:
        """The jobs whose videos were thrown away by then."""
        rows = self._db.execute("SELECT id FROM jobs WHERE trashed <= ?", (_time(until),))
        return [row["id"] for row in rows]

    def forget_video(self, job: str) -> None:
        """Know nothing more of a job and its video."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM media WHERE job=?", (job,))
            self._db.execute("DELETE FROM jobs WHERE id=?", (job,))

    def add_model(self, path: str) -> None:
        """Remember a folder that a person added."""
        self._db.execute("INSERT OR IGNORE INTO models (path) VALUES (?)", (path,))

    def models(self) -> list[str]:
        """The folders that a person added, in order of adding."""
        return [row["path"] for row in self._db.execute("SELECT path FROM models ORDER BY rowid")]

    def forget_model(self, path: str) -> None:
        """Do not list that folder any more."""
        self._db.execute("DELETE FROM models WHERE path=?", (path,))

    def save_parcel(self, parcel: Parcel) -> None:
        """Write down a download; there is one for a folder."""
        self._db.execute(
            "INSERT OR REPLACE INTO downloads (folder, offer, hub, pinned, files, state, failure)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                parcel.folder,
                parcel.offer,
                parcel.hub,
                parcel.commit,
                _text(parcel.files),
                parcel.state,
                _text(parcel.failure) if parcel.failure else None,
            ),
        )

    def parcels(self) -> list[Parcel]:
        """Every download that is known."""
        return [_parcel(row) for row in self._db.execute("SELECT * FROM downloads ORDER BY rowid")]

    def forget_parcel(self, folder: str) -> None:
        """Know nothing more of the download to that folder."""
        self._db.execute("DELETE FROM downloads WHERE folder=?", (folder,))

    def setting(self, name: str) -> str | None:
        """A setting, if it was ever made."""
        row = self._db.execute("SELECT value FROM settings WHERE name=?", (name,)).fetchone()
        return row["value"] if row else None

    def set(self, name: str, value: str) -> None:
        """Make a setting."""
        self._db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))

    def add_pace(self, model: str, pace: Pace) -> None:
        """Remember how long such a job took; the newest counts."""
        effort = pace.effort
        self._db.execute(
            "INSERT OR REPLACE INTO paces (model, denoise, volume, seconds) VALUES (?, ?, ?, ?)",
            (model, effort.denoise, effort.volume, _text(pace.seconds)),
        )

    def paces(self, model: str) -> list[Pace]:
        """How long jobs with this model took, the newest first."""
        rows = self._db.execute(
            "SELECT denoise, volume, seconds FROM paces WHERE model=? ORDER BY rowid DESC", (model,)
        )
        decode = msgspec.json.decode
        return [Pace(Effort(row[0], row[1]), decode(row[2], type=dict[str, float])) for row in rows]


# By its index, 5,000 videos are looked through in a millisecond: what is looked for is all in it.
_SHOWN = "jobs INDEXED BY gallery WHERE state = 'done' AND output IS NOT NULL AND trashed IS NULL"
_LAST = 2**63 - 1


def _wanted(wish: protocol.Gallery) -> tuple[str, list[str | int]]:
    """Where what is looked for is found, as SQL and its values."""
    terms: list[str] = [_SHOWN]
    values: list[str | int] = []
    if wish.text is not None:
        terms.append("prompt LIKE ? ESCAPE '!'")
        values.append(f"%{re.sub('[!%_]', lambda found: '!' + found[0], wish.text)}%")
    if wish.model is not None:
        terms.append("model = ?")
        values.append(wish.model)
    if wish.favourite:
        terms.append("favourite = 1")
    if wish.since is not None:
        terms.append("created >= ?")
        values.append(_time(datetime.fromtimestamp(wish.since, timezone.utc)))
    return " AND ".join(terms), values


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _video(row: sqlite3.Row) -> Video:
    return Video(_job(row), bool(row["favourite"]))


def _parcel(row: sqlite3.Row) -> Parcel:
    decode = msgspec.json.decode
    return Parcel(
        folder=row["folder"],
        offer=row["offer"],
        hub=row["hub"],
        commit=row["pinned"],
        files=decode(row["files"], type=tuple[File, ...]),
        state=row["state"],
        failure=decode(row["failure"], type=Failure) if row["failure"] else None,
    )


def _job(row: sqlite3.Row) -> Job:
    decode = msgspec.json.decode
    return Job(
        id=row["id"],
        number=row["number"],
        rank=row["rank"],
        state=row["state"],
        created=row["created"],
        request=decode(row["request"], type=ResolvedRequest),
        out=row["out"],
        path=row["path"],
        attempts=row["attempts"],
        elapsed=row["elapsed"],
        seconds=decode(row["seconds"], type=dict[str, float]) if row["seconds"] else None,
        output=row["output"],
        failure=decode(row["failure"], type=Failure) if row["failure"] else None,
    )
