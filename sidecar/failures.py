"""Exceptions in the words of the wire."""

from __future__ import annotations

import errno

from msgspec import Struct

from wan_core.errors import Value, WanError
from wan_core.partial import FULL


class Failure(Struct, frozen=True):
    """Why a job came to nothing or was interrupted, why an engine ended, why a model cannot be used.

    `message` and `hint` are English; `case` and `values` are for the other languages (`WanError`).
    """

    code: str
    message: str
    hint: str = ""
    case: str | None = None
    values: dict[str, Value] = {}


RAM_FULL = Failure(
    "RAM_OOM",
    "The computer ran out of memory.",
    "Close other programs, or choose a smaller size or fewer frames.",
    case="ram_full",
)
PAGE_FILE_SMALL = Failure(
    "RAM_OOM",
    "The computer ran out of memory: the page file of Windows is too small.",
    "Let Windows manage the size of the page file (Advanced system settings, Performance, Virtual memory), "
    "and keep some space free on that disk.",
    case="page_file_small",
)
_GPU_FULL = Failure(
    "VRAM_OOM",
    "The GPU ran out of memory.",
    "Choose a smaller size or fewer frames, or close other programs that use the GPU.",
    case="gpu_full",
)
_GPU_NOT_BUILT_FOR = Failure(
    "GPU_UNSUPPORTED",
    "The installed PyTorch was not built for this graphics card.",
    "Delete the folder .venv, then run: npm run setup",
    case="gpu_not_built_for",
)
_DISK_FULL = Failure("DISK_FULL", "The disk is full.", "Free some space, then try again.", case="disk_full")
_LIBRARY_UNLOADABLE = Failure(
    "ENGINE_CRASHED",
    "Windows cannot load a library that PyTorch needs.",
    "Install the Microsoft Visual C++ Redistributable (x64), then start Artifex again.",
    case="library_unloadable",
)

# What torch raises cannot be named here without importing it: its words and the name of its class must do.
_GPU_FULL_WORDS = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
_GPU_ERROR_WORDS = ("CUDA error", "CUBLAS_STATUS", "CUDNN_STATUS", "cuDNN error", "CUDA driver error")
_RAM_FULL_WORDS = ("DefaultCPUAllocator", "Cannot allocate memory")
_RAM_FULL_ON_WINDOWS = (8, 14, 1450)  # not enough memory, out of memory, no system resources
_PAGE_FILE_ON_WINDOWS = 1455
_LONGEST = 500  # characters of somebody else's words in ours
_LIBRARY_ON_WINDOWS = (126, 127, 182, 1114)  # a DLL is missing, too old, or cannot start


def failure(problem: Exception) -> Failure:
    """What a person can act on in its own words; anything else as the bug it is."""
    if isinstance(problem, WanError):
        return Failure(problem.code, problem.reason, problem.hint, problem.case, problem.values)
    return _out_of_something(problem) or _of_the_installation(problem) or _of_the_gpu(problem) or bug(problem)


def harmless(problem: Exception) -> bool:
    """Whether the process that raised it is sound all the same. After a CUDA error, or a bug, none is."""
    return isinstance(problem, (WanError, ImportError)) or failure(problem).code in (
        "VRAM_OOM",
        "DISK_FULL",
        "GPU_UNSUPPORTED",
    )


def bug(problem: BaseException) -> Failure:
    """Something that no person can act on."""
    error = f"{type(problem).__name__}: {problem}"[:_LONGEST]
    return Failure(
        "INTERNAL",
        f"Something went wrong inside: {error}",
        "The log has the details. Try again; if it comes back, please report it.",
        case="internal",
        values={"error": error},
    )


def _out_of_something(problem: Exception) -> Failure | None:
    words = str(problem)
    number = getattr(problem, "winerror", None)
    if type(problem).__name__ == "OutOfMemoryError" or any(part in words for part in _GPU_FULL_WORDS):
        return _GPU_FULL
    if number == _PAGE_FILE_ON_WINDOWS or f"os error {_PAGE_FILE_ON_WINDOWS}" in words:
        return PAGE_FILE_SMALL
    if (
        isinstance(problem, MemoryError)
        or number in _RAM_FULL_ON_WINDOWS
        or (isinstance(problem, OSError) and problem.errno == errno.ENOMEM)
        or any(part in words for part in _RAM_FULL_WORDS)
    ):
        return RAM_FULL
    return _DISK_FULL if isinstance(problem, OSError) and problem.errno in FULL else None


def _of_the_installation(problem: Exception) -> Failure | None:
    if getattr(problem, "winerror", None) in _LIBRARY_ON_WINDOWS or "DLL load failed" in str(problem):
        return _LIBRARY_UNLOADABLE
    if isinstance(problem, ImportError):
        return Failure(
            "ENGINE_CRASHED",
            f"A Python package cannot be imported: {problem}.",
            "Delete the folder .venv, then run: npm run setup",
            case="package_missing",
            values={"package": problem.name or "?"},
        )
    return None


def _of_the_gpu(problem: Exception) -> Failure | None:
    words = str(problem)
    if "no kernel image is available" in words:
        return _GPU_NOT_BUILT_FOR
    if type(problem).__name__ != "AcceleratorError" and not any(part in words for part in _GPU_ERROR_WORDS):
        return None
    error = (words.splitlines() or [type(problem).__name__])[0].removeprefix("CUDA error: ")[:_LONGEST]
    return Failure(
        "ENGINE_CRASHED",
        f"The graphics card stopped with an error ({error}).",
        "Update its driver, undo any overclocking, and restart the computer if it comes back.",
        case="gpu_error",
        values={"error": error},
    )
