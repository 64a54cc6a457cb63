"""Processes that must not outlive each other. What differs between systems stands here."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path


def started_at(pid: int) -> str | None:
    """When the process began, in the system's own words; None when there is no such process."""
    if sys.platform == "win32":
        return _windows_started_at(pid)
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
    """End this process when `parent` ends, even by SIGKILL. Linux only; elsewhere the pipe says it."""
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None, use_errno=True).prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it was gone before we asked
            os._exit(1)


def kill_group(pid: int) -> None:
    """End the process and the group it leads, at once."""
    if sys.platform == "win32":
        command = ["taskkill", "/PID", str(pid), "/T", "/F"]
        subprocess.run(command, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
        return
    for kill in (os.killpg, os.kill):  # the group is not there before the process has made it
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def bind_children() -> None:
    """On Windows, put this process in a job object: when it ends, whatever it started ends."""
    if sys.platform == "win32":
        _enter_job()


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_process_limit", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


if sys.platform == "win32":
    from ctypes import wintypes

    _KILL_ON_JOB_CLOSE = 0x2000
    _EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
    _QUERY_LIMITED = 0x1000
    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel32.CreateJobObjectW.restype = wintypes.HANDLE
    _kernel32.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
    _kernel32.SetInformationJobObject.argtypes = (
        wintypes.HANDLE,
        ctypes.c_int,
        ctypes.c_void_p,
        wintypes.DWORD,
    )
    _kernel32.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    _kernel32.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel32.OpenProcess.restype = wintypes.HANDLE
    _kernel32.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    _kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel32.GetProcessTimes.argtypes = (wintypes.HANDLE, *[ctypes.POINTER(wintypes.FILETIME)] * 4)

    def _enter_job() -> None:
        job = _kernel32.CreateJobObjectW(None, None)
        limits = _ExtendedLimits()
        limits.basic.limit_flags = _KILL_ON_JOB_CLOSE
        size = ctypes.sizeof(limits)
        if not (
            job
            and _kernel32.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), size)
            and _kernel32.AssignProcessToJobObject(job, _kernel32.GetCurrentProcess())
        ):
            raise ctypes.WinError(ctypes.get_last_error())
        # The handle is never closed by us: the system closes it when this process ends.

    def _windows_started_at(pid: int) -> str | None:
        process = _kernel32.OpenProcess(_QUERY_LIMITED, False, pid)
        if not process:
            return None
        times = [wintypes.FILETIME() for _ in range(4)]  # created, ended, in the kernel, in user code
        known = _kernel32.GetProcessTimes(process, *[ctypes.byref(time) for time in times])
        _kernel32.CloseHandle(process)
        ended = times[1].dwHighDateTime or times[1].dwLowDateTime
        return f"{times[0].dwHighDateTime:x}{times[0].dwLowDateTime:08x}" if known and not ended else None
