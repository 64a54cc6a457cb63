"""What outlives the process: one SQLite file, written on every change by the one thread that owns it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
from msgspec import Struct

from sidecar import schema
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

    def add_job(self, job: Job) -> None:
        """Write a new job down, behind all others, and give it its number."""
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
        """The newest jobs, newest last."""
        rows = self._db.execute("SELECT * FROM jobs ORDER BY number DESC LIMIT ?", (count,)).fetchall()
        return [_job(row) for row in reversed(rows)]

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


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


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
