"""Receipts as the pipeline writes them, and the shortest mp4s that carry them."""

from __future__ import annotations

import json
import struct
from types import SimpleNamespace
from typing import Any, cast

from wan_core.pipeline import Pipeline
from wan_core.request import MAX_SEED, ResolvedRequest

REQUEST = ResolvedRequest(
    model="wan-mini",
    prompt="호수 위의 산",
    negative_prompt="",
    image="0" * 64,
    width=320,
    height=192,
    frames=25,
    fps=12,
    steps=20,
    guidance=3.5,
    shift=3.0,
    solver="unipc",
    seed=MAX_SEED,
)
WEIGHTS = {"vae.safetensors": "ab" * 32}


def receipt(request: ResolvedRequest = REQUEST, weights: dict[str, str] = WEIGHTS) -> str:
    """As the pipeline writes it."""
    loaded = SimpleNamespace(fingerprint=weights, machine=SimpleNamespace(numerics="cpu/v5"))
    return Pipeline.receipt(cast(Any, loaded), request)


def changed(**fields: object) -> str:
    """A receipt whose request has other fields, too."""
    facts = json.loads(receipt())
    facts["artifex"]["request"] |= fields
    return json.dumps(facts)


def box(name: bytes, *inside: bytes) -> bytes:
    held = b"".join(inside)
    return struct.pack(">I", 8 + len(held)) + name + held


def mp4(text: bytes, name: bytes = b"\xa9cmt") -> bytes:
    """The shortest mp4 that has a comment."""
    tag = box(name, box(b"data", struct.pack(">II", 1, 0), text))
    return box(b"ftyp", b"isom") + box(b"moov", box(b"udta", box(b"meta", bytes(4), box(b"ilst", tag))))
