"""Wan2.2 video generation. Names are loaded on first use: importing this imports no torch."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# A thread that waits for the others should spin a little, then sleep. Beside one busy program on two
# cores, a video of wan-mini took 28 s with a spin of 50,000 (OpenMP's own is longer) and 11 s with this
# one; alone, 5.2 s with either. Read when torch is loaded, which is after these lines.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")
os.environ.setdefault("KMP_BLOCKTIME", "1")  # ms; the same for Intel's OpenMP, which torch has on Windows

if TYPE_CHECKING:
    from wan_core.checkpoint import Checkpoint, inspect
    from wan_core.errors import WanError
    from wan_core.events import Event, Finished, Progress
    from wan_core.loading import load
    from wan_core.pipeline import Pipeline
    from wan_core.request import ResolvedRequest, VideoRequest, resolve

_HOMES = {
    "Checkpoint": "checkpoint",
    "Event": "events",
    "Finished": "events",
    "Pipeline": "pipeline",
    "Progress": "events",
    "ResolvedRequest": "request",
    "VideoRequest": "request",
    "WanError": "errors",
    "inspect": "checkpoint",
    "load": "loading",
    "resolve": "request",
}

__all__ = [
    "Checkpoint",
    "Event",
    "Finished",
    "Pipeline",
    "Progress",
    "ResolvedRequest",
    "VideoRequest",
    "WanError",
    "inspect",
    "load",
    "resolve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wan_core' has no attribute {name!r}")
    return getattr(import_module(f"wan_core.{_HOMES[name]}"), name)
