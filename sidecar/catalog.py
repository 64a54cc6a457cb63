"""The models that can be downloaded, and which files of theirs this app needs."""

from __future__ import annotations

import re

from msgspec import Struct

from wan_core.checkpoint import OFFICIAL
from wan_core.errors import BadRequest


class Offer(Struct, frozen=True, kw_only=True):
    """A model on the hub. What its files are at this moment, the hub says."""

    id: str
    name: str  # of the folder that it gets, too
    repo: str
    revision: str
    about: int  # bytes, roughly: a list is shown before the hub is asked


OFFERS = (
    Offer(
        id="wan2.2-ti2v-5b",
        name="Wan2.2-TI2V-5B",
        repo="Wan-AI/Wan2.2-TI2V-5B",
        revision="main",
        about=34_200_000_000,
    ),
)

# In the official layout. A name that fits none of these is left where it is: no name leads out of the folder.
NEEDED = (
    re.compile(r"config\.json"),
    re.compile(r"diffusion_pytorch_model(-\d{5}-of-\d{5})?\.safetensors"),
    re.compile(re.escape(OFFICIAL.text)),
    re.compile(re.escape(OFFICIAL.vae)),
    re.compile(re.escape(OFFICIAL.tokenizer) + r"/\w[\w.-]*"),
)
_INDEX = "diffusion_pytorch_model.safetensors.index.json"


def wanted(path: str) -> bool:
    """Whether a file of a repository is one that this app needs."""
    return path == _INDEX or any(pattern.fullmatch(path) for pattern in NEEDED)


def find(id: str) -> Offer:
    """The offer of that id."""
    for offer in OFFERS:
        if offer.id == id:
            return offer
    known = ", ".join(offer.id for offer in OFFERS)
    raise BadRequest(
        f"There is no download {id[:80]!r}.",
        f"Choose one of: {known}.",
        "$.model",
        case="unknown_offer",
        model=id[:80],
        known=known,
    )
