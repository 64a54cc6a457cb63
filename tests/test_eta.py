"""How long a video will take: told from earlier ones before it begins, then from its own steps."""

from __future__ import annotations

import pytest

from sidecar.eta import Estimate, effort, expected
from sidecar.folders import SHIPPED_MODEL
from sidecar.store import Effort, Pace
from wan_core.checkpoint import inspect
from wan_core.events import Progress
from wan_core.request import VideoRequest, resolve

WISH = Effort(denoise=1e12, volume=320 * 192 * 25)


def wanted(**fields: object) -> Effort:
    checkpoint = inspect(SHIPPED_MODEL)
    request = resolve(
        VideoRequest(prompt="a lake", **fields),  # type: ignore[arg-type]
        checkpoint.variant,
        model="m",
        image=None,
        image_size=None,
        drawn_seed=1,
    )
    return effort(request, checkpoint)


def test_time_left_comes_from_earlier_jobs_then_from_the_jobs_own_steps_and_is_never_negative() -> None:
    pace = Pace(WISH, {"load": 9.0, "text": 1.0, "denoise": 40.0, "decode": 5.0, "write": 1.0})
    estimate = Estimate(WISH, [pace], now=0.0)
    assert estimate.left(0.0) == 47.0
    estimate.see(Progress("denoise", 0, 20), 10.0)
    assert estimate.left(10.0) == 46.0
    for step in range(1, 5):  # the first two are slow: compiling
        estimate.see(Progress("denoise", step, 20), 10.0 + (8.0 * min(step, 2)) + max(0, step - 2))
    assert estimate.left(28.0) == pytest.approx(16 * 1.0 + 6.0)
    estimate.see(Progress("write", 1, 1), 500.0)
    assert estimate.left(10_000.0) == 0.0
    seconds = estimate.seconds(501.0)
    assert list(seconds) == ["denoise", "write"] and sum(seconds.values()) == 491.0


def test_without_earlier_jobs_time_left_is_said_once_the_steps_have_a_pace() -> None:
    estimate = Estimate(WISH, [], now=0.0)
    estimate.see(Progress("denoise", 0, 20), 0.0)
    estimate.see(Progress("denoise", 2, 20), 2.0)
    assert estimate.left(2.0) is None
    estimate.see(Progress("denoise", 3, 20, fraction=0.5), 3.0)
    assert estimate.left(3.0) == pytest.approx(16.5)


def test_each_phase_is_stretched_from_the_job_that_was_most_like_this_one_in_it() -> None:
    paces = [
        Pace(Effort(denoise=1e12, volume=100), {"denoise": 10.0, "decode": 1.0}),
        Pace(Effort(denoise=9e12, volume=900), {"text": 1.0, "denoise": 80.0, "decode": 12.0}),
    ]
    assert expected(Effort(denoise=2e12, volume=600), paces) == 1.0 + 20.0 + 8.0
    assert expected(Effort(denoise=2e12, volume=600), []) is None


def test_guidance_doubles_the_steps_and_attention_grows_with_the_square_of_a_video() -> None:
    one = wanted()
    assert wanted(guidance=1.0).denoise == one.denoise / 2 == wanted(steps=10).denoise
    longer = wanted(frames=97)
    assert longer.volume / one.volume == 97 / 25
    assert longer.denoise / one.denoise > (25 * 60 + 64) / (7 * 60 + 64)  # latent frames of 60 tokens
