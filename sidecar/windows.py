"""What only Windows has: job objects, process times by handle, `taskkill`, page files.

The system's functions come in from outside, so that what they are called with can be looked at anywhere.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Sequence
from ctypes import wintypes
from typing import NamedTuple, Protocol

HIDDEN: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # a helper shows no window

KILL_ON_JOB_CLOSE = 0x2000
EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
ACCOUNTING = 8  # JobObjectBasicAndIoAccountingInformation
QUERY_LIMITED = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_TICKS = 10_000_000  # a second, in the unit of Windows' times


class Kernel32(Protocol):
    """The functions of kernel32.dll that are called here, by their own names."""

    def CreateJobObjectW(self, security: None, name: None, /) -> int | None: ...
    def SetInformationJobObject(self, job: int, kind: int, about: object, size: int, /) -> int: ...
    def QueryInformationJobObject(
        self, job: None, kind: int, about: object, size: int, length: None, /
    ) -> int: ...
    def AssignProcessToJobObject(self, job: int, process: int, /) -> int: ...
    def GetCurrentProcess(self) -> int: ...
    def OpenProcess(self, access: int, inherit: bool, pid: int, /) -> int | None: ...
    def GetProcessTimes(self, process: int, *times: object) -> int: ...
    def CloseHandle(self, handle: int, /) -> int: ...


class System(NamedTuple):
    """Windows, or what stands in for it."""

    kernel32: Kernel32
    last_error: Callable[[], int]


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

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


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class Accounting(ctypes.Structure):
    """JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION."""

    _fields_ = (
        ("user_time", ctypes.c_int64),
        ("kernel_time", ctypes.c_int64),
        ("period_user_time", ctypes.c_int64),
        ("period_kernel_time", ctypes.c_int64),
        ("page_faults", ctypes.c_uint32),
        ("processes", ctypes.c_uint32),
        ("active_processes", ctypes.c_uint32),
        ("terminated_processes", ctypes.c_uint32),
        ("operations", ctypes.c_uint64 * 3),  # read, write, other
        ("bytes", ctypes.c_uint64 * 3),
    )


def enter_job(system: System) -> None:
    """Put this process in a job object of its own: when it ends, whatever it started ends. OSError if not."""
    kernel32 = system.kernel32
    job = kernel32.CreateJobObjectW(None, None)
    if not job:
        raise _refused(system, "CreateJobObject")
    limits = ExtendedLimits()
    limits.basic.limit_flags = KILL_ON_JOB_CLOSE
    size = ctypes.sizeof(limits)
    if not kernel32.SetInformationJobObject(job, EXTENDED_LIMITS, ctypes.byref(limits), size):
        raise _refused(system, "SetInformationJobObject", job)
    if not kernel32.AssignProcessToJobObject(job, kernel32.GetCurrentProcess()):
        raise _refused(system, "AssignProcessToJobObject", job)
    # The handle is never closed by us: the system closes it when this process ends.


def used(system: System) -> tuple[float, int]:
    """CPU seconds and bytes read and written by all of this process's job: itself and its helpers."""
    found = Accounting()
    size = ctypes.sizeof(found)
    if not system.kernel32.QueryInformationJobObject(None, ACCOUNTING, ctypes.byref(found), size, None):
        return 0.0, 0
    return (found.user_time + found.kernel_time) / _TICKS, found.bytes[0] + found.bytes[1]


def started_at(system: System, pid: int) -> str | None:
    """When the process began, in Windows' own count; None when there is no such process."""
    process = system.kernel32.OpenProcess(QUERY_LIMITED, False, pid)
    if not process:
        return None
    times = [wintypes.FILETIME() for _ in range(4)]  # created, ended, in the kernel, in user code
    known = system.kernel32.GetProcessTimes(process, *[ctypes.byref(time) for time in times])
    system.kernel32.CloseHandle(process)
    ended = times[1].dwHighDateTime or times[1].dwLowDateTime
    return f"{times[0].dwHighDateTime:x}{times[0].dwLowDateTime:08x}" if known and not ended else None


def kill_tree(pid: int) -> None:
    """End the process and whatever it started. The process must still live: its tree is found from it."""
    command = ["taskkill", "/PID", str(pid), "/T", "/F"]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, creationflags=HIDDEN)


def manages(page_files: Sequence[str]) -> bool:
    """Whether Windows makes a page file larger when it is needed: `page_files` as its registry lists them.

    A file stands there with its least and its largest size; both 0, or neither there, leaves it to Windows.
    """
    files = [line.split() for line in page_files if line.strip()]
    return any(not (words[-1].isdecimal() and int(words[-1])) for words in files)


def _refused(system: System, function: str, job: int | None = None) -> OSError:
    error = system.last_error()
    if job:
        system.kernel32.CloseHandle(job)
    return OSError(error, f"{function} was refused (Windows error {error})")


if sys.platform == "win32":

    def system() -> System:
        """This Windows."""
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        handle, dword, pointer = wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p
        times = ctypes.POINTER(wintypes.FILETIME)
        for name, result, *arguments in (
            ("CreateJobObjectW", handle, pointer, wintypes.LPCWSTR),
            ("SetInformationJobObject", wintypes.BOOL, handle, ctypes.c_int, pointer, dword),
            ("QueryInformationJobObject", wintypes.BOOL, handle, ctypes.c_int, pointer, dword, pointer),
            ("AssignProcessToJobObject", wintypes.BOOL, handle, handle),
            ("GetCurrentProcess", handle),
            ("OpenProcess", handle, dword, wintypes.BOOL, dword),
            ("GetProcessTimes", wintypes.BOOL, handle, times, times, times, times),
            ("CloseHandle", wintypes.BOOL, handle),
        ):
            function = getattr(kernel32, name)
            function.restype, function.argtypes = result, tuple(arguments)
        return System(kernel32, ctypes.get_last_error)

    def page_files() -> list[str] | None:
        """The page files that this Windows was told to have; None where it does not say."""
        import winreg

        place = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                return list(winreg.QueryValueEx(key, "PagingFiles")[0])
        except (OSError, TypeError):
            return None
