"""All that stands on the data folder, opened together and owned by one thread."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from sidecar.folders import Home, data_folder, videos_folder
from sidecar.library import Library
from sidecar.lock import Lock
from sidecar.models import Models
from sidecar.paths import sayable
from sidecar.store import Store
from wan_core.errors import DiskFull, OutputDenied, WanError
from wan_core.partial import FULL
from wan_core.plan import GIB

log = logging.getLogger(__name__)


class Torn(WanError):
    """The database cannot be read."""

    code = "INTERNAL"


class Workspace:
    """The lock, the database and what is read through it. Opening raises a `WanError` that says why not."""

    def __init__(self, what: str, root: Path | None = None) -> None:
        """`what` is how this process is called in the words that another one will be told."""
        self.home = Home(sayable(root or data_folder()))
        try:
            self.home.create()
            self._lock = Lock(self.home.lock, what)
        except OSError as problem:
            raise unusable(self.home, problem) from problem
        try:
            self.store = Store(self.home.database)
        except sqlite3.Error as problem:
            self._lock.release()
            raise unusable(self.home, problem) from problem
        except WanError:
            self._lock.release()
            raise
        self.library = Library(self.home, self.store)
        self.models = Models(self.store.models)
        self.vram_gib: float | None = None  # of this process alone, in place of the setting

    def videos(self) -> Path:
        """Where videos go that were not given a place."""
        return sayable(videos_folder(self.store.setting("videos_folder")))

    def vram(self) -> int | None:
        """Bytes of GPU memory that may be used; None: all that is free."""
        wish = self.store.setting("vram_gib") if self.vram_gib is None else self.vram_gib
        return int(float(wish or 0) * GIB) or None

    def still_there(self) -> None:
        """Raise OutputDenied if the data folder is gone: SQLite would go on, and keep nothing."""
        if not self.home.database.exists():
            raise OutputDenied(
                f"The data folder {self.home.root} is not there any more.",
                "Bring it back, then start Artifex again.",
                case="data_folder_gone",
                path=str(self.home.root),
            )

    def close(self) -> None:
        """Let another process have it."""
        self.store.close()
        self._lock.release()


def unusable(home: Home, problem: OSError | sqlite3.Error) -> WanError:
    """Why the data folder, or the database in it, does not do what it should, and what to do."""
    said = str(problem)  # SQLite's codes have names since Python 3.11 only
    if (problem.errno in FULL) if isinstance(problem, OSError) else "is full" in said:
        return DiskFull(
            f"The disk is full: nothing can be written to {home.root}.",
            "Free some space there, or set ARTIFEX_HOME to another folder.",
            case="data_disk_full",
            path=str(home.root),
        )
    if isinstance(problem, OSError) or "readonly" in said or "unable to open" in said:
        return OutputDenied(
            f"The data folder {home.root} cannot be used: {getattr(problem, 'strerror', None) or said}.",
            "Allow writing to it, or set ARTIFEX_HOME to another folder.",
            case="data_folder_unusable",
            path=str(home.root),
        )
    return Torn(
        f"The database {home.database} cannot be read: {said}.",
        "Move the file away and start again; videos stay where they are.",
        case="database_unreadable",
        path=str(home.database),
    )
