"""The data folder has one owner: a lock file that says who, held for as long as the process lives."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from sidecar.processes import started_at
from wan_core.errors import WanError

_HELD = 1 << 20  # the byte that is locked: far behind the text, so that others can still read that


class Owner(Struct):
    """Who holds a data folder. `started` tells a process from a later one with the same pid."""

    pid: int
    started: str | None
    since: str
    what: str


class Busy(WanError):
    """The data folder is held by another process."""

    code = "BUSY"


class Lock:
    """Held from construction to `release`, or to the end of the process, whatever ends it."""

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock or raise `Busy`; a file left behind by a dead process is taken over."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _take(self._file):
            owner = _read(self._file)
            os.close(self._file)
            raise _busy(path.parent, owner)
        now = datetime.now().isoformat(timespec="seconds")
        owner = Owner(os.getpid(), started_at(os.getpid()), now, what)
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, msgspec.json.encode(owner) + b"\n")

    def release(self) -> None:
        """Let another process have the folder. The file stays, empty: removing it would be a race."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
        os.close(self._file)


def _busy(folder: Path, owner: Owner | None) -> Busy:
    words = f"The data folder {folder} is in use by another Artifex"
    hint = "Close it, or set ARTIFEX_HOME to another folder."
    if owner is None:
        return Busy(f"{words}.", hint, case="data_folder_in_use", path=str(folder))
    since = owner.since.replace("T", " ")
    return Busy(
        f"{words} ({owner.what}, process {owner.pid}, since {since}).",
        hint,
        case="data_folder_in_use_by",
        path=str(folder),
        pid=owner.pid,
        since=since,
    )


def _read(file: int) -> Owner | None:
    try:
        os.lseek(file, 0, os.SEEK_SET)
        return msgspec.json.decode(os.read(file, 4096), type=Owner)
    except (OSError, msgspec.DecodeError):
        return None


def _take(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, _HELD, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: then what the file says must do
        owner = _read(file)
        return owner is None or owner.pid == os.getpid() or started_at(owner.pid) != owner.started
    return True
