"""How an engine ended that was not asked to, in words."""

from __future__ import annotations

import signal
from typing import Literal

from sidecar.failures import PAGE_FILE_SMALL, RAM_FULL, Failure
from wan_core.events import Phase

Doing = Literal["start", "idle"] | Phase

_LOOK = "The log says more. If it comes back, update the graphics driver, or choose a smaller size."
_CRASHED = "ENGINE_CRASHED"
_KILLED = Failure(
    _CRASHED,
    "The engine was ended from outside.",
    "If that was not you: some systems end a program when memory runs low. Close other programs.",
    case="engine_killed",
)
_ENDED = Failure(_CRASHED, "The engine ended without being asked to.", _LOOK, case="engine_ended")

_SIGKILL = 9  # Windows has no such name
_WINDOWS = {
    0xC0000005: Failure(
        _CRASHED, "The engine crashed with a memory access violation.", _LOOK, case="engine_access_violation"
    ),
    0xC0000409: Failure(
        _CRASHED, "The engine crashed with a stack overrun.", _LOOK, case="engine_stack_overrun"
    ),
    0xC0000017: RAM_FULL,  # STATUS_NO_MEMORY
    0xC000012D: PAGE_FILE_SMALL,  # STATUS_COMMITMENT_LIMIT
    0xC000013A: _KILLED,  # Ctrl+C, a console that was closed, somebody logging off
}

_WORDS: dict[Doing, str] = {
    "load": "loading the model",
    "text": "reading the prompt",
    "image": "reading the picture",
    "denoise": "denoising",
    "decode": "decoding",
    "write": "writing the video",
}


def how_it_ended(code: int | None, platform: str, oom: bool) -> Failure:
    """What an exit code says. `oom`: whether the system has ended a process for lack of memory meanwhile."""
    if not code:
        return _ENDED
    if platform == "win32":
        known = _WINDOWS.get(code & 0xFFFFFFFF)
        return known or _exit_code(f"{code & 0xFFFFFFFF:#x}" if code & 0x80000000 else str(code))
    if code == -_SIGKILL:
        return RAM_FULL if oom else _KILLED
    return _signal(-code) if code < 0 else _exit_code(str(code))


def silent(seconds: float, doing: Doing) -> Failure:
    """No sign of life for so long."""
    whole = round(seconds)
    code, hint = "ENGINE_HUNG", _LOOK
    if doing == "start":
        words = f"The engine did not get on with starting for {whole} s."
        return Failure(code, words, hint, case="engine_silent_at_start", values={"seconds": whole})
    if doing == "idle":
        words = f"The engine stopped answering for {whole} s while it had nothing to do."
        return Failure(code, words, hint, case="engine_silent_idle", values={"seconds": whole})
    words = f"The engine stopped answering for {whole} s while {_WORDS[doing]}."
    return Failure(code, words, hint, case="engine_silent", values={"seconds": whole, "phase": doing})


def stuck(seconds: float, doing: Doing) -> Failure:
    """It works, but has got no further for so long."""
    if doing not in _WORDS:
        return silent(seconds, doing)
    whole = round(seconds / 60)
    words = f"The engine was busy for {whole} min while {_WORDS[doing]}, and got no further."
    return Failure(
        "ENGINE_HUNG", words, _LOOK, case="engine_stuck", values={"minutes": whole, "phase": doing}
    )


def _signal(number: int) -> Failure:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = str(number)
    words = f"The engine crashed ({name})."
    return Failure(_CRASHED, words, _LOOK, case="engine_signal", values={"signal": name})


def _exit_code(code: str) -> Failure:
    words = f"The engine ended with exit code {code}."
    return Failure(_CRASHED, words, _LOOK, case="engine_exit_code", values={"exit_code": code})
