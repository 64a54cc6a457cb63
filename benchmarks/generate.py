"""How long does one video take, and where does the time go?

    python -m benchmarks.generate models/wan-mini --runs 3

The first run warms up and is reported as `cold`; the others give minimum and median seconds by phase.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import msgspec

from wan_core.checkpoint import inspect
from wan_core.device import describe
from wan_core.events import Progress, finish
from wan_core.loading import load
from wan_core.pipeline import Pipeline
from wan_core.request import ResolvedRequest, VideoRequest, resolve


def measure(pipeline: Pipeline, request: ResolvedRequest) -> dict[str, float]:
    """Seconds by phase of one video, made by the call that the app makes."""
    seconds: defaultdict[str, float] = defaultdict(float)
    mark = perf_counter()
    with tempfile.TemporaryDirectory() as work:
        for event in pipeline.generate(request, out=Path(work) / "video.mp4", work=Path(work)):
            now = perf_counter()
            seconds[event.phase if isinstance(event, Progress) else "write"] += now - mark
            mark = now
    return {
        **{phase: round(value, 3) for phase, value in seconds.items()},
        "all": round(sum(seconds.values()), 3),
    }


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3, help="runs counted, after one that warms up")
    for name in ("width", "height", "frames", "steps"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--guidance", type=float)
    asked = parser.parse_args(arguments)
    wish = {key: value for key, value in vars(asked).items() if key not in ("folder", "runs")}
    wish = {key: value for key, value in wish.items() if value is not None}

    checkpoint = inspect(asked.folder)
    start = perf_counter()
    pipeline = finish(load(checkpoint))
    loading = perf_counter() - start
    request = resolve(
        msgspec.convert({"prompt": "A cinematic sunset over mountain lake", **wish}, VideoRequest),
        checkpoint.variant,
        model=checkpoint.name,
        image=None,
        image_size=None,
        drawn_seed=42,
    )
    cold = measure(pipeline, request)
    runs = [measure(pipeline, request) for _ in range(asked.runs)]
    result = {
        "model": checkpoint.name,
        "size": [request.width, request.height, request.frames],
        "steps": request.steps,
        "guidance": request.guidance,
        "device": describe(),
        "numerics": pipeline.machine.numerics,
        "load": round(loading, 3),
        "cold": cold,
        "minimum": {phase: min(run[phase] for run in runs) for phase in cold},
        "median": {phase: round(statistics.median(run[phase] for run in runs), 3) for phase in cold},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
