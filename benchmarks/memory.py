"""How long a forward of the DiT takes when little GPU memory is had, beside one with all weights there.

    python -m benchmarks.memory [--limits 10.5 6.75 4.75] [--tier disk] [--compile] [--profile]
    python -m benchmarks.memory --read [--file FILE]

All states take turns in one run. In every one the forward is the same to the bit, which is checked. The tier
`disk` reads with the page cache dropped before each forward, `cached` out of the page cache.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from benchmarks import full
from benchmarks.official import drop_page_cache
from wan_core import device, memory
from wan_core.device import Machine
from wan_core.errors import NotEnoughMemory
from wan_core.events import finish
from wan_core.pipeline import Pipeline
from wan_core.places import Place, Reader
from wan_core.plan import MemoryPlan
from wan_core.request import ResolvedRequest
from wan_core.stream import Layout
from wan_core.variants import TI2V_5B

Forward = Callable[[], Tensor]
_ALIGNED = 4096  # bytes; as in a prepared copy
_KERNELS = 25
_CHUNK = 8 * 2**20  # bytes of a plain read


@dataclass
class Record:
    """What was seen of one state: a limit, or none, and how the blocks ran."""

    gib: float | None
    way: str  # eager or compiled
    plan: str = ""
    trouble: str | None = None
    same: bool = True  # as the first forward of this way, to the bit
    ms: list[float] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The state as a person reads it."""
        return f"{'resident' if self.gib is None else f'{self.gib} GiB'}, {self.way}"

    def facts(self, whole: float) -> dict[str, Any]:
        """JSON of it; `whole` is how many milliseconds it takes with all weights on the device."""
        facts: dict[str, Any] = {"limit_gib": self.gib, "way": self.way, "plan": self.plan}
        facts["trouble"] = self.trouble
        if not self.ms:
            return facts
        middle = statistics.median(self.ms)
        facts |= {"ms": round(middle, 2), "all_ms": [round(ms, 2) for ms in self.ms]}
        return {**facts, "ratio": round(middle / whole, 4), "same": self.same, **full.worst(self.seen)}


class InFile:
    """Blocks out of one file, each read in one go, as out of a prepared copy."""

    def __init__(self, file: Path, count: int, layout: Layout, where: torch.device) -> None:
        self.file, self.nbytes, self._reader = file, layout.nbytes, Reader()
        self._step = self.nbytes + -self.nbytes % _ALIGNED
        buffer = torch.zeros(self._step, dtype=torch.uint8)
        source = full.InRam(count, layout, where)
        with file.open("wb") as stream:
            for i in range(count):
                source.fetch(i, buffer[: self.nbytes])
                stream.write(buffer.numpy().data)

    def fetch(self, i: int, buffer: Tensor) -> None:
        """Read the bytes of block `i` into `buffer`."""
        place = Place(self.file, i * self._step, self.nbytes, "U8", (self.nbytes,))
        self._reader.read_into([place], buffer.numpy().data)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


@torch.inference_mode()
def prepare(pipeline: Pipeline, request: ResolvedRequest) -> Forward:
    """One forward of the DiT: one sample, a text of full length, the same numbers each time."""
    dit, where = pipeline.dit, pipeline.machine.device
    grid = pipeline.checkpoint.variant.grid(request.width, request.height, request.frames)
    x = torch.randn(1, *grid, device=where)
    t = torch.tensor([500.0], dtype=torch.float64, device=where)
    text = dit.embed_text([torch.randn(dit.config.text_len, dit.config.text_dim, device=where)])

    @torch.inference_mode()
    def forward() -> Tensor:
        return finish(dit.walk(x, t, text))

    return forward


def squeeze(pipeline: Pipeline, request: ResolvedRequest, gib: float | None, tier: str) -> MemoryPlan:
    """Bring the blocks to where they are under a limit; raises NotEnoughMemory where nothing fits."""
    machine = pipeline.machine
    full.limit(machine, gib)
    try:
        plan = pipeline.plan(request)
    finally:
        full.limit(machine, None)  # what is there already may be more
    finish(pipeline.blocks.settle(plan.resident, tier == "ram"))
    machine.release()
    full.limit(machine, gib)
    return plan


def timed(forward: Forward, machine: Machine, before: Callable[[], object]) -> tuple[float, Tensor]:
    """Milliseconds of one forward, and its result in RAM."""
    before()
    full.wait(machine)
    start = perf_counter()
    out = forward()
    full.wait(machine)
    return (perf_counter() - start) * 1000, out.cpu()


