"""The grader that ships with the evaluation: it reads drawn clips rightly, and says how often it does."""

from __future__ import annotations

import pytest

from training.grading import grader
from training.scenes import Scene
from training.world import draw

SCENES = (
    Scene("sea", "sunset", "clear", "pan_left", "boat", "red", second="balloon", second_colour="blue"),
    Scene("snowfield", "day", "snow", "zoom_in", "train", "green", second="balloon", second_colour="yellow"),
    Scene("city", "night", "rain", "still", "umbrellas"),
    Scene("forest", "dawn", "fog", "tilt_up", "birds"),
    Scene("mountains", "night", "clear", "pan_right", light="moon"),
)


def test_every_check_of_the_grader_was_measured_and_is_right_in_nine_of_ten_clips_or_more() -> None:
    measured = grader.accuracy()
    for attribute in grader.ATTRIBUTES:
        assert measured[attribute] >= 0.9, attribute
        assert measured[f"worn: {attribute}"] >= 0.9, attribute  # as a video model would give them back


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.terrain)
def test_the_grader_reads_what_was_drawn(scene: Scene) -> None:
    clips = draw([scene], 25, 192, 320, "cpu", 5)[..., :3]
    (reading,) = grader.Grader.load().read(clips)
    for attribute in grader.ATTRIBUTES:
        assert grader.right(reading, scene, attribute) is not False, (attribute, reading)
