"""What the form shows of a picture is what the model sees: both are held against the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wan_core.image import fit_cover
from wan_core.shapes import best_size, cover

CASES = json.loads((Path(__file__).parent / "framing.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "{}x{}".format(*case["picture"]))
def test_a_picture_is_scaled_and_followed_as_recorded(case: dict[str, list[int]]) -> None:
    picture, video = case["picture"], case["video"]
    assert list(cover(*picture, *video)) == case["scaled"]
    assert list(best_size(picture[0], picture[1], 32, video[0] * video[1])) == case["followed"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "{}x{}".format(*case["picture"]))
def test_what_is_cut_out_is_the_middle_as_recorded(case: dict[str, list[int]]) -> None:
    (width, height), (left, top) = case["scaled"], case["cut"]
    across = np.linspace(0, 255, width).astype(np.uint8)
    down = np.linspace(0, 255, height).astype(np.uint8)
    channels = np.broadcast_arrays(across[None, :], down[:, None], np.uint8(0))
    scaled = Image.fromarray(np.stack(channels, axis=-1))  # of its own size, so that scaling changes nothing
    frame = fit_cover(scaled, *case["video"])
    seen = ((frame[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()
    assert seen[:2] == [across[left], down[top]]