def measure(
    pipeline: Pipeline, forward: Forward, asked: argparse.Namespace, drop: Callable[[], object]
) -> list[dict[str, Any]]:
    """Every state in turn, `--rounds` times; the first has all weights on the device."""
    request, ways = full.resolved(asked, guidance=1.0), ["eager", "compiled"] if asked.compile else ["eager"]
    if asked.compile:
        for block in pipeline.dit.blocks:
            block.compile(dynamic=False)
    records = [Record(gib, way) for gib in (None, *sorted(asked.limits)[::-1]) for way in ways]
    right: dict[str, Tensor] = {}  # by way, what the first forward gave
    for _ in range(asked.rounds):
        for record in records:
            limited = record.gib is not None
            try:
                plan = squeeze(pipeline, request, record.gib, asked.tier if limited else "ram")
                record.plan = str(plan)
                if limited and asked.resident is not None:
                    finish(pipeline.blocks.settle(asked.resident))
                    record.plan += f"; by --resident {asked.resident} blocks stay"
                with _forced(record.way) if asked.compile else nullcontext():
                    _visit(record, forward, pipeline.machine, drop if limited else bool, asked.runs, right)
                record.seen.append(full.peaks(pipeline.machine, plan.denoise))
                print(f"{record.name}: {statistics.median(record.ms):.1f} ms; {record.plan}", flush=True)
            except (NotEnoughMemory, RuntimeError) as problem:
                if not isinstance(problem, NotEnoughMemory) and not memory.ran_out(problem):
                    raise
                record.trouble = str(problem).splitlines()[0]
                print(f"{record.name}: {record.trouble}; {record.plan}", flush=True)
    full.limit(pipeline.machine, None)
    whole = {way: statistics.median(record.ms) for way, record in zip(ways, records, strict=False)}
    return [record.facts(whole[record.way]) for record in records]


def _visit(
    record: Record,
    forward: Forward,
    machine: Machine,
    before: Callable[[], object],
    runs: int,
    right: dict[str, Tensor],
) -> None:
    full.forget_peaks(machine)
    timed(forward, machine, before)  # warm-up
    for _ in range(runs):
        ms, out = timed(forward, machine, before)
        record.ms.append(ms)
        record.same &= torch.equal(out, right.setdefault(record.way, out))


def _forced(way: str) -> AbstractContextManager[object]:
    return torch.compiler.set_stance("default" if way == "compiled" else "force_eager")


def profile(forward: Forward, machine: Machine) -> list[dict[str, Any]]:
    """The costliest kernels of one forward (on a CPU: operators)."""
    kind = torch.profiler.ProfilerActivity
    cuda = machine.device.type == "cuda"
    with torch.profiler.profile(activities=[kind.CUDA if cuda else kind.CPU]) as found:
        forward()
        full.wait(machine)
    rows = [
        ((event.self_device_time_total if cuda else event.self_cpu_time_total) / 1000, event.count, event.key)
        for event in found.key_averages()
    ]
    rows.sort(reverse=True)
    print(f"{sum(ms for ms, _, _ in rows):.1f} ms in all kernels")
    for ms, count, key in rows[:_KERNELS]:
        print(f"  {ms:9.2f} ms {count:5d} x  {key[:90]}")
    return [{"ms": round(ms, 3), "count": count, "kernel": key[:120]} for ms, count, key in rows[:_KERNELS]]


def peer(asked: argparse.Namespace, machine: Machine) -> dict[str, Any]:
    """The same forward by diffusers, with all weights on the device."""
    from diffusers import WanTransformer3DModel  # type: ignore[import-not-found, unused-ignore]

    dims, request = full.sizes(asked), full.resolved(asked, guidance=1.0)
    dit, where, dtype = dims.dit, machine.device, machine.precision.matmul
    with where:
        model = WanTransformer3DModel(
            num_attention_heads=dit["num_heads"],
            attention_head_dim=dit["dim"] // dit["num_heads"],
            in_channels=dit["in_dim"],
            out_channels=dit["out_dim"],
            text_dim=dims.text_dim,
            freq_dim=dit["freq_dim"],
            ffn_dim=dit["ffn_dim"],
            num_layers=dit["num_layers"],
        )
    model = model.to(dtype).eval().requires_grad_(False)
    grid = TI2V_5B.grid(request.width, request.height, request.frames)
    x = torch.randn(1, *grid, device=where, dtype=dtype)
    text = torch.randn(1, dit["text_len"], dims.text_dim, device=where, dtype=dtype)

    @torch.inference_mode()
    def forward() -> Tensor:
        out: Tensor = model(x, torch.tensor([500], device=where), text, return_dict=False)[0]
        return out

    machine.release()
    full.forget_peaks(machine)
    found: dict[str, Any] = {"peer": "diffusers"}
    for way in ["eager", "compiled"] if asked.compile else ["eager"]:
        if way == "compiled":
            for block in model.blocks:
                block.compile(dynamic=False)
        times = [timed(forward, machine, bool)[0] for _ in range(asked.runs + 1)][1:]
        found[f"{way}_ms"] = round(statistics.median(times), 2)
        print(f"diffusers, {way}: {found[f'{way}_ms']:.1f} ms", flush=True)
    return {**found, **full.peaks(machine)}


