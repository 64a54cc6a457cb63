"""Pictures that came in and videos that were made, by ids that survive restarts, and previews meanwhile."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from msgspec import Struct

from sidecar import previews
from sidecar.folders import Home
from sidecar.store import Media, Store
from wan_core.errors import BadImage, WanError
from wan_core.partial import FULL, cannot_write
from wan_core.picture import read_picture

log = logging.getLogger(__name__)


class Format(NamedTuple):
    """How a picture is stored and served."""

    ending: str
    type: str


FORMATS = {
    "PNG": Format("png", "image/png"),
    "JPEG": Format("jpg", "image/jpeg"),
    "MPO": Format("jpg", "image/jpeg"),  # a JPEG that carries a second view, as phones write it
    "WEBP": Format("webp", "image/webp"),
    "GIF": Format("gif", "image/gif"),
    "BMP": Format("bmp", "image/bmp"),
    "TIFF": Format("tiff", "image/tiff"),
    "AVIF": Format("avif", "image/avif"),
}
_MAX_MIB = 64
_USUAL = "Choose a PNG, JPEG or WebP picture."


class UnknownMedia(WanError):
    """No stored file has that id."""

    code = "UNKNOWN_MEDIA"


class Input(Struct, frozen=True):
    """A stored picture on the wire; its size is as a person sees it, EXIF rotation applied."""

    id: str
    width: int
    height: int
    type: str


def take_in(home: Home, path: Path, *, keep: bool) -> Media:
    """Store the picture at `path` under its content's name, or raise `BadImage`. Any thread may call this.

    `keep` leaves the file where it is; otherwise it is moved, or removed when refused.
    """
    try:
        media = measure(path)
        stored = home.inputs / media.path
        if not stored.exists():
            half = home.inputs / f".{token_hex(8)}.part"
            try:
                shutil.copyfile(path, half)
                os.replace(half, stored)
            finally:
                half.unlink(missing_ok=True)
    except OSError as problem:
        if problem.errno in FULL:
            raise cannot_write(home.inputs / path.name, problem) from problem
        raise _unreadable(problem) from problem
    finally:
        if not keep:
            with suppress(OSError):
                path.unlink()
    return media


def measure(path: Path) -> Media:
    """What the picture at `path` would be stored as, or `BadImage`. Any thread may call this."""
    try:
        kind, width, height = _look(path)
        digest = _sha256(path)
    except OSError as problem:
        raise _unreadable(problem) from problem
    return Media(digest, "input", f"{digest}.{kind.ending}", kind.type, width, height)


def _unreadable(problem: OSError) -> BadImage:
    reason = f"The picture cannot be read: {problem.strerror or problem}."
    return BadImage(reason, _USUAL, case="picture_unreadable")


def _look(path: Path) -> tuple[Format, int, int]:
    """Format and upright size of the picture, once every pixel of its first frame could be read."""
    if path.is_file() and path.stat().st_size > _MAX_MIB * 2**20:
        raise BadImage(
            f"The picture is larger than {_MAX_MIB} MiB.",
            "Choose a smaller picture.",
            case="picture_too_heavy",
            most=_MAX_MIB,
        )
    picture = read_picture(path)
    return FORMATS[picture.format or ""], *picture.size


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(2**20):
            digest.update(piece)
    return digest.hexdigest()


class Library:
    """Ids and what they stand for. Used by the owner thread alone."""

    def __init__(self, home: Home, store: Store) -> None:
        self._home = home
        self._store = store
        self._unwritten: dict[str, Media] = {}  # videos, by id, while the disk was full

    def remember(self, media: Media) -> Input:
        """Write a taken-in picture down; its face on the wire."""
        self._store.add_media(media)
        return Input(media.id, media.width, media.height, media.type)

    def add_video(self, path: str, width: int, height: int, job: str) -> str:
        """Write a finished video down, where the disk is full together with the next one; its id."""
        id = token_hex(8)
        self._unwritten[id] = Media(id, "output", path, "video/mp4", width, height, job)
        try:
            for unwritten, media in list(self._unwritten.items()):
                self._store.add_media(media)
                del self._unwritten[unwritten]
        except sqlite3.Error:  # the video is there all the same
            log.exception("The video %s could not be written down", path)
        return id

    def find(self, id: str) -> tuple[Media, Path]:
        """What was stored under the id and where it is, or `UnknownMedia`."""
        media = self._unwritten.get(id) or self._store.media(id) or self._preview(id)
        if media is None:
            raise UnknownMedia(
                "There is no picture or video of that id.",
                "Choose it again.",
                "$.media",
                case="unknown_media",
            )
        path = self._home.inputs / media.path
        if not os.path.isfile(path):  # nor where nobody may look
            raise UnknownMedia(
                f"{path} is not there any more.",
                "It was moved or deleted.",
                "$.media",
                case="media_gone",
                file=path.name,
            )
        return media, path

    def _preview(self, id: str) -> Media | None:
        """The preview of that id, which is not written down: its job's end is its own."""
        path = previews.find(self._home.work, id)
        return Media(id, "preview", str(path), "image/webp", 0, 0) if path else None
