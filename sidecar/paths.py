"""Which paths are taken from outside. The rules of both systems can be asked on either."""

from __future__ import annotations

import re
from pathlib import Path, PurePath, PureWindowsPath

from wan_core.errors import BadRequest, OutputDenied

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_ABSOLUTE = "Give the whole path, from the drive or the root on."
_RENAME = "Rename the file or folder."
_LONGEST_NAME, _LONGEST_PATH = 255, 4095  # as file systems count: bytes, on Windows UTF-16 units

_HERE = type(PurePath())


def checked(text: str, field: str, flavour: type[PurePath] = _HERE) -> Path:
    """`text` as a path that means one ordinary file or folder of this machine, or a `BadRequest`."""
    windows = issubclass(flavour, PureWindowsPath)
    problem = _problem(text, windows)
    if problem is None:
        return Path(text)
    problem.field = field
    raise problem


def sayable(path: Path) -> Path:
    """A path of the system's or the person's own, if it can be written in a line and cannot forge one."""
    shown = str(path).encode("utf-8", "backslashreplace").decode()
    if _CONTROL.search(shown) or shown != str(path):
        raise OutputDenied(
            f"The name of the folder {shown!r} cannot be written in a line.",
            "Set ARTIFEX_HOME and ARTIFEX_VIDEOS to folders with plain names.",
            case="folder_control",
            path=shown,
        )
    return path


def _problem(text: str, windows: bool) -> BadRequest | None:
    if not text.strip():
        return BadRequest("The path is empty.", _ABSOLUTE, case="path_empty")
    if _CONTROL.search(text):
        return BadRequest("The path holds control characters.", _RENAME, case="path_control")
    try:
        text.encode()
    except UnicodeEncodeError:
        return BadRequest("The path is not valid text.", _RENAME, case="path_not_text")
    if text.replace("\\", "/").startswith("//"):
        hint = "Choose a folder on a drive of this machine."
        return BadRequest("Network and device paths are refused.", hint, case="path_network")
    return (_windows_problem(text) if windows else _posix_problem(text)) or _too_long(text, windows)


def _posix_problem(text: str) -> BadRequest | None:
    return None if text.startswith("/") else _relative()


def _windows_problem(text: str) -> BadRequest | None:
    if not re.match(r"[A-Za-z]:[\\/]", text):
        return _relative()
    for part in PureWindowsPath(text).parts[1:]:
        if ":" in part:
            return BadRequest("The path names an NTFS stream.", "Leave out the colon.", case="path_stream")
        if re.search(r'[<>"|?*]', part):
            return BadRequest(
                "The path holds a character that Windows does not allow.",
                'Leave out < > " | ? *.',
                case="path_character",
            )
        if _DEVICE.fullmatch(part.split(".")[0].rstrip()):
            return BadRequest(
                f"{part} is the name of a device.", "Choose another name.", case="path_device", name=part
            )
        if part not in ("..", ".") and part != part.rstrip(". "):
            hint = "Windows would drop it; choose another name."
            return BadRequest("A name ends in a dot or a space.", hint, case="path_dot", name=part)
    return None


def _too_long(text: str, windows: bool) -> BadRequest | None:
    """Said before any work: the system would say it in the middle."""
    sizes = [_size(part, windows) for part in re.split(r"[\\/]" if windows else "/", text)]
    for given, most in ((max(sizes), _LONGEST_NAME), (_size(text, windows), _LONGEST_PATH)):
        if given > most:
            return BadRequest(
                f"A name in the path is too long: {given} {'letters' if windows else 'bytes'} of {most}.",
                "Choose a shorter name.",
                case="path_too_long",
                given=given,
                most=most,
            )
    return None


def _size(text: str, windows: bool) -> int:
    return len(text.encode("utf-16-le")) // 2 if windows else len(text.encode())


def _relative() -> BadRequest:
    return BadRequest("The path is relative.", _ABSOLUTE, case="path_relative")
