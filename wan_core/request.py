"""What a person wants: `VideoRequest` as asked, `ResolvedRequest` as it will be made. No torch here."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from wan_core.errors import BadRequest
from wan_core.shapes import best_size, nearest_frames, nearest_multiple
from wan_core.variants import Guidance, Solver, Variant

MAX_SEED = 2**63 - 1
DRAWN_BELOW = 2**32  # a drawn seed stays exact in every program that may read it


class VideoRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A wish. Everything but `prompt` may be absent and is then the model's own default."""

    prompt: Annotated[str, Meta(min_length=1, max_length=10_000)]
    model: Annotated[str, Meta(min_length=1, max_length=200)] | None = None  # an id from `models`
    negative_prompt: Annotated[str, Meta(max_length=10_000)] | None = None
    image: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None  # a stored input's id, or a path
    width: Annotated[int, Meta(ge=16, le=8192)] | None = None  # pixels
    height: Annotated[int, Meta(ge=16, le=8192)] | None = None  # pixels
    frames: Annotated[int, Meta(ge=1, le=4096)] | None = None  # video frames, 4n+1
    fps: Annotated[int, Meta(ge=1, le=120)] | None = None  # video frames a second
    steps: Annotated[int, Meta(ge=1, le=200)] | None = None  # sampler steps
    guidance: Guidance | None = None  # 0 to 30; 1 is off
    shift: Annotated[float, Meta(ge=0.1, le=100)] | None = None
    solver: Solver | None = None
    seed: int | str | None = None  # 0 to 2^63-1; -1 or absent: drawn; a decimal string is taken too
    out: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None  # a path


class ResolvedRequest(Struct, frozen=True, kw_only=True):
    """What will be made: nothing is left to a default. Determines the latents, given weights and machine."""

    model: str
    prompt: str
    negative_prompt: str
    image: str | None  # sha256 of the stored input
    width: int
    height: int
    frames: int
    fps: int
    steps: int
    guidance: Guidance
    shift: float
    solver: Solver
    seed: int


def resolve(
    request: VideoRequest,
    variant: Variant,
    *,
    model: str,
    image: str | None,
    image_size: tuple[int, int] | None,
    drawn_seed: int,
) -> ResolvedRequest:
    """The request with every default filled in, or a `BadRequest` that names the nearest good values.

    `image` is the stored input's sha256 and `image_size` its (width, height) in pixels, where there
    is one; `drawn_seed` is used when the request leaves the seed open.
    """
    own = variant.defaults
    if not request.prompt.strip():
        raise BadRequest(
            "The prompt is empty.",
            "Write what the video should show.",
            "$.request.prompt",
            case="prompt_empty",
        )
    if image is not None and not variant.images:
        raise BadRequest(
            f"{variant.name} makes video from words alone.",
            "Remove the picture, or choose a model that takes one.",
            "$.request.image",
            case="words_alone",
            model=variant.name,
        )
    width, height = _size(request, variant, image_size)
    return ResolvedRequest(
        model=model,
        prompt=request.prompt,
        negative_prompt=own.negative_prompt if request.negative_prompt is None else request.negative_prompt,
        image=image,
        width=width,
        height=height,
        frames=_frames(request.frames, variant),
        fps=request.fps if request.fps is not None else own.fps,
        steps=request.steps if request.steps is not None else own.steps,
        guidance=_guidance(request.guidance, variant),
        shift=request.shift if request.shift is not None else own.shift,
        solver=request.solver or own.solver,
        seed=_seed(request.seed, drawn_seed),
    )


