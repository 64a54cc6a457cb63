"""Memory and disks: whether there is room to work in."""

from __future__ import annotations

from sidecar.doctor.check import Check, fail, failed, gib, ok, warn
from sidecar.doctor.seen import Folder
from sidecar.machine import Memory

_GIB = 2**30
_ENOUGH_MEMORY = 2 * _GIB  # the shipped model and ffmpeg, with torch around them
_PLENTY_OF_MEMORY = (
    32 * _GIB
)  # with less, Windows needs its page file to load the text encoder of a real model
_ENOUGH_DISK = 2 * _GIB  # some videos, and what is needed on the way
_NO_DISK = _GIB // 10

_VIRTUAL_MEMORY = "Settings > System > About > Advanced system settings > Performance > Virtual memory"


def memory(found: Memory | None) -> Check:
    """Whether programs can still have some."""
    if found is None:
        return ok("memory", "The system does not say how much there is.", case="memory_unknown")
    total, free = gib(found.total), gib(found.free)
    if found.free < _ENOUGH_MEMORY:
        return warn(
            "memory",
            f"Only {free} of {total} GiB are free.",
            "Close other programs before making a video.",
            case="memory_low",
            values={"free_gib": free, "total_gib": total},
        )
    words = f"{free} of {total} GiB are free"
    return ok("memory", words, case="memory_found", values={"free_gib": free, "total_gib": total})


def page_file(found: Memory, size: int) -> Check:
    """Whether Windows can promise more than it has: without, loading ends with error 1455."""
    if size < _GIB and found.total < _PLENTY_OF_MEMORY:
        return warn(
            "page_file",
            f"The page file of Windows has {gib(size)} GiB: large models may fail to load.",
            f"Let Windows manage its size: {_VIRTUAL_MEMORY}",
            case="page_file_tiny",
            values={"size_gib": gib(size)},
        )
    if found.promised is not None and found.promised < _ENOUGH_MEMORY:
        return warn(
            "page_file",
            f"Memory and page file together have {gib(found.promised)} GiB left for programs.",
            f"Close other programs, or make the page file larger: {_VIRTUAL_MEMORY}",
            case="page_file_used",
            values={"left_gib": gib(found.promised)},
        )
    return ok("page_file", f"{gib(size)} GiB", case="page_file_found", values={"size_gib": gib(size)})


def folder(found: Folder) -> Check:
    """Whether a folder can be written to and has room."""
    id, path = found.id, str(found.path)
    if found.denied is not None:
        return failed(id, found.denied)
    if found.free is None:
        return ok(id, path, case="folder_writable", values={"path": path})
    free = gib(found.free)
    if found.free < _NO_DISK:
        return fail(
            id,
            f"The disk of {path} is full.",
            "Free some space there, or choose another folder.",
            case="folder_full",
            values={"path": path},
        )
    if found.free < _ENOUGH_DISK:
        return warn(
            id,
            f"Only {free} GiB are free on the disk of {path}.",
            "Free some space there.",
            case="folder_low",
            values={"path": path, "free_gib": free},
        )
    words = f"{path}, {free} GiB free"
    return ok(id, words, case="folder_found", values={"path": path, "free_gib": free})
