"""Lines in and out: no line is held beyond its limit, none is written half."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator

MAX_LINE = 1024 * 1024  # bytes, the newline not counted
_CHUNK = 65536


def read_lines(descriptor: int, limit: int = MAX_LINE) -> Iterator[bytes | None]:
    """Every line that is not blank, without its newline; `None` in the place of one that is too long."""
    held = bytearray()
    skipping = False
    while chunk := _read(descriptor):
        *complete, rest = chunk.split(b"\n")
        for piece in complete:
            held += piece
            if skipping or len(held) > limit:
                yield None
            elif line := bytes(held).strip():
                yield line
            held.clear()
            skipping = False
        held += rest
        if len(held) > limit:
            held.clear()
            skipping = True
    if skipping:
        yield None
    elif line := bytes(held).strip():
        yield line


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:  # the other end is gone in a way that is not end-of-file
        return b""


def hung_up(descriptor: int) -> bool:
    """Whether whoever wrote to the pipe is gone, though not all of it is read. Windows does not say."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def write_line(descriptor: int, line: bytes) -> None:
    """One whole line, however small the pieces are that the pipe takes."""
    rest = memoryview(line + b"\n")
    while rest:
        rest = rest[os.write(descriptor, rest) :]
