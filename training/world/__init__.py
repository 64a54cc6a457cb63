"""The world the shipped model has seen: landscapes drawn with plain tensor arithmetic."""

from training.world.painter import FOCUS, draw

__all__ = ["FOCUS", "draw"]
