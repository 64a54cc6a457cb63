"""Looking at the machine: facts without a verdict, so that a test can make them up."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

from msgspec import Struct

from sidecar import machine, nvidia
from sidecar.doctor.self_test import self_test
from sidecar.failures import Failure, failure
from sidecar.folders import writable
from sidecar.machine import Memory
from sidecar.messages import Device, Measured
from sidecar.models import Model
from sidecar.nvidia import Nvidia
from wan_core.errors import WanError


class Facts(Struct, frozen=True):
    """What the owner thread knows, handed to whoever does the looking."""

    data: Path
    videos: Path
    models: list[Model]
    device: Device | None  # what the engine said; None while it has not
    trouble: Failure | None = None  # why the engine cannot start
    self_test: bool = False  # whether the arithmetic is to be tried out, too
    busy: bool = False  # a video is being made: the device is not disturbed


class Folder(Struct, frozen=True):
    """A folder that was written to."""

    id: str
    path: Path
    free: int | None  # bytes
    denied: Failure | None = None


class Ffmpeg(Struct, frozen=True):
    """The program that writes the mp4."""

    version: str | None = None  # its own first line; None if it does not answer
    x264: bool = False
    missing: str | None = None  # why there is none


class Seen(Struct, frozen=True):
    """What the machine showed."""

    python: tuple[int, int, int]
    system: str
    node: str | None  # "v20.20.1"; None where nobody says
    nvidia: Nvidia
    memory: Memory | None
    folders: tuple[Folder, ...]
    ffmpeg: Ffmpeg
    self_test: tuple[Measured, ...] | Failure | None = None  # what came of it; None where it was not done


def look(facts: Facts) -> Seen:
    """Look at everything. Takes as long as the slowest program, at most some seconds each."""
    return Seen(
        python=sys.version_info[:3],
        system=f"{platform.system()} {platform.machine()}",
        node=_node(),
        nvidia=nvidia.look(),
        memory=machine.memory(),
        folders=(_folder("data", facts.data), _folder("videos", facts.videos)),
        ffmpeg=_ffmpeg(),
        self_test=self_test() if facts.self_test and not facts.busy else None,
    )


def _node() -> str | None:
    """The Node that started us says its version; on the command line it is whichever is found."""
    if told := os.environ.get("ARTIFEX_NODE"):
        return told
    tool = shutil.which("node")
    said = machine.ask(tool, "--version") if tool else None
    return said.text if said and said.code == 0 else None


def _folder(id: str, path: Path) -> Folder:
    denied = None
    try:
        writable(path)
    except WanError as problem:
        denied = failure(problem)
    return Folder(id, path, machine.disk_free(path), denied)


def _ffmpeg() -> Ffmpeg:
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        program = get_ffmpeg_exe()
    except RuntimeError as problem:
        return Ffmpeg(missing=str(problem).partition("\n")[0])
    said = machine.ask(program, "-encoders", patience=10)  # its version stands above the list
    if said is None or said.code != 0:
        return Ffmpeg()
    return Ffmpeg(said.text.partition("\n")[0].split(" Copyright")[0], " libx264 " in said.text)
