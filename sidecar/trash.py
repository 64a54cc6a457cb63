"""Videos that were thrown away: kept in the data folder, so that they can be taken back for some weeks."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from secrets import token_hex

from sidecar.folders import Home, free, writable
from sidecar.store import Store
from wan_core.errors import OutputDenied
from wan_core.partial import FULL, cannot_write

KEPT = timedelta(days=30)


def put(home: Home, job: str, video: Path) -> None:
    """Move the video of a job into the trash; one that is gone stays gone. Any thread may call this."""
    if os.path.isfile(video):
        _move(video, home.trash / job / video.name)


def take(home: Home, job: str, video: Path) -> Path:
    """Move the video of a job back, to a free name where it was; its place now. Any thread may call this."""
    kept = home.trash / job / video.name
    if not os.path.isfile(kept):
        return video
    place = free(writable(video.parent) / video.name)
    _move(kept, place)
    with suppress(OSError):
        kept.parent.rmdir()
    return place


def empty(home: Home, store: Store) -> None:
    """Delete what was thrown away long ago; what cannot be deleted now is tried again another time."""
    for job in store.thrown_away(datetime.now(timezone.utc) - KEPT):
        folder = home.trash / job
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            store.forget_video(job)


def _move(video: Path, place: Path) -> None:
    """Whole or not at all: to another drive it is copied, and only then removed here."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(video, place)
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            _copy(video, place)
    except OSError as problem:
        if problem.errno in FULL:
            raise cannot_write(place, problem) from problem
        raise OutputDenied(
            f"{video.name} cannot be moved: {problem.strerror or problem}.",
            "Close the program that holds it, then try again.",
            "$.job",
            case="video_stays",
            file=video.name,
        ) from problem


def _copy(video: Path, place: Path) -> None:
    half = place.with_name(f".{token_hex(8)}.part")
    try:
        shutil.copy2(video, half)
        with half.open("rb+") as copied:
            os.fsync(copied.fileno())
        os.replace(half, place)
    finally:
        half.unlink(missing_ok=True)
    try:
        video.unlink()
    except OSError:
        place.unlink()
        raise
