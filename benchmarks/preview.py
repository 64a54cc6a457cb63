"""What previews cost: seconds to fit their map, seconds for each, and their share of the time of a step.

    python -m benchmarks.preview [--random-weights] [--limit-gib 4.75] [--steps 6] [--runs 3]
    python -m benchmarks.preview --folder models/wan-mini

Without a folder all models are random numbers. Runs with previews and without take turns.
"""

from __future__ import annotations

import statistics
import sys
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from benchmarks import full
from benchmarks.request import pipeline_of
from wan_core import device
from wan_core.pipeline import Pipeline
from wan_core.preview import APART, SHARE, Preview, fit, moving, paint
from wan_core.request import ResolvedRequest, VideoRequest, resolve

_STEPS = 6


def fitted(pipeline: Pipeline) -> dict[str, Any]:
    """Seconds and memory of the map, found anew after one that warms up."""
    machine, channels = pipeline.machine, pipeline.checkpoint.variant.latent_channels
    seconds = []
    for _ in range(2):
        full.wait(machine)
        full.forget_peaks(machine)
        before = full.peaks(machine)["max_memory_allocated"] or 0
        start = perf_counter()
        fit(pipeline.vae.decode_stills, channels)
        seconds.append(perf_counter() - start)
    beside = (full.peaks(machine)["max_memory_allocated"] or 0) - before
    return {"cold_fit_s": round(seconds[0], 4), "fit_s": round(seconds[1], 4), "fit_bytes": beside}


def shown(pipeline: Pipeline, request: ResolvedRequest, runs: int) -> dict[str, Any]:
    """Seconds and bytes of one preview of a latent of noise, which compresses worse than any video."""
    machine, variant = pipeline.machine, pipeline.checkpoint.variant
    grid = variant.grid(request.width, request.height, request.frames)
    latent, seconds, size = torch.randn(tuple(grid), device=machine.device), [], 0
    for _ in range(runs + 1):
        full.wait(machine)
        start = perf_counter()
        size = len(moving(paint(latent, pipeline.colours), request.fps, variant.stride.frames))
        seconds.append(perf_counter() - start)
    return {"preview_s": round(statistics.median(seconds[1:]), 5), "preview_bytes": size}


def stepped(pipeline: Pipeline, request: ResolvedRequest, preview: Preview | None) -> list[float]:
    """Seconds of every step but the first, which warms up."""
    ends: list[float] = []
    for progress in pipeline.latent(request, None, preview=preview):
        if progress.phase == "denoise" and progress.fraction == 0:
            full.wait(pipeline.machine)
            ends.append(perf_counter())
    return [after - before for before, after in pairwise(ends)]


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = full.options(__doc__)
    parser.add_argument("--folder", type=Path, help="a checkpoint, such as the shipped model")
    parser.set_defaults(runs=3, keeping=None, steps=_STEPS)
    asked = parser.parse_args(arguments)
    machine = device.find()
    pipeline = pipeline_of(asked, machine, asked.folder)
    request, stride = _resolved(asked, pipeline), pipeline.checkpoint.variant.stride.frames
    facts = {**fitted(pipeline), **shown(pipeline, request, asked.runs)}
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(asked.runs):
        for wanted, steps in seconds.items():
            preview = Preview(lambda: pipeline.colours, request.fps, stride) if wanted else None
            steps += stepped(pipeline, request, preview)
            print(f"{'with' if wanted else 'without'} previews: {statistics.mean(steps):.4f} s a step")
    without, beside = (statistics.mean(steps) for steps in seconds.values())
    pipeline.close()
    full.report(
        machine,
        benchmark="preview",
        size=[request.width, request.height, request.frames],
        weights="random" if asked.folder is None else str(asked.folder),
        limit_gib=asked.limit_gib,
        **facts,
        step_s=round(without, 4),
        step_with_previews_s=round(beside, 4),
        share=round(facts["preview_s"] / max(without, APART, facts["preview_s"] / SHARE), 5),
    )


def _resolved(asked: Any, pipeline: Pipeline) -> ResolvedRequest:
    """The model's own size, where no other is asked for."""
    if asked.folder is None:
        return full.resolved(asked)
    sides = {name: getattr(asked, name) for name in ("width", "height", "frames")}
    wish = VideoRequest(prompt=full.PROMPT, steps=asked.steps, **sides)
    model = pipeline.checkpoint
    return resolve(wish, model.variant, model=model.name, image=None, image_size=None, drawn_seed=full.SEED)


if __name__ == "__main__":
    main(sys.argv[1:])
