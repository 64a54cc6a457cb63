"""How long it takes from nothing to the first step, and how much RAM: cold and warm, with and without a copy.

    python -m benchmarks.load FOLDER [--keeping FOLDER] [--limit-gib 10.5]

FOLDER is a checkpoint, such as `benchmarks.official` makes. Every case is a process of its own, timed from
before it starts; in it the model is loaded twice. "Cold" are the model's files alone, not Python's. The
prepared copy is made in `--keeping` by a case between those without it and those with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_EVERY = 0.02  # seconds between two looks at the RAM


class Ram:
    """Looks at the RAM of this process that is not mapped from files, again and again."""

    def __init__(self) -> None:
        self.peak: int | None = None  # bytes; None where the system does not tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(_EVERY):
            now = anonymous()
            if now is not None:
                self.peak = max(self.peak or 0, now)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()


def anonymous() -> int | None:
    """Bytes of this process in RAM that no file holds."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")), None)


def one(case: dict[str, Any]) -> None:
    """A case, in a process of its own; prints its JSON. Imports what the app imports, no more."""
    ram = Ram()
    marks = {"python": time.time() - case["started"]}
    import msgspec

    from wan_core import device, memory
    from wan_core.checkpoint import inspect
    from wan_core.events import Progress
    from wan_core.loading import Keeping, load
    from wan_core.plan import GIB
    from wan_core.request import VideoRequest, resolve

    machine = device.find()
    if case["limit_gib"] is not None:
        memory.limit(machine.device, int(case["limit_gib"] * GIB))
    checkpoint = inspect(Path(case["folder"]))
    keeping = Keeping(folder=None if case["keeping"] is None else Path(case["keeping"]))
    wish = {key: value for key, value in case["video"].items() if value is not None}
    marks["imports"] = time.time() - case["started"]
    result: dict[str, Any] = {}
    for which, mark in (("first", case["started"]), ("second", None)):
        mark = mark or time.time()
        loading = load(checkpoint, machine, keeping)
        while True:
            try:
                next(loading)
            except StopIteration as end:
                pipeline = end.value
                break
        marks["loaded"] = time.time() - mark
        prompt = f"{case['name']}, the {which} time"  # no embedding of it is kept
        request = resolve(
            msgspec.convert({"prompt": prompt, **wish}, VideoRequest),
            checkpoint.variant,
            model=checkpoint.name,
            image=None,
            image_size=None,
            drawn_seed=0,
        )
        expected, pressed = pipeline.plan(request).peak, time.time()
        with (
            TemporaryDirectory() as work,
            closing(pipeline.generate(request, out=Path(work) / "video.mp4", work=Path(work))) as events,
        ):
            for event in events:
                if not isinstance(event, Progress) or event.phase not in ("load", "text", "denoise"):
                    raise RuntimeError(f"no step was seen before {event}")
                if event.phase == "denoise":
                    marks.setdefault("first_block", time.time() - mark)
                    if event.step > 0:
                        break
            marks["first_step"] = time.time() - mark
            marks["pressed_to_first_block"] = mark + marks["first_block"] - pressed
        result[which] = {f"{name}_s": round(value, 3) for name, value in marks.items()}
        result[which] |= {"rss_anon_peak": ram.peak, "rss_anon_after": anonymous()}
        pipeline.close()
        del pipeline, loading
        ram.peak, marks = None, {}
    ram.stop()
    copies = [] if keeping.folder is None else list(keeping.folder.glob("prepared/*/dit-*.safetensors"))
    from benchmarks import full

    print(json.dumps({**result, "prepared": bool(copies), **full.peaks(machine, expected)}))


def run(case: dict[str, Any]) -> dict[str, Any]:
    """What a process of its own says of `case`."""
    command = [sys.executable, "-m", "benchmarks.load", "--one"]
    given = json.dumps({**case, "started": time.time()})
    done = subprocess.run([*command, given], stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    if arguments[:1] == ["--one"]:
        one(json.loads(arguments[1]))
        return
    from benchmarks import full
    from benchmarks.official import drop_page_cache, write
    from wan_core import device

    parser = full.options(__doc__)
    parser.add_argument("folder", type=Path, help="a checkpoint; with --small it is made if it is not there")
    parser.add_argument(
        "--keeping", type=Path, help="where the prepared copy is made; else beside the folder"
    )
    asked = parser.parse_args(arguments)
    if asked.small and not asked.folder.exists():
        write(asked.folder, full.sizes(asked))
    request = full.resolved(asked)
    video = {"width": request.width, "height": request.height, "frames": request.frames, "steps": asked.steps}
    keeping = asked.keeping or asked.folder.with_name(f"{asked.folder.name}-keeping")
    base = {"folder": str(asked.folder), "limit_gib": asked.limit_gib, "video": video}
    cases: dict[str, dict[str, Any]] = {}
    for name, kept, cold in (
        ("no copy, cold", None, True),
        ("no copy, warm", None, False),
        ("makes the copy", keeping, False),
        ("copy, cold", keeping, True),
        ("copy, warm", keeping, False),
    ):
        files = [file for root in (asked.folder, keeping) for file in root.rglob("*") if file.is_file()]
        dropped = cold and min(map(drop_page_cache, files))
        found = run({**base, "name": name, "keeping": None if kept is None else str(kept)})
        cases[name] = {**found, "dropped_page_cache": dropped}
        first, second = found["first"], found["second"]
        print(
            f"{name}: first step after {first['first_step_s']:.1f} s (loaded {first['loaded_s']:.1f}), again "
            f"{second['first_step_s']:.1f} s; RssAnon {full.in_gib(first['rss_anon_peak'])}",
            flush=True,
        )
    size = [request.width, request.height, request.frames]
    where = {"folder": str(asked.folder), "keeping": str(keeping), "limit_gib": asked.limit_gib}
    full.report(device.find(), benchmark="load", size=size, **where, cases=cases)


if __name__ == "__main__":
    main(sys.argv[1:])
