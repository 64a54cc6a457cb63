"""What the machine says without torch: memory, disks, other programs."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from sidecar import windows

LEFT_TO_OTHERS = 4 * 2**30  # bytes of RAM that weights may not be pinned in


class Memory(Struct, frozen=True):
    """The computer's memory, in bytes."""

    total: int
    free: int
    page_file: int | None = None  # Windows: how much may be written out to the disk
    promised: int | None = None  # what can still be promised to programs: Windows; Linux, if it keeps count
    managed: bool | None = None  # Windows: whether it makes its page file larger when that is needed
    swap: int | None = None  # Linux
    overcommit: int | None = None  # Linux: 0 and 1 promise more than there is, 2 does not


def memory() -> Memory | None:
    """How much there is and how much programs can still have; None where the system does not say."""
    if sys.platform == "win32":
        status = _MemoryStatus()
        status.length = ctypes.sizeof(status)
        known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return windows_memory(status, windows.page_files()) if known else None
    if sys.platform == "linux":
        try:
            return linux_memory(Path("/proc/meminfo").read_text("ascii"), _overcommit())
        except (OSError, ValueError, KeyError, IndexError):
            return None
    said = ask("sysctl", "-n", "hw.memsize")
    return Memory(int(said.text), int(said.text)) if said and said.text.isdigit() else None


def pinnable() -> int | None:
    """Bytes of RAM that weights may be pinned in now; None where the system does not say."""
    ram = memory()
    return None if ram is None else max(0, ram.free - LEFT_TO_OTHERS)


def linux_memory(meminfo: str, overcommit: int | None) -> Memory:
    """What Linux said. It keeps to its limit of promises only where `overcommit` is 2."""
    size = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in meminfo.splitlines()}
    promised = max(0, size["CommitLimit"] - size["Committed_AS"]) if overcommit == 2 else None
    return Memory(
        size["MemTotal"],
        size["MemAvailable"],
        promised=promised,
        swap=size.get("SwapTotal"),
        overcommit=overcommit,
    )


def _overcommit() -> int | None:
    try:
        return int(Path("/proc/sys/vm/overcommit_memory").read_text("ascii"))
    except (OSError, ValueError):
        return None


def windows_memory(status: _MemoryStatus, page_files: list[str] | None) -> Memory:
    """What Windows said. Its "page file" numbers are memory and page file together: what it can promise."""
    page_file = max(0, status.total_page_file - status.total)
    managed = None if page_files is None else windows.manages(page_files)
    return Memory(status.total, status.free, page_file, status.free_page_file, managed)


class _MemoryStatus(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("free", ctypes.c_uint64),
        ("total_page_file", ctypes.c_uint64),
        ("free_page_file", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64),
        ("free_virtual", ctypes.c_uint64),
        ("free_extended_virtual", ctypes.c_uint64),
    )


def disk_free(folder: Path) -> int | None:
    """Bytes that are free where `folder` is, or will be."""
    for place in (folder, *folder.parents):
        if place.exists():
            try:
                return shutil.disk_usage(place).free
            except OSError:
                return None
    return None


class Said(Struct, frozen=True):
    """How a program ended, and what it printed."""

    code: int
    text: str


def ask(*command: str, patience: float = 5.0) -> Said | None:
    """Run a program for what it prints; None if it cannot be run or says nothing for `patience` seconds."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError):
        return None
    try:
        printed, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        with suppress(subprocess.TimeoutExpired):  # one that hangs inside a driver cannot even be killed
            process.wait(0.5)
        return None
    finally:
        if process.stdout:
            process.stdout.close()
    return Said(process.returncode, printed.decode("utf-8", "replace").strip())
