"""The names of files that are not whole yet. No torch here: the sidecar sweeps up what a crash leaves."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

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
