"""The settings of a video that Artifex made, and what this machine can make of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from sidecar.jobs import Resolved, resolved
from sidecar.library import Input, Library, UnknownMedia
from sidecar.messages import Device
from sidecar.models import Entry
from wan_core.receipt import Receipt, read_receipt


class Restored(Struct, frozen=True, kw_only=True):
    """A video's settings on the wire."""

    request: Resolved  # as it was made; its model may be called otherwise here
    model: str | None  # that model's id here; None: it is not here
    picture: Input | None  # that it began with, if there was one and it is still stored here
    same: bool | None  # whether the request makes the same video here; None: cannot be told yet
    unknown: tuple[str, ...]  # what a later version wrote down and this one left out


class Recognised(Struct, frozen=True):
    """A receipt, and what was found of its model; any thread may look."""

    receipt: Receipt
    model: str | None
    same: bool | None


def recognise(path: Path, entries: Sequence[Entry], device: Device | None) -> Recognised:
    """What the mp4 at `path` was made of, looked for among the models; `BadVideo` if it does not say."""
    receipt = read_receipt(path)
    name = receipt.request.model
    likely = sorted(entries, key=lambda entry: entry.model.id != name)
    by_weights = next((entry for entry in likely if _holds(entry, receipt.weights)), None)
    by_name = next((entry for entry in entries if entry.checkpoint and entry.model.id == name), None)
    entry = by_weights or by_name
    if by_weights is None or receipt.unknown:
        same: bool | None = False
    elif device is None or device.numerics is None:
        same = None
    else:
        same = device.numerics == receipt.numerics
    return Recognised(receipt, entry.model.id if entry else None, same)


def restored(found: Recognised, library: Library) -> Restored:
    """The whole answer, for the owner thread to give."""
    request, picture = found.receipt.request, None
    if request.image is not None:
        with suppress(UnknownMedia):
            media, _ = library.find(request.image)
            picture = Input(media.id, media.width, media.height, media.type)
    return Restored(
        request=resolved(request),
        model=found.model,
        picture=picture,
        same=found.same,
        unknown=found.receipt.unknown,
    )


def _holds(entry: Entry, weights: dict[str, str]) -> bool:
    """Whether a model's files are those; they are read only where their names are."""
    checkpoint = entry.checkpoint
    if checkpoint is None or {file.name for file in checkpoint.weights} != set(weights):
        return False
    with suppress(OSError):  # a drive may be unplugged
        return checkpoint.fingerprint() == weights
    return False
