"""Classifier-free guidance: how strongly the prompt is followed."""

from __future__ import annotations

from torch import Tensor


def guide(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """The velocity for `scale`: 1 follows the prompt as it is, more exaggerates what it changes."""
    return unconditional + scale * (conditional - unconditional)
