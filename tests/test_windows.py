"""What is asked of Windows, recorded: which functions, with what, and what is said when one refuses."""

from __future__ import annotations

import ast
import ctypes
import errno
import os
import subprocess
import sys
from ctypes import wintypes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sidecar import lock, processes, windows
from sidecar.windows import System
from tests.talk import ROOT

JOB, OURSELVES, OTHER = 0x44, -1, 0x88  # handles


class Kernel32:
    """Says yes to everything but `refuses`, and remembers what it was asked."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.calls: list[str] = []
        self.closed: list[int] = []
        self.limits: bytes = b""

    def _asked(self, name: str, answer: int) -> int:
        self.calls.append(name)
        return 0 if name == self.refuses else answer

    def CreateJobObjectW(self, security: None, name: None, /) -> int | None:
        return self._asked("CreateJobObjectW", JOB) or None

    def SetInformationJobObject(self, job: int, kind: int, about: Any, size: int, /) -> int:
        assert (job, kind) == (JOB, 9)
        self.limits = ctypes.string_at(ctypes.addressof(about._obj), size)
        return self._asked("SetInformationJobObject", 1)

    def QueryInformationJobObject(self, job: None, kind: int, about: Any, size: int, length: None, /) -> int:
        assert (job, kind, size) == (None, 8, 96)
        found = about._obj
        found.user_time, found.kernel_time = 25_000_000, 5_000_000  # in units of 100 ns
        found.bytes[:] = [4096, 1024, 77]
        return self._asked("QueryInformationJobObject", 1)

    def AssignProcessToJobObject(self, job: int, process: int, /) -> int:
        assert (job, process) == (JOB, OURSELVES)
        return self._asked("AssignProcessToJobObject", 1)

    def GetCurrentProcess(self) -> int:
        return OURSELVES

    def OpenProcess(self, access: int, inherit: bool, pid: int, /) -> int | None:
        assert (access, inherit) == (0x1000, False)
        return self._asked("OpenProcess", OTHER) or None

    def GetProcessTimes(self, process: int, *times: Any) -> int:
        assert process == OTHER and len(times) == 4
        created: wintypes.FILETIME = times[0]._obj
        created.dwHighDateTime, created.dwLowDateTime = 0x1D9, 0xABC
        times[1]._obj.dwHighDateTime = int(self.refuses == "life")
        return self._asked("GetProcessTimes", 1)

    def CloseHandle(self, handle: int, /) -> int:
        self.closed.append(handle)
        return 1


def test_a_process_and_all_it_starts_are_bound_to_one_end() -> None:
    kernel32 = Kernel32()
    windows.enter_job(System(kernel32, lambda: 0))
    assert kernel32.calls == ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"]
    assert len(kernel32.limits) == 144  # of JOBOBJECT_EXTENDED_LIMIT_INFORMATION on 64-bit Windows
    assert kernel32.limits[16:20] == (0x2000).to_bytes(4, "little")  # LimitFlags: KILL_ON_JOB_CLOSE
    assert not kernel32.limits.replace(b"\x20", b"").strip(b"\0")  # and no limit beside it
    assert kernel32.closed == []  # closed by the system, at the end


@pytest.mark.parametrize(
    "function", ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"]
)
def test_a_refusal_of_the_job_object_is_told_with_its_number(function: str) -> None:
    kernel32 = Kernel32(refuses=function)
    with pytest.raises(OSError, match=f"{function.rstrip('W')} was refused \\(Windows error 5\\)"):
        windows.enter_job(System(kernel32, lambda: 5))
    assert kernel32.closed == ([] if function == "CreateJobObjectW" else [JOB])


def test_what_an_engine_and_its_helpers_used_is_asked_of_their_job() -> None:
    assert windows.used(System(Kernel32(), lambda: 0)) == (3.0, 5120)
    assert windows.used(System(Kernel32("QueryInformationJobObject"), lambda: 0)) == (0.0, 0)


def test_when_a_process_began_tells_it_from_a_later_one_with_the_same_pid() -> None:
    kernel32 = Kernel32()
    assert windows.started_at(System(kernel32, lambda: 0), 123) == "1d900000abc"
    assert kernel32.closed == [OTHER]
    for refuses in ("OpenProcess", "GetProcessTimes", "life"):  # no such process, no answer, already ended
        kernel32 = Kernel32(refuses)
        assert windows.started_at(System(kernel32, lambda: 0), 123) is None
        assert kernel32.closed == ([] if refuses == "OpenProcess" else [OTHER])


def test_an_engine_is_ended_with_its_tree_without_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows, "HIDDEN", 0x08000000)
    monkeypatch.setattr(
        windows, "subprocess", SimpleNamespace(DEVNULL=-3, run=lambda c, **k: ran.append((c, k)))
    )
    processes.kill_group(123)
    ((command, options),) = ran
    assert command == ["taskkill", "/PID", "123", "/T", "/F"]
    assert options["creationflags"] == 0x08000000 and not options["check"] and options["stdin"] == -3


def test_a_data_folder_is_locked_far_behind_the_words_that_say_by_whom(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[int, int, int]] = []
    refuse = False

    def locking(file: int, mode: int, count: int) -> None:
        asked.append((os.lseek(file, 0, os.SEEK_CUR), mode, count))
        if refuse:
            raise OSError(errno.EDEADLK, "Resource deadlock avoided")

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(LK_NBLCK=2, locking=locking))
    real = sys.platform
    monkeypatch.setattr(lock, "started_at", lambda pid: "now")
    monkeypatch.setattr(sys, "platform", "win32")
    held = lock.Lock(tmp_path / "lock", "a test")
    refuse = True
    with pytest.raises(lock.Busy, match=f"process {os.getpid()}"):
        lock.Lock(tmp_path / "lock", "another")
    monkeypatch.setattr(sys, "platform", real)
    held.release()
    assert asked == [(1 << 20, 2, 1)] * 2


def test_every_helper_program_is_started_without_a_window() -> None:
    """A console program that a windowless process starts opens a window of its own, unless told not to."""
    shown = []
    for file in (*ROOT.glob("sidecar/**/*.py"), *ROOT.glob("wan_core/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "subprocess.run",
                "subprocess.Popen",
            ):
                hidden = any(keyword.arg == "creationflags" for keyword in node.keywords)
                if not hidden and not ast.unparse(node.args[0]).startswith("['ps',"):  # not on Windows
                    shown.append(f"{file.name}:{node.lineno}")
    assert shown == []


def test_nothing_of_windows_is_touched_at_import_elsewhere() -> None:
    if sys.platform == "win32":
        pytest.skip("here it is")
    code = "import ctypes; del ctypes.CDLL; import sidecar.windows, sidecar.processes, sidecar.__main__"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert not hasattr(windows, "system")
