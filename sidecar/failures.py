"""Exceptions in the words of the wire."""

from __future__ import annotations

import errno

from msgspec import Struct

from wan_core.errors import Value, WanError


class Failure(Struct, frozen=True):
    """Why a job came to nothing or was interrupted, why an engine ended, why a model cannot be used.

    `message` and `hint` are English; `case` and `values` are for the other languages (`WanError`).
    """

    code: str
    message: str
    hint: str = ""
    case: str | None = None
    values: dict[str, Value] = {}


def failure(problem: Exception) -> Failure:
    """What a person can act on in its own words; anything else as the bug it is."""
    if isinstance(problem, WanError):
        return Failure(problem.code, problem.reason, problem.hint, problem.case, problem.values)
    if isinstance(problem, MemoryError):
        hint = "Close other programs, or make it smaller."
        return Failure("RAM_OOM", "The computer ran out of memory.", hint)
    if type(problem).__name__ == "OutOfMemoryError":  # torch's: not imported here for its sake alone
        hint = "Choose a smaller size or fewer frames, or close other programs that use the GPU."
        return Failure("VRAM_OOM", "The GPU ran out of memory.", hint)
    if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
        return Failure("DISK_FULL", "The disk is full.", "Free some space, then try again.")
    if isinstance(problem, ImportError):
        return Failure("INTERNAL", f"A Python package cannot be imported: {problem}.", "Run: npm run setup")
    words = f"Something went wrong inside: {type(problem).__name__}: {problem}"
    hint = "The log has the details. Try again; if it comes back, please report it."
    return Failure("INTERNAL", words, hint)
