"""What may be asked for, what is filled in, and what is refused with the way out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from wan_core.errors import BadRequest
from wan_core.request import MAX_SEED, ResolvedRequest, VideoRequest, resolve
from wan_core.variants import NEGATIVE_PROMPT, TI2V_5B, Variant

T2V = msgspec.structs.replace(TI2V_5B, name="Words only", kind="t2v", boundary=0.875)


def ask(variant: Variant = TI2V_5B, image: tuple[int, int] | None = None, **wish: Any) -> ResolvedRequest:
    """What becomes of a wish, with a picture of (width, height) pixels if `image` is given."""
    request = VideoRequest(**{"prompt": "a red boat", **wish})
    name = None if image is None else "0" * 64
    return resolve(request, variant, model="5b", image=name, image_size=image, drawn_seed=77)


def refusal(variant: Variant = TI2V_5B, image: tuple[int, int] | None = None, **wish: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        ask(variant, image, **wish)
    return caught.value


def test_a_prompt_alone_becomes_the_official_defaults() -> None:
    made = ask()
    assert (made.width, made.height, made.frames, made.fps) == (1280, 704, 121, 24)
    assert (made.steps, made.guidance, made.shift, made.solver) == (50, 5.0, 5.0, "unipc")
    assert made.negative_prompt == NEGATIVE_PROMPT and made.seed == 77


def test_an_empty_negative_prompt_is_kept_empty() -> None:
    assert ask(negative_prompt="").negative_prompt == ""


def test_whatever_is_asked_for_is_kept() -> None:
    wish: dict[str, Any] = {
        "width": 832,
        "height": 480,
        "frames": 49,
        "fps": 30,
        "steps": 8,
        "guidance": 3.5,
        "shift": 3.0,
    }
    made = msgspec.structs.asdict(ask(**wish, solver="euler", seed=5))
    assert {name: made[name] for name in wish} == wish
    assert (made["solver"], made["seed"]) == ("euler", 5)


@pytest.mark.parametrize("prompt", [" ", "\n\t", "\u3000"])
def test_a_blank_prompt_is_refused(prompt: str) -> None:
    assert refusal(prompt=prompt).field == "$.request.prompt"


@pytest.mark.parametrize(("frames", "nearest"), [(2, "1 and 5"), (24, "21 and 25"), (120, "117 and 121")])
def test_frames_that_are_not_4n_plus_1_are_refused_with_the_two_nearest(frames: int, nearest: str) -> None:
    refused = refusal(frames=frames)
    assert nearest in refused.hint and refused.field == "$.request.frames" and str(frames) in refused.reason


def test_more_frames_than_the_model_makes_are_refused_with_the_most() -> None:
    assert "257" in refusal(frames=261).hint


@pytest.mark.parametrize(
    ("width", "height", "field", "nearest"),
    [
        (1280, 720, "height", "736"),
        (1270, 704, "width", "1280"),
        (32, 704, "width", "64"),
        (4096, 704, "width", "2048"),
    ],
)
def test_a_size_the_vae_cannot_hold_is_refused_with_the_nearest(
    width: int, height: int, field: str, nearest: str
) -> None:
    refused = refusal(width=width, height=height)
    assert nearest in refused.hint and refused.field == f"$.request.{field}"


def test_a_nearest_size_that_is_offered_is_taken() -> None:
    assert ask(width=1280, height=736).height == 736


@pytest.mark.parametrize(("given", "missing"), [("width", "height"), ("height", "width")])
def test_one_side_without_the_other_is_refused(given: str, missing: str) -> None:
    wish: dict[str, Any] = {given: 704}
    assert refusal(**wish).field == f"$.request.{missing}"


def test_a_picture_without_a_size_gets_the_official_one() -> None:
    made = ask(image=(1920, 1080))
    assert (made.width, made.height) == (1248, 704)


def test_a_picture_with_a_size_gets_exactly_that() -> None:
    made = ask(image=(1920, 1080), width=704, height=704)
    assert (made.width, made.height) == (704, 704)


def test_a_picture_too_long_and_thin_is_refused_with_what_to_do() -> None:
    refused = refusal(image=(10_000, 60))
    assert refused.field == "$.request.image" and "width and height" in refused.hint


def test_a_picture_is_refused_by_a_model_of_words_alone() -> None:
    assert refusal(T2V, image=(64, 64)).field == "$.request.image"


def test_two_guidance_values_are_for_models_with_two_experts() -> None:
    assert refusal(guidance=(3.0, 4.0)).field == "$.request.guidance"
    assert ask(T2V, guidance=(3.0, 4.0)).guidance == (3.0, 4.0)


@pytest.mark.parametrize("guidance", [-1.0, 30.5, float("inf"), float("nan")])
def test_guidance_out_of_range_is_refused(guidance: float) -> None:
    assert refusal(guidance=guidance).field == "$.request.guidance"


@pytest.mark.parametrize(
    ("seed", "made"),
    [(None, 77), (-1, 77), ("-1", 77), (0, 0), ("42", 42), (MAX_SEED, MAX_SEED), (str(MAX_SEED), MAX_SEED)],
)
def test_a_seed_is_a_number_or_its_digits_and_is_drawn_when_left_open(seed: Any, made: int) -> None:
    assert ask(seed=seed).seed == made


@pytest.mark.parametrize("seed", [-2, MAX_SEED + 1, str(MAX_SEED + 1), "abc", "1e3", "", "٣", "9" * 5000])
def test_a_seed_that_is_none_is_refused(seed: Any) -> None:
    assert refusal(seed=seed).field == "$.request.seed"


@pytest.mark.parametrize(
    ("wish", "case", "values"),
    [
        ({"frames": 80}, "frames_step", {"step": 4, "given": 80, "low": 77, "high": 81}),
        ({"frames": 261}, "frames_most", {"model": "Wan2.2 TI2V-5B", "most": 257, "given": 261}),
        (
            {"width": 1270, "height": 704},
            "side_step",
            {"name": "width", "multiple": 32, "low": 64, "high": 2048, "given": 1270, "nearest": 1280},
        ),
        ({"width": 64}, "side_missing", {"width": 1280, "height": 704}),
        ({"guidance": 31.0}, "guidance_range", {"low": 0, "high": 30, "given": 31.0}),
        ({"seed": "1e3"}, "seed_digits", {"given": "1e3"}),
        ({"seed": MAX_SEED + 1}, "seed_range", {"high": str(MAX_SEED), "given": str(MAX_SEED + 1)}),
        ({"seed": 10**4000}, "seed_range", {"high": str(MAX_SEED), "given": "1" + "0" * 39 + "…"}),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_refusal_has_a_name_and_the_numbers_that_another_language_needs_to_say_it(
    wish: dict[str, Any], case: str, values: dict[str, Any]
) -> None:
    refused = refusal(**wish)
    assert (refused.case, refused.values) == (case, values)
    assert len(refused.reason) < 200


@pytest.mark.parametrize(
    "wish",
    [
        {"prompt": ""},
        {"frames": 0},
        {"steps": 0},
        {"steps": 201},
        {"fps": 0},
        {"shift": 0},
        {"width": "wide"},
        {"solver": "magic"},
        {"surprise": 1},
    ],
)
def test_what_no_model_takes_is_refused_on_the_wire_by_its_field(wish: dict[str, Any]) -> None:
    name = next(iter(wish))
    with pytest.raises(msgspec.ValidationError, match=name):
        msgspec.convert({"prompt": "a red boat", **wish}, VideoRequest)


def test_a_request_goes_over_the_wire_and_back_unchanged() -> None:
    request = VideoRequest(prompt="호수 위의 배", frames=25, guidance=(3.0, 4.0), seed=str(MAX_SEED))
    assert msgspec.json.decode(msgspec.json.encode(request), type=VideoRequest) == request
