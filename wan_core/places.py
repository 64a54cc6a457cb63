"""Where each tensor of safetensors files lies, and its bytes from there. No torch here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from io import FileIO
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from wan_core.errors import ModelCorrupt

AGAIN = "Download this file again."
PAD = "__pad."  # tensors of this name only fill up a file, so that what comes after them is aligned
LARGEST_HEADER = 100 * 2**20  # bytes; the official shards have under 1 MiB
_LARGEST_NUMBER = 2**63
_MOST_AXES = 8
_SIZES = {
    "F64": 8,
    "F32": 4,
    "F16": 2,
    "BF16": 2,
    "U8": 1,
    "I64": 8,
    "I32": 4,
}  # bytes; others are not checked


class Place(NamedTuple):
    """Where the bytes of one tensor are, and what they are."""

    file: Path
    offset: int  # bytes from the start of the file
    nbytes: int
    dtype: str  # as safetensors calls it: "F32", "BF16"
    shape: tuple[int, ...]


class Header(NamedTuple):
    """What a safetensors file says of itself."""

    places: dict[str, Place]
    notes: dict[str, str]  # its __metadata__


def places(files: Iterable[Path]) -> dict[str, Place]:
    """Where each tensor of `files` lies, but for padding. Raises ModelCorrupt where a file is torn."""
    return {
        name: place
        for file in files
        for name, place in header(file).places.items()
        if not name.startswith(PAD)
    }


def header(file: Path) -> Header:
    """The header of `file`, once its tensors fill the file without holes and fit their shapes."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(size, LARGEST_HEADER):
            raise torn(file)
        text = stream.read(length)
    try:
        entries = json.loads(text)
        notes = dict(entries.pop("__metadata__", {}))
        found = {name: _place(file, 8 + length, entry) for name, entry in entries.items()}
        end = max(place.offset + place.nbytes for place in found.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise torn(file) from None
    if size != end or sum(prod(place.shape) for place in found.values()) > size:
        raise _short(file, size, end)
    filled = 8 + length
    for offset, nbytes in sorted((place.offset, place.nbytes) for place in found.values()):
        if offset != filled:
            raise torn(file)
        filled += nbytes
    return Header(found, notes)


def _place(file: Path, data: int, entry: dict[str, Any]) -> Place:
    (begin, end), shape, dtype = entry["data_offsets"], tuple(entry["shape"]), entry["dtype"]
    if len(shape) > _MOST_AXES or not isinstance(dtype, str):
        raise ValueError
    if any(type(number) is not int or not 0 <= number < _LARGEST_NUMBER for number in (begin, end, *shape)):
        raise ValueError
    if end < begin or (dtype in _SIZES and prod(shape) * _SIZES[dtype] != end - begin):
        raise ValueError
    return Place(file, data + begin, end - begin, dtype, shape)


def torn(file: Path) -> ModelCorrupt:
    """What is said of a file that is not what its name says."""
    return ModelCorrupt(f"{file} is torn.", AGAIN, case="file_torn", file=file.name)


def _short(file: Path, size: int, whole: int) -> ModelCorrupt:
    return ModelCorrupt(
        f"{file} is torn: it has {size:,} bytes of {whole:,}.",
        AGAIN,
        case="file_short",
        file=file.name,
        bytes=size,
        whole=whole,
    )


class Reader:
    """Reads into memory that is there already; keeps files open until `close`. For one thread at a time."""

    def __init__(self) -> None:
        self._files: dict[Path, FileIO] = {}

    def read_into(self, places: Iterable[Place], buffer: memoryview) -> None:
        """Fill `buffer` with the bytes of `places` in their order; neighbours in a file are read as one.

        Raises ModelCorrupt where a file cannot be read or has become shorter.
        """
        start = 0
        for file, offset, nbytes in _runs(places):
            if start + nbytes > len(buffer):
                raise ValueError(f"a buffer of {len(buffer):,} bytes is too small")
            try:
                self._fill(file, offset, buffer[start : start + nbytes])
            except OSError as problem:
                raise ModelCorrupt(
                    f"{file} cannot be read: {problem.strerror}.",
                    AGAIN,
                    case="model_file_unreadable",
                    file=file.name,
                ) from problem
            start += nbytes
        if start != len(buffer):
            raise ValueError(f"a buffer of {len(buffer):,} bytes is too large for {start:,}")

    def _fill(self, file: Path, offset: int, buffer: memoryview) -> None:
        if file not in self._files:
            self._files[file] = FileIO(file, opener=_for_reading_on)
        done = 0
        while done < len(buffer):  # a system reads no more than 2 GiB at once
            count = _read_at(self._files[file], offset + done, buffer[done:])
            if count == 0:
                raise _short(file, os.fstat(self._files[file].fileno()).st_size, offset + len(buffer))
            done += count

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _runs(places: Iterable[Place]) -> Iterator[tuple[Path, int, int]]:
    """File, offset and bytes of what can be read at once."""
    run: tuple[Path, int, int] | None = None
    for place in places:
        if run is not None and (run[0], run[1] + run[2]) == (place.file, place.offset):
            run = (*run[:2], run[2] + place.nbytes)
        else:
            if run is not None:
                yield run
            run = (place.file, place.offset, place.nbytes)
    if run is not None:
        yield run


def _for_reading_on(path: str, flags: int) -> int:
    """Open a file and tell the system that it is read from front to back, so that it reads further ahead."""
    descriptor = os.open(path, flags | getattr(os, "O_SEQUENTIAL", 0))  # on Windows
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    return descriptor


def _read_at(file: FileIO, offset: int, buffer: memoryview) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(file.fileno(), [buffer], offset)
    file.seek(offset)  # Windows
    return file.readinto(buffer) or 0
