"""Memory and disks: whether there is room to work in."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.doctor.check import Check, fail, failed, gib, ok, warn
from sidecar.doctor.seen import Folder
from sidecar.machine import Memory

_GIB = 2**30
_ENOUGH_MEMORY = 2 * _GIB  # the shipped model and ffmpeg, with torch around them
_ROOM_TO_LOAD = 30 * _GIB  # memory and page file: Wan2.2-TI2V-5B has 22.8 GB of weights, and is not alone
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


def beyond_memory(found: Memory) -> Iterator[Check]:
    """What the system has where memory ends, if it says."""
    if found.page_file is not None:
        yield _page_file(found, found.page_file)
    if found.swap is not None and found.overcommit is not None:
        yield _swap(found, found.swap, found.overcommit)


def _page_file(found: Memory, size: int) -> Check:
    """Whether Windows can promise more than it has: without, loading ends with "os error 1455"."""
    small = size < _GIB if found.managed is None else found.total + size < _ROOM_TO_LOAD
    if small and not found.managed and found.total < _ROOM_TO_LOAD:
        total_gib, needed_gib = gib(found.total), gib(_ROOM_TO_LOAD - found.total)
        return warn(
            "page_file",
            f"The page file of Windows has {gib(size)} GiB and stays so. Beside {total_gib} GiB of memory a "
            f'large model needs {needed_gib} or more: loading it may end with "os error 1455".',
            f'Tick "Automatically manage paging file size for all drives" ({_VIRTUAL_MEMORY} > Change), then '
            "restart the computer.",
            case="page_file_small_fixed",
            values={"size_gib": gib(size), "total_gib": total_gib, "needed_gib": needed_gib},
        )
    if not found.managed and found.promised is not None and found.promised < _ENOUGH_MEMORY:
        return warn(
            "page_file",
            f"Memory and page file together have {gib(found.promised)} GiB left for programs.",
            f"Close other programs, or make the page file larger: {_VIRTUAL_MEMORY}",
            case="page_file_used",
            values={"left_gib": gib(found.promised)},
        )
    if found.managed:
        words = f"{gib(size)} GiB, and Windows makes it larger when that is needed"
        return ok("page_file", words, case="page_file_found_managed", values={"size_gib": gib(size)})
    return ok("page_file", f"{gib(size)} GiB", case="page_file_found", values={"size_gib": gib(size)})


def _swap(found: Memory, size: int, overcommit: int) -> Check:
    """Whether Linux promises programs more than it has: they ask for much that they never use."""
    if found.promised is not None and found.promised < _ROOM_TO_LOAD:
        return warn(
            "swap",
            f"Linux promises no more than it has (vm.overcommit_memory={overcommit}): {gib(found.promised)} "
            "GiB are left to ask for. Loading a large model, or starting CUDA, may fail with "
            '"Cannot allocate memory".',
            "Run: sudo sysctl vm.overcommit_memory=0",
            case="swap_strict",
            values={"left_gib": gib(found.promised), "mode": overcommit},
        )
    strict = found.promised is not None
    words = f"{gib(size)} GiB; programs may {'not ' * strict}ask for more than there is"
    return ok(
        "swap",
        f"{words} (vm.overcommit_memory={overcommit})",
        case="swap_found_strict" if strict else "swap_found",
        values={"size_gib": gib(size), "mode": overcommit},
    )


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