def _size(request: VideoRequest, variant: Variant, image_size: tuple[int, int] | None) -> tuple[int, int]:
    own, multiple = variant.defaults, variant.stride.multiple
    width, height = request.width, request.height
    if width is None and height is None and image_size is not None:
        found = best_size(*image_size, multiple, own.width * own.height)
        if not all(variant.min_side <= side <= variant.max_side for side in found):
            raise BadRequest(
                f"A picture of {image_size[0]}×{image_size[1]} is too long and thin to keep its shape.",
                f"Give width and height, for example {own.width} and {own.height}: it is then cropped.",
                "$.request.image",
                case="picture_too_thin",
                width=image_size[0],
                height=image_size[1],
                own_width=own.width,
                own_height=own.height,
            )
        return found
    if (width is None) != (height is None):
        field = "width" if width is None else "height"
        raise BadRequest(
            "Only one of width and height is given.",
            f"Give both, or neither (then {own.width}×{own.height}).",
            f"$.request.{field}",
            case="side_missing",
            width=own.width,
            height=own.height,
        )
    if width is None or height is None:
        return own.width, own.height
    for field, side in (("width", width), ("height", height)):
        if side % multiple or not variant.min_side <= side <= variant.max_side:
            good = min(max(nearest_multiple(side, multiple), variant.min_side), variant.max_side)
            raise BadRequest(
                f"{field} must be a multiple of {multiple} pixels, {variant.min_side} to {variant.max_side}; "
                f"got {side}.",
                f"The nearest is {good}.",
                f"$.request.{field}",
                case="side_step",
                name=field,
                multiple=multiple,
                low=variant.min_side,
                high=variant.max_side,
                given=side,
                nearest=good,
            )
    return width, height


def _frames(frames: int | None, variant: Variant) -> int:
    if frames is None:
        return variant.defaults.frames
    step = variant.stride.frames
    if frames > variant.max_frames:
        raise BadRequest(
            f"{variant.name} makes at most {variant.max_frames} frames; got {frames}.",
            f"Choose {variant.max_frames} or fewer.",
            "$.request.frames",
            case="frames_most",
            model=variant.name,
            most=variant.max_frames,
            given=frames,
        )
    if frames % step != 1:
        low, high = nearest_frames(frames, step)
        raise BadRequest(
            f"frames must be {step}n+1 (1, 5, 9, …); got {frames}.",
            f"The nearest are {low} and {high}.",
            "$.request.frames",
            case="frames_step",
            step=step,
            given=frames,
            low=low,
            high=high,
        )
    return frames


def _guidance(guidance: Guidance | None, variant: Variant) -> Guidance:
    if guidance is None:
        return variant.defaults.guidance
    scales = guidance if isinstance(guidance, tuple) else (guidance,)
    if isinstance(guidance, tuple) and variant.boundary is None:
        raise BadRequest(
            f"{variant.name} has one expert; got two guidance values.",
            "Give one number.",
            "$.request.guidance",
            case="one_guidance",
            model=variant.name,
        )
    for scale in scales:
        if not 0 <= scale <= 30:
            raise BadRequest(
                f"guidance must be 0 to 30; got {scale:g}.",
                "1 turns guidance off; 3 to 6 is usual.",
                "$.request.guidance",
                case="guidance_range",
                low=0,
                high=30,
                given=scale,
            )
    return guidance


def _seed(seed: int | str | None, drawn: int) -> int:
    if isinstance(seed, str):
        text = seed.strip()
        if not (text == "-1" or (text.isascii() and text.isdigit() and len(text) <= 19)):
            raise BadRequest(
                f"seed must be a whole number; got {seed[:40]!r}.",
                "Leave it out to have one drawn.",
                "$.request.seed",
                case="seed_digits",
                given=seed[:40],
            )
        seed = int(text)
    if seed is None or seed == -1:
        return drawn
    if not 0 <= seed <= MAX_SEED:
        raise BadRequest(
            f"seed must be 0 to {MAX_SEED}, or -1 to have one drawn; got {_digits(seed)}.",
            "Leave it out to have one drawn.",
            "$.request.seed",
            case="seed_range",
            high=str(MAX_SEED),
            given=_digits(seed),
        )
    return seed


def _digits(number: int) -> str:
    """`number` as text, for it fits no JavaScript number; of a very long one its beginning."""
    text = str(number)
    return text if len(text) <= 40 else f"{text[:40]}…"
