"""Pixels, latent cells and tokens."""

from __future__ import annotations

import pytest

from wan_core.shapes import (
    Stride,
    best_size,
    cover,
    frames_for_seconds,
    free_size,
    nearest_frames,
    nearest_multiple,
)
from wan_core.variants import TI2V_5B, VAE21_STRIDE, VAE22_STRIDE


def test_the_official_5b_video_has_27280_tokens() -> None:
    grid = TI2V_5B.grid(1280, 704, 121)
    assert grid == (48, 31, 44, 80)
    assert grid.tokens == 27_280
    assert grid.tokens_per_frame == 880


@pytest.mark.parametrize(("frames", "latent_frames"), [(1, 1), (5, 2), (25, 7), (121, 31)])
def test_frames_and_latent_frames_turn_into_each_other(frames: int, latent_frames: int) -> None:
    assert VAE22_STRIDE.latent_frames(frames) == latent_frames
    assert VAE22_STRIDE.video_frames(latent_frames) == frames


def test_sides_are_whole_tokens() -> None:
    assert (VAE22_STRIDE.multiple, VAE21_STRIDE.multiple) == (32, 16)
    assert Stride(4, 16, 16).grid(48, 320, 192, 25) == (48, 7, 12, 20)


@pytest.mark.parametrize(
    ("frames", "around"), [(1, (1, 5)), (2, (1, 5)), (4, (1, 5)), (24, (21, 25)), (120, (117, 121))]
)
def test_the_nearest_lengths_are_one_below_and_one_above(frames: int, around: tuple[int, int]) -> None:
    assert nearest_frames(frames) == around


@pytest.mark.parametrize(("pixels", "nearest"), [(1, 32), (47, 32), (48, 64), (720, 736), (704, 704)])
def test_the_nearest_multiple_is_never_nothing(pixels: int, nearest: int) -> None:
    assert nearest_multiple(pixels, 32) == nearest


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"), [(5, 24, 121), (2, 12, 25), (0.01, 24, 1), (1, 24, 25)]
)
def test_seconds_become_the_nearest_length_that_can_be_made(seconds: float, fps: float, frames: int) -> None:
    assert frames_for_seconds(seconds, fps) == frames


def test_a_hd_picture_is_1248_by_704_on_the_5b_and_1264_by_704_on_the_14b() -> None:
    assert best_size(1280, 720, 32, 704 * 1280) == (1248, 704)
    assert free_size(1280, 720, 16, 704 * 1280) == (1264, 704)


@pytest.mark.parametrize("size", [(1, 1), (3, 4), (4000, 3000), (10_000, 100), (100, 10_000)])
def test_a_picture_of_any_shape_gets_a_size_of_whole_tokens_within_the_area(size: tuple[int, int]) -> None:
    width, height = best_size(*size, 32, 832 * 480)
    assert width % 32 == height % 32 == 0
    assert 0 < width * height <= 832 * 480


@pytest.mark.parametrize("size", [(75, 52), (52, 75), (1, 999), (96, 64), (3000, 2000)])
def test_a_scaled_picture_covers_the_frame_and_one_side_fits(size: tuple[int, int]) -> None:
    width, height = cover(*size, 96, 64)
    assert width >= 96 and height >= 64
    assert width == 96 or height == 64
