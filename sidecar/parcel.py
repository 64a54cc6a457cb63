"""A download as it is remembered: where it goes, and which files at which commit."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from sidecar.failures import Failure
from wan_core.errors import OutputDenied
from wan_core.partial import cannot_write

_SHA256 = 64  # letters of it


class Digest(Protocol):
    """What takes in bytes and gives their hash."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take in more."""

    def hexdigest(self) -> str:
        """The hash of all that was taken in."""


class File(Struct, frozen=True, kw_only=True):
    """A file of a model, as the hub described it."""

    path: str  # in the model's folder, with "/"
    size: int  # bytes
    hash: str  # sha256 as git LFS has it; of a small file, the name that git gives it (sha1)
    wrong: bool = False  # what is on disk was found to be something else

    def digest(self) -> Digest:
        """A hash that ends as `hash` once it has taken in the right bytes."""
        if len(self.hash) == _SHA256:
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)


class Parcel(Struct, kw_only=True):
    """What is known of a download. `commit` is the one that the hub named first: none other is mixed in."""

    folder: str  # the model's own
    offer: str
    hub: str
    commit: str | None = None
    files: tuple[File, ...] = ()
    state: Literal["open", "kept", "done"] = "open"  # "kept": cancelled, but what came is still there
    failure: Failure | None = None  # why it is paused

    @property
    def root(self) -> Path:
        """The model's folder."""
        return Path(self.folder)

    @property
    def whole(self) -> int | None:
        """Bytes of all files; None before the hub was asked."""
        return sum(file.size for file in self.files) if self.files else None

    def here(self) -> int:
        """Bytes that need not be fetched any more."""
        return sum(min(file.size, self._size(file)) for file in self.files if not file.wrong)

    def places(self, file: File) -> tuple[Path, Path]:
        """Where `file` is once it is whole and right, and where it is until then."""
        path = inside(self.root, file.path)
        return path, path.with_name(f"{path.name}.part")

    def _size(self, file: File) -> int:
        path = self.root / file.path
        return max(_size(path), _size(path.with_name(f"{path.name}.part")))

    def remove(self) -> None:
        """Delete these files and the folders that are empty then; nothing else, nothing behind a link."""
        for file in self.files:
            for place in self.places(file):
                try:
                    place.unlink(missing_ok=True)
                except OSError as problem:
                    raise cannot_write(place, problem) from problem
        folders = {inside(self.root, file.path).parent for file in self.files}
        for folder in sorted({*folders, *(folder.parent for folder in folders), self.root}, reverse=True):
            if folder.is_relative_to(self.root):
                with suppress(OSError):  # something of somebody else's is in it
                    folder.rmdir()


def inside(root: Path, path: str) -> Path:
    """The place of `path` in `root`; an OutputDenied where a folder on the way to it is a link."""
    place, real = root / path, os.path.realpath(root)
    for folder in place.relative_to(root).parents:
        led = os.path.realpath(root / folder) != os.path.normpath(os.path.join(real, folder))
        if led or os.path.islink(root):
            raise OutputDenied(
                f"{root / folder} is a link to another folder.",
                "Replace the link by a folder, or choose another one.",
                case="folder_is_link",
                path=str(root / folder),
            )
    return place


def _size(path: Path) -> int:
    try:
        return 0 if os.path.islink(path) else path.stat().st_size
    except OSError:
        return 0
