"""Which paths are taken from outside. The rules of both systems can be asked on either."""

from __future__ import annotations

import re
from pathlib import Path, PurePath, PureWindowsPath

from wan_core.errors import BadRequest, OutputDenied

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_ABSOLUTE = "Give the whole path, from the drive or the root on."


_HERE = type(PurePath())


def checked(text: str, field: str, flavour: type[PurePath] = _HERE) -> Path:
    """`text` as a path that means one ordinary file or folder of this machine, or a `BadRequest`."""
    windows = issubclass(flavour, PureWindowsPath)
    problem = _problem(text, windows)
    if problem is None:
        return Path(text)
    reason, hint = problem
    raise BadRequest(reason, hint, field)


def without_control(path: Path) -> Path:
    """A path of the system's or the person's own, if its name cannot forge a line."""
    if _CONTROL.search(str(path)):
        raise OutputDenied(
            f"The name of the folder {str(path)!r} holds control characters.", "Choose another."
        )
    return path


def _problem(text: str, windows: bool) -> tuple[str, str] | None:
    if not text.strip():
        return "The path is empty.", _ABSOLUTE
    if _CONTROL.search(text):
        return "The path holds control characters.", "Rename the file or folder."
    try:
        text.encode()
    except UnicodeEncodeError:
        return "The path is not valid text.", "Rename the file or folder."
    if text.replace("\\", "/").startswith("//"):
        return "Network and device paths are refused.", "Choose a folder on a drive of this machine."
    return _windows_problem(text) if windows else _posix_problem(text)


def _posix_problem(text: str) -> tuple[str, str] | None:
    return None if text.startswith("/") else ("The path is relative.", _ABSOLUTE)


def _windows_problem(text: str) -> tuple[str, str] | None:
    path = PureWindowsPath(text)
    if not re.match(r"[A-Za-z]:[\\/]", text):
        return "The path is relative, or relative to a drive.", _ABSOLUTE
    for part in path.parts[1:]:
        if ":" in part:
            return "The path names an NTFS stream.", "Leave out the colon."
        if re.search(r'[<>"|?*]', part):
            return "The path holds a character that Windows does not allow.", 'Leave out < > " | ? *.'
        if _DEVICE.fullmatch(part.split(".")[0].rstrip()):
            return f"{part} is the name of a device.", "Choose another name."
        if part not in ("..", ".") and part != part.rstrip(". "):
            return "A name ends in a dot or a space.", "Windows would drop it; choose another name."
    return None
