"""A whole request through the pipeline, from the prompt to the mp4: seconds and memory by phase.

    python -m benchmarks.request [--limit-gib 4.75] [--steps 50] [--compile] [--no-picture]
    python -m benchmarks.request --folder FOLDER [--keeping FOLDER]

Without a folder all models, the text encoder too, are random numbers; they wait in RAM where a limit is set.
A folder as `benchmarks.official` makes it is loaded as the app does. A request of two steps warms up.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import msgspec
from PIL import Image

from benchmarks import full
from benchmarks.official import write
from wan_core import device
from wan_core.checkpoint import inspect
from wan_core.device import Machine
from wan_core.events import Progress, finish
from wan_core.loading import Keeping, load
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest

_WARM_UP = 2  # steps


def measure(pipeline: Pipeline, request: ResolvedRequest, image: Path | None) -> dict[str, Any]:
    """Seconds and peaks by phase of one video, made by the call that the app makes."""
    machine, plan = pipeline.machine, pipeline.plan(request)
    expected = {"denoise": plan.denoise, "decode": plan.decode}
    seconds: defaultdict[str, float] = defaultdict(float)
    seen: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    first_block = first_step = None
    machine.release()
    full.forget_peaks(machine)
    start = mark = perf_counter()
    with TemporaryDirectory() as work:
        out = Path(work) / "video.mp4"
        for event in pipeline.generate(request, out=out, work=Path(work), image=image):
            now, phase = perf_counter(), event.phase if isinstance(event, Progress) else "write"
            seconds[phase] += now - mark
            seen[phase].append(full.peaks(machine, expected.get(phase)))
            full.forget_peaks(machine)
            if phase == "denoise":
                first_block = first_block or now - start
            if isinstance(event, Progress) and phase == "denoise" and event.step > 0:
                first_step = first_step or now - start
            mark = now
    phases = {name: {"s": round(took, 3), **full.worst(seen[name])} for name, took in seconds.items()}
    for name, phase_facts in phases.items():
        print(f"{name}: {phase_facts['s']:.2f} s, {full.in_gib(phase_facts['max_memory_reserved'])}")
    return {
        "all_s": round(sum(seconds.values()), 3),
        "first_block_s": round(first_block or 0, 3),
        "first_step_s": round(first_step or 0, 3),
        "phases": phases,
        "most": full.worst([each for several in seen.values() for each in several]),
        "plan": str(plan),
        "planned_peak": plan.peak,
    }


def pipeline_of(asked: argparse.Namespace, machine: Machine, folder: Path | None) -> Pipeline:
    """The pipeline of `folder`, or of random numbers, with its blocks in place."""
    if folder is not None:
        full.limit(machine, asked.limit_gib)
        return finish(load(inspect(folder), machine, Keeping(folder=asked.keeping)))
    dims = full.sizes(asked)
    text = full.random_text(dims, machine, stream=asked.limit_gib is not None)
    pipeline = full.assemble(dims, machine, text)
    machine.release()
    full.limit(machine, asked.limit_gib)
    finish(pipeline.warm())
    return pipeline


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = full.options(__doc__)
    parser.add_argument(
        "--folder", type=Path, help="a checkpoint; with --small it is made if it is not there"
    )
    parser.add_argument("--keeping", type=Path, help="where prepared copies and embeddings are kept")
    parser.add_argument("--no-picture", action="store_true", help="from words alone")
    parser.add_argument("--guidance", type=float, help="1: without the negative prompt")
    parser.add_argument("--compile", action="store_true", help="compile the blocks")
    parser.set_defaults(runs=1)
    asked = parser.parse_args(arguments)
    if asked.small and asked.folder is not None and not asked.folder.exists():
        write(asked.folder, full.sizes(asked))
    machine = replace(device.find(), compile=asked.compile)
    start = perf_counter()
    pipeline = pipeline_of(asked, machine, asked.folder)
    print(f"ready after {perf_counter() - start:.1f} s")
    request = full.resolved(asked, asked.guidance)
    with TemporaryDirectory() as work:
        image = None if asked.no_picture else Path(work) / "picture.png"
        if image is not None:
            Image.effect_noise((request.width, request.height), 64).convert("RGB").save(image)
        short = msgspec.structs.replace(request, steps=min(_WARM_UP, request.steps))
        cold = measure(pipeline, short, image)
        words = [f"{request.prompt}, take {n}" for n in range(asked.runs)]  # no embedding is remembered
        runs = [measure(pipeline, msgspec.structs.replace(request, prompt=each), image) for each in words]
    pipeline.close()
    full.report(
        machine,
        benchmark="request",
        size=[request.width, request.height, request.frames],
        steps=request.steps,
        guidance=request.guidance,
        picture=not asked.no_picture,
        limit_gib=asked.limit_gib,
        weights="random" if asked.folder is None else str(asked.folder),
        cold=cold,
        runs=runs,
        all_s=round(statistics.median(run["all_s"] for run in runs), 3),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
