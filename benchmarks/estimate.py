"""How right an estimate is: memory and seconds foretold from one video, then measured at other settings.

    python -m benchmarks.estimate [--folder models/wan-mini] [--limit-gib 10.5] [--steps 4]

Without a folder all models are random numbers of full size. The first video is the one that is learnt from;
each of the others is foretold from it alone, then made. Seconds are those of a loaded model; a video of few
steps warms each size up, as a person's second video of that size is.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import full
from benchmarks.request import measure, pipeline_of
from sidecar.eta import effort, expected
from sidecar.store import Effort, Pace
from wan_core import device
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest, VideoRequest, resolve

_STEPS = 4  # at full size, where nothing else is asked for
_MODEL_SETTINGS: tuple[dict[str, Any], ...] = (  # at full size; the first is learnt from
    {"width": 1280, "height": 704, "frames": 121},
    {"width": 1280, "height": 704, "frames": 121, "steps": 8},
    {"width": 1280, "height": 704, "frames": 121, "guidance": 1.0},
    {"width": 704, "height": 1280, "frames": 121},
    {"width": 1280, "height": 704, "frames": 81},
    {"width": 1280, "height": 704, "frames": 49},
    {"width": 960, "height": 960, "frames": 121},
    {"width": 832, "height": 480, "frames": 121},
    {"width": 832, "height": 480, "frames": 81, "steps": 8},
    {"width": 832, "height": 480, "frames": 49, "steps": 8},
    {"width": 768, "height": 768, "frames": 81},
    {"width": 512, "height": 512, "frames": 121, "steps": 8},
    {"width": 512, "height": 512, "frames": 81, "steps": 8},
)
_SMALL_SETTINGS: tuple[dict[str, Any], ...] = (  # of the shipped model, by its defaults
    {},
    {"frames": 9},
    {"frames": 17, "steps": 30},
    {"frames": 49},
    {"frames": 81, "steps": 10},
    {"steps": 10},
    {"steps": 40},
    {"guidance": 1.0},
    {"guidance": 1.0, "frames": 49},
    {"width": 192, "height": 320},
    {"width": 256, "height": 256},
    {"width": 416, "height": 256},
    {"width": 416, "height": 256, "frames": 49, "steps": 10},
)


def requests(asked: argparse.Namespace, pipeline: Pipeline) -> list[ResolvedRequest]:
    """What is made, one after the other; no two have a prompt in common."""
    checkpoint = pipeline.checkpoint
    small = asked.small or asked.folder is not None
    usual = {name: getattr(asked, name) for name in ("width", "height", "frames")}
    usual["steps"] = asked.steps or (None if small else _STEPS)
    found = []
    for number, wish in enumerate((_SMALL_SETTINGS if small else _MODEL_SETTINGS)[: asked.settings + 1]):
        given = {key: value for key, value in {**usual, **wish}.items() if value is not None}
        found.append(
            resolve(
                msgspec.convert({"prompt": f"{full.PROMPT}, take {number}", **given}, VideoRequest),
                checkpoint.variant,
                model=checkpoint.name,
                image=None,
                image_size=None,
                drawn_seed=full.SEED,
            )
        )
    return found


def one(pipeline: Pipeline, request: ResolvedRequest, learnt: list[Pace]) -> tuple[dict[str, Any], Pace]:
    """What was foretold of a video and what it took, and its pace for others to be foretold from."""
    amount: Effort = effort(request, pipeline.checkpoint)
    foretold = expected(amount, learnt)
    made = measure(pipeline, request, None)
    seconds = {phase: facts["s"] for phase, facts in made["phases"].items()}
    took, reserved = made["all_s"], made["most"]["max_memory_reserved"]
    facts = {
        "size": [request.width, request.height, request.frames],
        "steps": request.steps,
        "guidance": request.guidance,
        "s": took,
        "expected_s": foretold,
        "s_ratio": None if foretold is None else round(foretold / took, 3),
        "max_memory_reserved": reserved,
        "expected": made["planned_peak"],
        "memory_ratio": None if reserved is None else round(made["planned_peak"] / reserved, 3),
        "plan": made["plan"],
    }
    return facts, Pace(amount, seconds)


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = full.options(__doc__)
    parser.add_argument("--folder", type=Path, help="a small checkpoint, such as the shipped model")
    parser.add_argument("--settings", type=int, default=12, help="how many are foretold")
    parser.set_defaults(keeping=None)
    asked = parser.parse_args(arguments)
    machine = device.find()
    pipeline = pipeline_of(asked, machine, asked.folder)
    several = requests(asked, pipeline)
    measure(pipeline, msgspec.structs.replace(several[0], steps=2), None)
    first, pace = one(pipeline, several[0], [])
    settings = []
    for request in several[1:]:
        facts, _ = one(pipeline, request, [pace])
        settings.append(facts)
        print(f"{facts['size']}: {facts['s']} s, {facts['expected_s']} expected, {facts['memory_ratio']}")
    pipeline.close()
    full.report(
        machine,
        benchmark="estimate",
        limit_gib=asked.limit_gib,
        size=first["size"],
        weights="random" if asked.folder is None else str(asked.folder),
        first=first,
        settings=settings,
        s_ratios=_range([each["s_ratio"] for each in settings]),
        memory_ratios=_range([each["memory_ratio"] for each in settings]),
    )


def _range(values: list[float | None]) -> list[float] | None:
    """The least, the middle and the most."""
    known = sorted(value for value in values if value is not None)
    return [known[0], statistics.median(known), known[-1]] if known else None


if __name__ == "__main__":
    main(sys.argv[1:])
