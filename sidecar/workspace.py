"""All that stands on the data folder, opened together and owned by one thread."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from sidecar.folders import Home, data_folder, videos_folder
from sidecar.library import Library
from sidecar.lock import Lock
from sidecar.models import Models
from sidecar.store import Store
from wan_core.errors import OutputDenied, WanError

log = logging.getLogger(__name__)


class Torn(WanError):
    """The database cannot be read."""

    code = "INTERNAL"


class Workspace:
    """The lock, the database and what is read through it. Opening raises a `WanError` that says why not."""

    def __init__(self, what: str, root: Path | None = None) -> None:
        """`what` is how this process is called in the words that another one will be told."""
        self.home = Home(root or data_folder())
        try:
            self.home.create()
            self._lock = Lock(self.home.lock, what)
        except OSError as problem:
            raise OutputDenied(
                f"The data folder {self.home.root} cannot be used: {problem.strerror or problem}.",
                "Allow writing to it, or set ARTIFEX_HOME to another folder.",
            ) from problem
        try:
            self.store = Store(self.home.database)
        except sqlite3.DatabaseError as problem:
            self._lock.release()
            raise Torn(
                f"The database {self.home.database} cannot be read: {problem}.",
                "Move the file away and start again; videos stay where they are.",
            ) from problem
        except WanError:
            self._lock.release()
            raise
        self.library = Library(self.home, self.store)
        self.models = Models(self.store.models)

    def videos(self) -> Path:
        """Where videos go that were not given a place."""
        return videos_folder(self.store.setting("videos_folder"))

    def close(self) -> None:
        """Let another process have it."""
        self.store.close()
        self._lock.release()
