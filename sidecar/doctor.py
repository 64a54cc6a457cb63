"""Is this machine well? Each check says what was found and, where something is wrong, what to do."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from sidecar import machine
from sidecar.failures import Failure
from sidecar.folders import writable
from sidecar.messages import Device
from sidecar.models import Model
from wan_core.errors import Value, WanError

GIB = 2**30
_ENOUGH_DISK = 2 * GIB  # for a few videos and what is needed on the way
_ENOUGH_MEMORY = 2 * GIB  # for the shipped model


class Check(Struct, frozen=True):
    """One thing that was looked at."""

    id: str
    state: Literal["ok", "warn", "fail"]
    title: str
    detail: str
    hint: str = ""
    case: str | None = None
    values: dict[str, Value] = {}


class Facts(Struct, frozen=True):
    """What the owner thread knows, handed to whoever does the looking."""

    data: Path
    videos: Path
    models: list[Model]
    device: Device | None
    trouble: Failure | None = None  # why the engine cannot start


def examine(facts: Facts) -> list[Check]:
    """Every check, in the order in which a person would want to read them. Takes seconds; any thread."""
    return [
        _python(),
        _torch(facts),
        _gpu(facts.device),
        _memory(),
        *_disks(facts),
        _ffmpeg(),
        *_models(facts.models),
    ]


def _python() -> Check:
    detail = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    if not (3, 10) <= sys.version_info[:2] < (3, 15):
        return Check("python", "warn", "Python", detail, "Use Python 3.10 to 3.14.")
    return Check("python", "ok", "Python", detail)


def _torch(facts: Facts) -> Check:
    if facts.trouble is not None:
        return Check("torch", "fail", "PyTorch", facts.trouble.message, facts.trouble.hint)
    if facts.device is None:
        return Check("torch", "ok", "PyTorch", "Not asked yet: the engine is still starting.")
    built = f", CUDA {facts.device.cuda}" if facts.device.cuda else ""
    return Check("torch", "ok", "PyTorch", f"PyTorch {facts.device.torch}{built}")


def _gpu(device: Device | None) -> Check:
    card = machine.nvidia_card()
    if device is not None and device.kind == "cuda":
        size = f", {device.memory_total / GIB:.1f} GiB" if device.memory_total else ""
        fine = "" if device.bf16 else "This card has no bf16; fp16 is used instead."
        return Check("gpu", "ok", "Graphics card", f"{device.name}{size}", fine)
    if card and device is not None:
        detail = f"{card} is there, but this PyTorch runs on the CPU (TORCH_CPU_ONLY)."
        return Check("gpu", "fail", "Graphics card", detail, "Run: npm run setup")
    if card:
        return Check("gpu", "ok", "Graphics card", card)
    hint = "The shipped model runs well on the CPU; real models take hours without an NVIDIA card."
    return Check("gpu", "warn", "Graphics card", "No NVIDIA card was found.", hint)


def _memory() -> Check:
    found = machine.memory()
    if found is None:
        return Check("memory", "ok", "Memory", "The system does not say.")
    detail = f"{found.free / GIB:.1f} of {found.total / GIB:.1f} GiB free"
    if found.free < _ENOUGH_MEMORY:
        return Check("memory", "warn", "Memory", detail, "Close other programs before making a video.")
    return Check("memory", "ok", "Memory", detail)


def _disks(facts: Facts) -> Iterator[Check]:
    for id, title, folder in (("data", "Data folder", facts.data), ("videos", "Videos folder", facts.videos)):
        try:
            writable(folder)
        except WanError as problem:
            yield Check(id, "fail", title, problem.reason, problem.hint)
            continue
        free = machine.disk_free(folder)
        detail = str(folder) if free is None else f"{folder}, {free / GIB:.1f} GiB free"
        if free is not None and free < _ENOUGH_DISK:
            yield Check(id, "warn", title, detail, "Free some space there.")
        else:
            yield Check(id, "ok", title, detail)


def _ffmpeg() -> Check:
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        program = get_ffmpeg_exe()
    except RuntimeError as problem:
        return Check("ffmpeg", "fail", "ffmpeg", str(problem), "Run: npm run setup")
    version = machine.said(program, "-hide_banner", "-version")
    if version is None:
        return Check("ffmpeg", "fail", "ffmpeg", f"{program} does not answer.", "Run: npm run setup")
    return Check("ffmpeg", "ok", "ffmpeg", version.split(" Copyright")[0])


def _models(models: list[Model]) -> Iterator[Check]:
    for model in models:
        title = f"Model {model.name}"
        if model.state == "ready":
            yield Check(f"model:{model.id}", "ok", title, "Ready.")
        else:
            said = model.trouble.message if model.trouble else ""
            hint = "Get it again with: git checkout -- models/wan-mini" if model.shipped else ""
            yield Check(f"model:{model.id}", "fail" if model.shipped else "warn", title, said, hint)
