"""Processes that must not outlive each other, and what they use. What differs between systems stands here."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sidecar import windows

if sys.platform != "win32":
    import fcntl

VMSTAT = Path("/proc/vmstat")
_TICKS = 100  # a second, in which Linux counts CPU time for others


def started_at(pid: int) -> str | None:
    """When the process began, in the system's own words; None when there is no such process."""
    if sys.platform == "win32":
        return windows.started_at(windows.system(), pid)
    if sys.platform == "linux":
        try:
            text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except OSError:
            return None
        return f"{boot}:{text.rpartition(')')[2].split()[19]}"
    found = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None


def lead_own_group() -> None:
    """Make this process and its children one group that `kill_group` ends; Ctrl+C passes it by."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        with contextlib.suppress(PermissionError):  # already the leader of one
            os.setsid()


def die_with_parent(parent: int) -> None:
    """Have the system end the group this process leads when `parent` ends, even by SIGKILL, whatever we do.

    Linux only. On Windows the parent's job object does it, elsewhere whoever reads the pipe to the parent.
    """
    known = multiprocessing.parent_process()
    if sys.platform == "linux" and known is not None:
        life = known.sentinel  # a pipe into which the parent never writes, and which it holds open
        set_signal = 10  # F_SETSIG
        with contextlib.suppress(OSError):  # a system that only looks like Linux; then as elsewhere
            fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
            fcntl.fcntl(life, set_signal, signal.SIGKILL)
            fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
        if os.getppid() != parent:  # it was gone before we asked
            os._exit(1)


def kill_group(pid: int) -> None:
    """End the process and the group it leads, at once."""
    if sys.platform == "win32":
        windows.kill_tree(pid)
        return
    for kill in (os.killpg, os.kill):  # the group is not there before the process has made it
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def bind_children() -> None:
    """On Windows, put this process in a job object: when it ends, whatever it started ends."""
    if sys.platform == "win32":
        windows.enter_job(windows.system())


def oom_kills() -> int:
    """How many processes the system has ended for lack of memory; 0 where it does not say."""
    try:
        lines = VMSTAT.read_text("ascii").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
    except (OSError, ValueError, IndexError):
        return 0


def used() -> tuple[float, int]:
    """CPU seconds and bytes moved by this process and its helpers, but for the CPU time of this thread."""
    if sys.platform == "win32":
        cpu, moved = windows.used(windows.system())
        return cpu - time.thread_time(), moved
    helpers = list(_below(os.getpid())) if sys.platform == "linux" else []
    cpu = sum(map(_cpu_seconds, helpers)) + time.process_time() - time.thread_time()
    return cpu, sum(map(_bytes_moved, (os.getpid(), *helpers)))


def _below(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, thread.read_text("ascii").split()):
                yield child
                yield from _below(child)


def _cpu_seconds(pid: int) -> float:
    try:
        times = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / _TICKS
    except (OSError, ValueError):
        return 0.0


def _bytes_moved(pid: int) -> int:
    """Through pipes and files, and from the disk into memory."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text("ascii").splitlines()
        return sum(
            int(line.split()[1]) for line in lines if line.startswith(("rchar", "wchar", "read_bytes"))
        )
    except (OSError, ValueError, IndexError):
        return 0
