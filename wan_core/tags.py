"""The comment in an mp4's metadata, found by walking its boxes: no ffmpeg, and nothing else is read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wan_core.errors import BadVideo

_WAY = (b"udta", b"meta", b"ilst", b"\xa9cmt", b"data")  # to where ffmpeg puts it, from `moov` on
_BEFORE = {b"meta": 4, b"data": 8}  # bytes of such a box that come before what it holds
_MOST_BOXES = 4096  # looked at in one box; the files we write have under ten
_LONGEST = 2**20  # bytes of a comment; the longest that we write are under a tenth of it


class _Box(NamedTuple):
    """Where what a box holds begins and ends, in bytes from the file's beginning."""

    start: int
    end: int


def comment(path: Path) -> str | None:
    """The `comment` tag of the mp4 at `path`; None where it has none. Raises BadVideo."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise _no_mp4()
        with path.open("rb") as file:
            return _comment(file)
    except FileNotFoundError as error:
        raise BadVideo(f"There is no video at {path}.", "Choose it again.", case="no_video") from error
    except OSError as error:
        raise BadVideo(
            f"The video cannot be read: {error.strerror or error}.",
            "Allow reading it, or choose another copy.",
            case="video_unreadable",
        ) from error


def _comment(file: BinaryIO) -> str | None:
    whole = _Box(0, file.seek(0, os.SEEK_END))
    file.seek(4)
    if file.read(4) != b"ftyp":
        raise _no_mp4()
    found = _find(file, b"moov", whole)
    if found is None:
        raise BadVideo("The video's file is not whole.", "Choose another copy of it.", case="video_torn")
    for name in _WAY:
        if (found := _find(file, name, found)) is None:
            return None
    size = found.end - found.start
    if size > _LONGEST:
        return None
    file.seek(found.start)
    return file.read(size).decode("utf-8", "replace")


def _find(file: BinaryIO, name: bytes, within: _Box) -> _Box | None:
    """The first whole box of that name directly in another; each step goes on by eight bytes or more."""
    start = within.start
    for _ in range(_MOST_BOXES):
        if start + 8 > within.end:
            return None
        file.seek(start)
        head = file.read(16)
        size, used = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, used = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = within.end - start
        end = start + size
        if size < used or end > within.end:
            return None
        if head[4:8] == name:
            return _Box(min(start + used + _BEFORE.get(name, 0), end), end)
        start = end
    return None


def _no_mp4() -> BadVideo:
    return BadVideo("This file is not an mp4 video.", "Choose an mp4 that Artifex made.", case="not_a_video")
