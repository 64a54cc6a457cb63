"""What videos on their way look like so far: files in their jobs' work folders, by ids of their own."""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

log = logging.getLogger(__name__)

_KEPT = 2  # a window may be about to fetch the one before the newest
_ID = re.compile(r"preview-[0-9a-f]{16}")


class Previews:
    """Writes those of one job. Used by the engine."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._kept: list[Path] = []

    def write(self, picture: bytes) -> str | None:
        """The id of `picture`, a WebP, from now on; None where it cannot be written."""
        id = f"preview-{token_hex(8)}"
        path, half = self._work / f"{id}.webp", self._work / f".{id}.part"
        try:
            half.write_bytes(picture)
            half.replace(path)
        except OSError as problem:
            log.warning("A preview could not be written: %s", problem)
            with suppress(OSError):
                half.unlink(missing_ok=True)
            return None
        self._kept.append(path)
        while len(self._kept) > _KEPT:
            with suppress(OSError):  # on Windows, while it is being read
                self._kept.pop(0).unlink()
        return id


def find(work: Path, id: str) -> Path | None:
    """Where the preview of that id is, in one of the folders in `work`."""
    return next(work.glob(f"*/{id}.webp"), None) if _ID.fullmatch(id) else None


def sweep(folder: Path) -> None:
    """Remove all previews of a job's work folder."""
    for path in (*folder.glob("preview-*.webp"), *folder.glob(".preview-*.part")):
        with suppress(OSError):
            path.unlink()
