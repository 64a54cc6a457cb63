"""What an mp4 of ours says of itself (`Pipeline.receipt`), read from the file alone. No torch here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from wan_core.errors import BadVideo
from wan_core.request import MAX_SEED, ResolvedRequest, VideoRequest
from wan_core.tags import comment

_SHA256 = re.compile(r"[0-9a-f]{64}")
_OF_A_LATER = "It may be of a later Artifex: update this one."


class Receipt(Struct, frozen=True):
    """What determined a video: the request, the sha256 of each weights file by its name, the numerics id."""

    request: ResolvedRequest
    weights: dict[str, str]
    numerics: str
    unknown: tuple[str, ...] = ()  # what a later version wrote and this one does not know


class _Facts(Struct, frozen=True):
    request: dict[str, Any]
    weights: dict[str, str]
    numerics: str


def read_receipt(path: Path) -> Receipt:
    """The receipt in the mp4 at `path`. Raises BadVideo."""
    found = _ours(comment(path) or "")
    try:
        facts = msgspec.convert(found, _Facts)
        request = _request(facts.request)
    except (msgspec.ValidationError, ValueError) as problem:
        raise BadVideo(
            "The settings in this video cannot be read.", _OF_A_LATER, case="receipt_unreadable"
        ) from problem
    unknown = (*_beyond(found, _Facts), *_beyond(facts.request, ResolvedRequest))
    return Receipt(request, facts.weights, facts.numerics, unknown)


def _beyond(found: dict[str, Any], known: type[Struct]) -> list[str]:
    """Names that a struct does not have; of very many the first, of a very long one its beginning."""
    names = [name[:40] for name in found if name not in known.__struct_fields__]
    return names[:8]


def _ours(text: str) -> dict[str, Any]:
    try:
        ours = msgspec.json.decode(text)["artifex"]
        return msgspec.convert(ours, dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError, LookupError, TypeError):
        raise BadVideo(
            "This video holds no settings of Artifex.",
            "Choose an mp4 as Artifex wrote it: a program that saves it anew leaves them out.",
            case="no_receipt",
        ) from None


def _request(wish: dict[str, Any]) -> ResolvedRequest:
    """The known fields of a request, in the ranges that a request is held to."""
    known = {name: wish[name] for name in ResolvedRequest.__struct_fields__ if name in wish}
    msgspec.convert(known, VideoRequest)
    seed, image = known.get("seed"), known.get("image")
    if not (isinstance(seed, str) and seed.isascii() and seed.isdigit() and len(seed) <= 19):
        raise ValueError("seed")
    if int(seed) > MAX_SEED or (image is not None and _SHA256.fullmatch(image) is None):
        raise ValueError("seed or image")
    return msgspec.convert({**known, "seed": int(seed)}, ResolvedRequest)
