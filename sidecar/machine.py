"""What the machine says without torch: memory, disks, NVIDIA's own tool."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

from msgspec import Struct


class Memory(Struct, frozen=True):
    """The computer's memory, in bytes."""

    total: int
    free: int


def memory() -> Memory | None:
    """How much there is and how much programs can still have; None where the system does not say."""
    if sys.platform == "win32":
        status = _MemoryStatus()
        status.length = ctypes.sizeof(status)
        known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return Memory(status.total, status.free) if known else None
    if sys.platform == "linux":
        try:
            lines = Path("/proc/meminfo").read_text("ascii").splitlines()
            kib = {line.split(":")[0]: int(line.split()[1]) for line in lines}
            return Memory(kib["MemTotal"] * 1024, kib["MemAvailable"] * 1024)
        except (OSError, ValueError, KeyError, IndexError):
            return None
    total = said("sysctl", "-n", "hw.memsize")
    return Memory(int(total), int(total)) if total and total.isdigit() else None


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


def nvidia_card() -> str | None:
    """Name and driver of the NVIDIA card, in the words of `nvidia-smi`; None if there is no card."""
    tool = shutil.which("nvidia-smi")
    return said(tool, "--query-gpu=name,driver_version", "--format=csv,noheader") if tool else None


def said(*command: str) -> str | None:
    """The first line that a program prints, or None if it cannot be run or fails."""
    try:
        found = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,  # seconds
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = found.stdout.decode("utf-8", "replace").splitlines()
    return lines[0].strip() if lines else ""