def reading(source: InFile, count: int, runs: int) -> dict[str, Any]:
    """The disk tier's reading against a plain one of the same file, in turns, from disk itself."""
    ours, plain = [], []
    size, buffer = source.file.stat().st_size, torch.empty(source.nbytes, dtype=torch.uint8)
    chunk = bytearray(_CHUNK)
    for _ in range(runs):
        dropped, start = drop_page_cache(source.file), perf_counter()
        for i in range(count):
            source.fetch(i, buffer)
        ours.append(perf_counter() - start)
        dropped, start = drop_page_cache(source.file), perf_counter()
        _through(source.file, chunk)
        plain.append(perf_counter() - start)
    ours_s, plain_s = statistics.median(ours), statistics.median(plain)
    print(f"blocks: {size / ours_s / 1e9:.2f} GB/s; plain: {size / plain_s / 1e9:.2f} GB/s")
    return {
        "bytes": size,
        "blocks_gb_s": round(size / ours_s / 1e9, 3),
        "plain_gb_s": round(size / plain_s / 1e9, 3),
        "ratio": round(plain_s / ours_s, 3),  # above 1: ours is faster
        "cold": dropped,
    }


def _through(file: Path, chunk: bytearray) -> None:
    with file.open("rb", buffering=0) as stream:
        while stream.readinto(chunk):
            pass


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for and print one line of JSON."""
    parser = full.options(__doc__)
    parser.add_argument(
        "--limits", type=float, nargs="*", default=[10.5, 6.75, 4.75], help="GiB, each a state"
    )
    parser.add_argument("--tier", choices=["ram", "disk", "cached"], default="ram", help="where blocks wait")
    parser.add_argument("--file", type=Path, help="where on disk the tier's file is made and left")
    parser.add_argument("--resident", type=int, help="blocks that stay, whatever the limit says")
    parser.add_argument("--rounds", type=int, default=2, help="how often all states take their turn")
    parser.add_argument("--compile", action="store_true", help="time compiled blocks beside eager ones")
    parser.add_argument("--profile", action="store_true", help="list the costliest kernels of a forward")
    parser.add_argument("--read", action="store_true", help="measure reading from disk, nothing else")
    parser.set_defaults(runs=5)
    asked = parser.parse_args(arguments)
    if asked.limit_gib is not None:
        asked.limits = [asked.limit_gib]
    machine = device.find()
    with TemporaryDirectory() as folder:
        file = asked.file or Path(folder) / "blocks"
        if asked.read:
            dit, layout = full.empty_dit(full.sizes(asked), machine)
            source = InFile(file, len(dit.blocks), layout, machine.device)
            full.report(machine, benchmark="memory --read", **reading(source, len(dit.blocks), asked.runs))
            source.close()
            return
        facts = _facts(asked, machine, file)
    full.report(machine, benchmark="memory", tier=asked.tier, **facts)


def _facts(asked: argparse.Namespace, machine: Machine, file: Path) -> dict[str, Any]:
    make = full.InRam if asked.tier == "ram" else partial(InFile, file)
    pipeline = full.assemble(full.sizes(asked), machine, source=make)
    request = full.resolved(asked, guidance=1.0)
    forward = prepare(pipeline, request)
    states = measure(
        pipeline, forward, asked, partial(drop_page_cache, file) if asked.tier == "disk" else bool
    )
    facts: dict[str, Any] = {"size": [request.width, request.height, request.frames], "states": states}
    if asked.profile:
        finish(pipeline.blocks.settle(len(pipeline.blocks)))
        forward()
        facts["kernels"] = profile(forward, machine)
    pipeline.close()
    facts["peer"] = peer(asked, machine) if full.has_peer(asked) else None
    return facts


if __name__ == "__main__":
    main(sys.argv[1:])
