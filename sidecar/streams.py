"""The process's own stdin and stdout, taken away before any library or child can touch them."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def take_stdout() -> int:
    """A descriptor of the real stdout; whatever prints from here on, children included, lands on stderr."""
    _fill_closed()
    kept = _kept(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return kept


def take_stdin() -> int:
    """A descriptor of the real stdin; descriptor 0 is the null device from here on."""
    _fill_closed()
    kept = _kept(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return kept


def as_text(stdout: int) -> TextIO:
    """The kept stdout for words: a terminal in its own encoding, anything else in UTF-8."""
    encoding = None if os.isatty(stdout) else "utf-8"
    return open(stdout, "w", encoding=encoding, errors="backslashreplace", closefd=False)


def _kept(stream: int) -> int:
    kept = os.dup(stream)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(kept, os.O_BINARY)  # `\n` stays `\n`
    return kept


def _fill_closed() -> None:
    """A process may be started with 0, 1 or 2 closed; a file opened later must not land there."""
    while True:
        null = os.open(os.devnull, os.O_RDWR)
        if null > 2:
            os.close(null)
            break
        os.set_inheritable(null, True)
    if sys.stderr is None:
        sys.stderr = as_text(2)
