"""Files that are not whole yet, and why one cannot be. No torch here: the sidecar sweeps up after a crash."""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from wan_core.errors import DiskFull, OutputDenied, WanError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LONGEST_NAME = 240  # bytes; file systems take 255


class Partial(NamedTuple):
    """What stands beside a video while it is being written."""

    video: Path
    tags: Path  # its metadata, as ffmpeg reads it


def partial(path: Path) -> Partial:
    """Hidden names in the folder of the video `path`, no longer than file systems take."""
    stem = path.stem
    if len(os.fsencode(f".{stem}.part.mp4")) > _LONGEST_NAME:
        stem = sha256(os.fsencode(stem)).hexdigest()[:16]
    return Partial(path.with_name(f".{stem}.part.mp4"), path.with_name(f".{stem}.part.txt"))


def cannot_write(path: Path, error: OSError) -> WanError:
    """Why `path` cannot be written, and what to do."""
    if error.errno in FULL:
        return DiskFull(
            f"The disk is full: {path.name} cannot be written to {path.parent} ({error.strerror}).",
            "Free some space there, or choose another folder.",
            case="disk_full_for",
            file=path.name,
            path=str(path.parent),
        )
    if not path.parent.is_dir():
        return OutputDenied(
            f"There is no folder {path.parent}.",
            "Make it, or choose another folder.",
            case="folder_gone",
            path=str(path.parent),
        )
    return OutputDenied(
        f"{path.name} cannot be written to {path.parent} ({error.strerror}).",
        "Choose a folder you may write to, or close the program that holds the file.",
        case="file_denied",
        file=path.name,
        path=str(path.parent),
    )
