"""Where things are: the data folder, the videos folder, and the names of new videos."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from datetime import datetime
from pathlib import Path

from wan_core.errors import BadRequest, DiskFull, OutputDenied
from wan_core.partial import FULL

REPOSITORY = Path(__file__).resolve().parents[1]
SHIPPED_MODEL = REPOSITORY / "models" / "wan-mini"
_SLUG_CHARACTERS, _SLUG_BYTES = 60, 180  # with date and seed a name stays under 255 bytes


class Home:
    """The data folder: everything a person owns but the videos."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / "artifex.db"
        self.lock = root / "artifex.lock"
        self.inputs = root / "inputs"  # pictures, named by their sha256
        self.incoming = root / "incoming"  # bytes that a host put here for `store_input`
        self.work = root / "work"  # a folder for each running job
        self.trash = root / "trash"  # a folder for each video that was thrown away

    def create(self) -> None:
        """Make the folders that are not there."""
        for folder in (self.root, self.inputs, self.incoming, self.work):
            folder.mkdir(parents=True, exist_ok=True)


def data_folder() -> Path:
    """`ARTIFEX_HOME`, or the platform's usual place."""
    if chosen := os.environ.get("ARTIFEX_HOME"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Artifex"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Artifex"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "artifex"


def videos_folder(setting: str | None = None) -> Path:
    """The person's choice, or `ARTIFEX_VIDEOS`, or a folder of ours in the platform's videos folder."""
    if chosen := setting or os.environ.get("ARTIFEX_VIDEOS"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        return _windows_videos() / "Artifex"
    if sys.platform == "darwin":
        return Path.home() / "Movies" / "Artifex"
    return _xdg_videos() / "Artifex"


def _xdg_videos() -> Path:
    home = Path.home()
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
    try:
        found = re.search(r'^XDG_VIDEOS_DIR="(.+)"', config.read_text("utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        found = None
    folder = Path(found[1].replace("$HOME", str(home))) if found else home / "Videos"
    return folder if folder.is_absolute() and folder != home else home / "Videos"


def _windows_videos() -> Path:
    if sys.platform == "win32":
        import winreg

        shell = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, shell) as key:
                return Path(winreg.ExpandEnvironmentStrings(winreg.QueryValueEx(key, "My Video")[0]))
        except OSError:
            pass
    return Path.home() / "Videos"


def last_change(folder: Path) -> float:
    """When a file directly in the folder last changed, came or went, in seconds; 0 if it cannot be seen."""
    try:
        return max(place.stat().st_mtime for place in (folder, *folder.iterdir()))
    except OSError:
        return 0.0


def slug(prompt: str) -> str:
    """The prompt as a piece of a file name: letters of any script and digits, joined by hyphens."""
    kept = "".join(
        c if unicodedata.category(c)[0] in "LNM" else "-" for c in unicodedata.normalize("NFC", prompt)
    )
    short = re.sub("-+", "-", kept).strip("-")[:_SLUG_CHARACTERS]
    while len(short.encode()) > _SLUG_BYTES:
        short = short[:-1]
    return short.strip("-") or "video"


def new_video(folder: Path, prompt: str, seed: int, now: datetime) -> Path:
    """A path in `folder` that no file has yet: `YYYYMMDD-HHMMSS_<slug>_<seed>.mp4`."""
    return free(folder / f"{now:%Y%m%d-%H%M%S}_{slug(prompt)}_{seed}.mp4")


def free(path: Path) -> Path:
    """`path`, or where a file has that name the same with a number."""
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def writable(folder: Path, field: str | None = None) -> Path:
    """`folder`, made if need be and tried by writing, or a `WanError` that says why not."""
    probe = folder / f".artifex-{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(b".")  # an empty file finds room on a full disk
        finally:
            probe.unlink(missing_ok=True)
    except OSError as problem:
        if problem.errno in FULL:
            raise DiskFull(
                f"The disk of {folder} is full.",
                "Free some space there, or choose another folder.",
                field,
                case="folder_full",
                path=str(folder),
            ) from problem
        why = "it is a file" if isinstance(problem, FileExistsError) else problem.strerror or problem
        raise OutputDenied(
            f"Nothing can be written to {folder}: {why}.",
            "Choose another folder, or allow writing to this one.",
            field,
            case="folder_denied",
            path=str(folder),
        ) from problem
    return folder


def there_and_writable(folder: Path, field: str) -> Path:
    """`folder`, if it is there and was written to, or a `WanError`: a typing error makes no folder."""
    if not os.path.lexists(folder):
        raise OutputDenied(
            f"There is no folder {folder}.",
            "Make it, or choose another folder.",
            field,
            case="folder_gone",
            path=str(folder),
        )
    return writable(folder, field)


def checked_incoming(home: Home, path: Path) -> Path:
    """`path`, if it is a file that a host put into the incoming folder, or a `BadRequest`."""
    if os.path.islink(path) or os.path.realpath(path.parent) != os.path.realpath(home.incoming):
        raise BadRequest(
            "Only a file in the incoming folder is taken in.",
            "Put the bytes into the incoming folder of the data folder first.",
            "$.path",
            case="not_incoming",
        )
    return path


def checked_output(path: Path) -> Path:
    """`path` as a place for a video, or an `OutputDenied`. A file that is there will be replaced whole."""
    field = "$.request.out"
    if path.suffix.lower() != ".mp4":
        raise OutputDenied(
            f"{path.name} does not end in .mp4.",
            f"Name it {path.stem}.mp4.",
            field,
            case="not_mp4",
            file=path.name,
            better=f"{path.stem}.mp4",
        )
    try:
        if path.exists() and not path.is_file():
            raise OutputDenied(
                f"{path} is not a file.", "Choose another name.", field, case="name_taken", file=path.name
            )
    except OSError as problem:  # a name that is too long, a folder that may not be entered
        raise OutputDenied(
            f"{path.name} cannot be used: {problem.strerror}.",
            "Choose a shorter name or another folder.",
            field,
            case="name_unusable",
            file=path.name,
        ) from problem
    writable(path.parent, field)
    return path
