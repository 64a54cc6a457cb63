"""Python, Node, PyTorch, ffmpeg and the models: what is installed, and whether it will do."""

from __future__ import annotations

import re

from sidecar.doctor.card import idle_card
from sidecar.doctor.check import ANEW, Check, fail, failed, ok, warn
from sidecar.doctor.seen import Facts, Ffmpeg, Seen
from sidecar.models import Model


def python(seen: Seen) -> Check:
    """Whether this Python is one of those that Artifex is made for (app/setup/decide.mjs)."""
    version, system = ".".join(map(str, seen.python)), seen.system
    if not (3, 10) <= seen.python[:2] < (3, 15):
        return warn(
            "python",
            f"Python {version} has not been tried with Artifex.",
            f"Install Python 3.10 to 3.14, {ANEW}",
            case="python_unfit",
            values={"version": version, "low": "3.10", "high": "3.14"},
        )
    words = f"Python {version}, {system}"
    return ok("python", words, case="python_found", values={"version": version, "system": system})


def node(version: str) -> Check:
    """Whether this Node is new enough for the app (`nodeProblem` of app/setup/decide.mjs)."""
    version = version.removeprefix("v")
    major, minor = _numbers(version)
    if (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22:
        return ok("node", f"Node {version}", case="node_found", values={"version": version})
    least = "20.19" if major <= 20 else "22.12"
    return warn(
        "node",
        f"Node {version} is too old: the app needs {least} or newer.",
        "Install the LTS version from https://nodejs.org",
        case="node_old",
        values={"version": version, "least": least},
    )


def torch(facts: Facts, seen: Seen) -> Check:
    """Whether PyTorch starts, and is the build for this machine."""
    trouble, device = facts.trouble, facts.device
    if trouble is not None and trouble.case is not None:
        return failed("torch", trouble)
    if trouble is not None:
        said = trouble.message
        return fail("torch", said, trouble.hint, case="torch_broken", values={"said": said})
    if device is None:
        words = "It is still starting and has not said anything yet."
        return ok("torch", words, "Check again in a moment.", case="torch_waiting")
    version = device.torch
    if _numbers(version)[0] < 2:
        return fail(
            "torch",
            f"PyTorch {version} is too old: 2.0 is the least.",
            f"{ANEW[0].upper()}{ANEW[1:]}",
            case="torch_old",
            values={"version": version, "least": "2.0"},
        )
    if card := idle_card(device, seen.nvidia):
        return fail(
            "torch",
            f"PyTorch {version} is the build for the CPU: {card.name} is not used (TORCH_CPU_ONLY).",
            "Run: npm run setup -- --repair (it fetches some GB)",
            case="torch_cpu_only",
            values={"version": version, "card": card.name},
        )
    if device.cuda is None:
        words = f"PyTorch {version}, for the CPU"
        return ok("torch", words, case="torch_found_cpu", values={"version": version})
    words = f"PyTorch {version}, built for CUDA {device.cuda}"
    return ok("torch", words, case="torch_found_cuda", values={"version": version, "cuda": device.cuda})


def ffmpeg(found: Ffmpeg) -> Check:
    """Whether an mp4 can be written."""
    if found.missing is not None:
        return fail(
            "ffmpeg",
            f"ffmpeg was not found: {found.missing}",
            f"If IMAGEIO_FFMPEG_EXE is set, unset it. Otherwise {ANEW}",
            case="ffmpeg_missing",
            values={"said": found.missing},
        )
    if found.version is None:
        return fail(
            "ffmpeg",
            "ffmpeg is there but does not start.",
            f"If IMAGEIO_FFMPEG_EXE is set, unset it. Let your antivirus program allow ffmpeg, or {ANEW}",
            case="ffmpeg_silent",
        )
    version = found.version
    if not found.x264:
        return fail(
            "ffmpeg",
            f"{version} cannot write H.264: libx264 is not in it.",
            f"If IMAGEIO_FFMPEG_EXE is set, unset it. Otherwise {ANEW}",
            case="ffmpeg_no_x264",
            values={"version": version},
        )
    return ok("ffmpeg", version, case="ffmpeg_found", values={"version": version})


def model(model: Model) -> Check:
    """Whether a model of the list can be used."""
    id, title, trouble = f"model:{model.id}", f"Model {model.name}", model.trouble
    if trouble is None:
        return Check(id, "ok", title, "Ready", case="model_ready")
    if not model.shipped:
        return Check(id, "warn", title, trouble.message, trouble.hint, trouble.case, trouble.values)
    return Check(
        id,
        "fail",
        title,
        f"The model that ships with Artifex is damaged: {trouble.message}",
        "Get it again: git checkout -- models/wan-mini, or download Artifex anew.",
        case="model_shipped_broken",
        values={"said": trouble.message},
    )


def _numbers(version: str) -> tuple[int, int]:
    major, minor, *_ = [*map(int, re.findall(r"\d+", version)), 0, 0]
    return major, minor
