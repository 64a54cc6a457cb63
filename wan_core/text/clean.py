"""The official cleaning of a prompt, before it is cut into tokens."""

from __future__ import annotations

from html import unescape
from re import sub

import ftfy


def clean(text: str) -> str:
    """The prompt with broken encodings and typography mended, entities read, white space made single."""
    return sub(r"\s+", " ", unescape(unescape(ftfy.fix_text(text)))).strip()
