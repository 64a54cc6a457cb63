"""Exceptions in the words of the wire."""

from __future__ import annotations

import errno

from sidecar.messages import Failed
from wan_core.errors import WanError


def failure(job: str | None, problem: Exception) -> Failed:
    """What a person can act on in its own words; anything else as the bug it is."""
    if isinstance(problem, WanError):
        return Failed(job, problem.code, problem.reason, problem.hint, problem.field)
    if isinstance(problem, MemoryError):
        return Failed(
            job, "RAM_OOM", "The computer ran out of memory.", "Close other programs, or make it smaller."
        )
    if type(problem).__name__ == "OutOfMemoryError":  # torch's: not imported here for its sake alone
        hint = "Choose a smaller size or fewer frames, or close other programs that use the GPU."
        return Failed(job, "VRAM_OOM", "The GPU ran out of memory.", hint)
    if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
        return Failed(job, "DISK_FULL", "The disk is full.", "Free some space, then try again.")
    if isinstance(problem, ImportError):
        return Failed(
            job, "INTERNAL", f"A Python package cannot be imported: {problem}.", "Run: npm run setup"
        )
    hint = "The log has the details. Try again; if it comes back, please report it."
    return Failed(job, "INTERNAL", f"Something went wrong inside: {type(problem).__name__}: {problem}", hint)
