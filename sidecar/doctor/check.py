"""One thing that was looked at: fine, worth a word, or in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from sidecar.failures import Failure
from wan_core.errors import Value

ANEW = "delete the folder .venv, then run: npm run setup"

_TITLES = {
    "python": "Python",
    "node": "Node",
    "torch": "PyTorch",
    "gpu": "Graphics card",
    "driver": "NVIDIA driver",
    "gpu_memory": "GPU memory",
    "dtype": "Precision",
    "compile": "torch.compile",
    "attention": "Attention",
    "arithmetic": "Arithmetic",
    "memory": "Memory",
    "page_file": "Page file",
    "swap": "Swap",
    "data": "Data folder",
    "videos": "Videos folder",
    "ffmpeg": "ffmpeg",
}


class Check(Struct, frozen=True):
    """What was found and what to do; `case` and `values` say the same for other languages (`WanError`)."""

    id: str
    state: Literal["ok", "warn", "fail"]
    title: str
    detail: str
    hint: str = ""
    case: str | None = None
    values: Mapping[str, Value] = {}


def ok(id: str, detail: str, hint: str = "", *, case: str, values: Mapping[str, Value] = {}) -> Check:
    """It is fine."""
    return Check(id, "ok", _TITLES[id], detail, hint, case, values)


def warn(id: str, detail: str, hint: str = "", *, case: str, values: Mapping[str, Value] = {}) -> Check:
    """Videos can be made, and yet."""
    return Check(id, "warn", _TITLES[id], detail, hint, case, values)


def fail(id: str, detail: str, hint: str = "", *, case: str, values: Mapping[str, Value] = {}) -> Check:
    """Something cannot work as it is."""
    return Check(id, "fail", _TITLES[id], detail, hint, case, values)


def failed(id: str, why: Failure) -> Check:
    """Something cannot work, as somebody else has already put into words."""
    return Check(id, "fail", _TITLES[id], why.message, why.hint, why.case, why.values)


def gib(size: int) -> float:
    """Bytes as a person reads them."""
    return round(size / 2**30, 1)
