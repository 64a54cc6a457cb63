"""The database's tables, and how an older database becomes one of today."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from wan_core.errors import WanError

# A step leads from one schema version to the next; steps are added, never changed.
MIGRATIONS = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        created TEXT NOT NULL,
        request TEXT NOT NULL,
        out TEXT,
        path TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        elapsed REAL,
        seconds TEXT,
        output TEXT,
        failure TEXT
    );
    CREATE INDEX jobs_by_state ON jobs (state);
    CREATE TABLE media (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        path TEXT NOT NULL,
        type TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        job TEXT
    );
    CREATE TABLE models (path TEXT PRIMARY KEY);
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE pace (
        model TEXT NOT NULL,
        volume INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        seconds TEXT NOT NULL,
        PRIMARY KEY (model, volume, steps)
    );
    """,
    """
    DROP TABLE pace;
    CREATE TABLE paces (
        model TEXT NOT NULL,
        denoise REAL NOT NULL,
        volume INTEGER NOT NULL,
        seconds TEXT NOT NULL,
        PRIMARY KEY (model, denoise, volume)
    );
    """,
    """
    ALTER TABLE jobs ADD COLUMN rank REAL NOT NULL DEFAULT 0;
    UPDATE jobs SET rank = number;
    """,
    """
    CREATE TABLE downloads (
        folder TEXT PRIMARY KEY,
        offer TEXT NOT NULL,
        hub TEXT NOT NULL,
        pinned TEXT,
        files TEXT NOT NULL,
        state TEXT NOT NULL,
        failure TEXT
    );
    """,
    """
    ALTER TABLE jobs ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN trashed TEXT;
    ALTER TABLE jobs ADD COLUMN prompt TEXT AS (json_extract(request, '$.prompt')) VIRTUAL;
    ALTER TABLE jobs ADD COLUMN model TEXT AS (json_extract(request, '$.model')) VIRTUAL;
    CREATE INDEX gallery ON jobs (number, created, favourite, model, prompt)
        WHERE state = 'done' AND output IS NOT NULL AND trashed IS NULL;
    CREATE INDEX trash ON jobs (trashed) WHERE trashed IS NOT NULL;
    """,
)


class TooNew(WanError):
    """The database was written by a later Artifex."""

    code = "BUSY"


def connect(path: Path) -> sqlite3.Connection:
    """The database, made or led to the newest version; each step is whole or not at all."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")  # a queued job survives a power cut
    db.execute("PRAGMA busy_timeout=2000")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise TooNew(
            f"{path} was written by a later version of Artifex.",
            "Update this one, or set ARTIFEX_HOME to another folder.",
            case="database_too_new",
            path=str(path),
        )
    for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
        db.executescript(f"BEGIN; {step} PRAGMA user_version={number}; COMMIT;")
