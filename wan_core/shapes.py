"""Pixels, latent cells and tokens, turned into each other here and nowhere else."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

PATCH = 2  # a DiT token is (1, 2, 2) latent cells


class LatentGrid(NamedTuple):
    """A video as the VAE holds it. `frames` counts latent frames, not video frames."""

    channels: int
    frames: int
    height: int
    width: int

    @property
    def tokens(self) -> int:
        """How many tokens the DiT sees."""
        return self.frames * self.tokens_per_frame

    @property
    def tokens_per_frame(self) -> int:
        """How many tokens one latent frame has."""
        return (self.height // PATCH) * (self.width // PATCH)


class Stride(NamedTuple):
    """How many video frames, pixel rows and pixel columns one latent cell covers."""

    frames: int
    height: int
    width: int

    def latent_frames(self, frames: int) -> int:
        """Latent frames of a video of `frames` video frames (4n+1)."""
        return 1 + (frames - 1) // self.frames

    def video_frames(self, latent_frames: int) -> int:
        """Video frames that `latent_frames` latent frames decode to."""
        return 1 + (latent_frames - 1) * self.frames

    @property
    def multiple(self) -> int:
        """Widths and heights (pixels) must be multiples of this: a whole token."""
        return self.height * PATCH

    def grid(self, channels: int, width: int, height: int, frames: int) -> LatentGrid:
        """The latent grid of a video of `frames` frames of `width` by `height` pixels."""
        return LatentGrid(channels, self.latent_frames(frames), height // self.height, width // self.width)


def nearest_frames(frames: int, step: int = 4) -> tuple[int, int]:
    """The two lengths (video frames, step*n+1) around `frames`; both at least 1."""
    low = max(1, frames - (frames - 1) % step)
    return low, low + step


def nearest_multiple(pixels: int, multiple: int) -> int:
    """The multiple of `multiple` nearest to `pixels`, at least one of them."""
    return max(multiple, (pixels + multiple // 2) // multiple * multiple)


def best_size(width: int, height: int, multiple: int, area: int) -> tuple[int, int]:
    """The size (width, height) in pixels that keeps a picture's shape within `area` pixels.

    Of the two ways to snap to `multiple` (width first, height first) the one that keeps the
    picture's ratio better wins. The rule is the official TI2V-5B one; golden/preprocess holds it.
    """
    ratio = width / height
    exact_width = (area * ratio) ** 0.5
    exact_height = area / exact_width

    width_1 = int(exact_width // multiple * multiple)
    height_1 = int(area / width_1 // multiple * multiple) if width_1 else 0
    height_2 = int(exact_height // multiple * multiple)
    width_2 = int(area / height_2 // multiple * multiple) if height_2 else 0
    first, second = (width_1, height_1), (width_2, height_2)
    if 0 in first:
        return second
    if 0 in second:
        return first
    return first if _distortion(first, ratio) < _distortion(second, ratio) else second


def _distortion(size: tuple[int, int], ratio: float) -> float:
    found = size[0] / size[1]
    return max(ratio / found, found / ratio)


def cover(width: int, height: int, to_width: int, to_height: int) -> tuple[int, int]:
    """The size (width, height) a picture is scaled to, to cover `to_width` by `to_height`."""
    scale = max(to_width / width, to_height / height)
    return round(width * scale), round(height * scale)


def frames_for_seconds(seconds: float, fps: float, step: int = 4) -> int:
    """The length (video frames, step*n+1) nearest to `seconds` at `fps`."""
    return step * max(0, ceil((seconds * fps - 1) / step - 0.5)) + 1


def free_size(width: int, height: int, multiple: int, area: int) -> tuple[int, int]:
    """The size (width, height) in pixels nearest to a picture's shape and to `area` pixels, not cropped.

    Each side is cut down to `multiple` by itself. The rule is the official I2V-A14B one.
    """
    ratio = height / width
    exact_width, exact_height = (area / ratio) ** 0.5, (area * ratio) ** 0.5
    return int(exact_width // multiple) * multiple, int(exact_height // multiple) * multiple
