"""The part that holds the truth (queue, library, models) and no tensors. Never imports torch."""

from __future__ import annotations

__version__ = "0.1.0"
