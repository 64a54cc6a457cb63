"""The twelve captions the model is judged by, which training never sees."""

from __future__ import annotations

import json
from pathlib import Path

_FILE = Path(__file__).with_name("held_out.json")


def held_out_captions() -> list[str]:
    """As a person would type them."""
    return [entry["caption"] for entry in json.loads(_FILE.read_text(encoding="utf-8"))]


def forbidden() -> frozenset[str]:
    """The same, as training compares them."""
    return frozenset(caption.lower() for caption in held_out_captions())
