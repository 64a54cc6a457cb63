"""Small disks, full disks and folders that nothing can be written to: real ones, where the system lets us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Path]:
    """A disk of `kib` KiB at `folder`, which is made."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root on Linux")
    folder.mkdir(parents=True, exist_ok=True)
    if not _done("mount", "-t", "tmpfs", "-o", f"size={kib}k", "none", folder):
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        _done("umount", "-l", folder)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """`folder`, into which nothing can be written meanwhile; for root permissions are not enough."""
    if sys.platform == "win32":
        pytest.skip("Windows has no read-only folders")
    if os.geteuid() != 0:
        folder.chmod(0o555)
        undo = ("chmod", "755", folder)
    elif _done("mount", "--bind", folder, folder):
        _done("mount", "-o", "remount,ro,bind", folder)
        undo = ("umount", "-l", folder)
    elif _done("chattr", "+i", folder):
        undo = ("chattr", "-i", folder)
    else:
        pytest.skip("root cannot make a folder read-only here")
    try:
        yield folder
    finally:
        _done(*undo)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """The disk of `folder` has no byte left meanwhile."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink(missing_ok=True)


def _done(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
