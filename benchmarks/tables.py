"""Makes docs/benchmarks.md from lines of JSON that benchmarks printed.

python -m benchmarks.memory | tail -1 >> docs/benchmarks.jsonl
python -m benchmarks.tables docs/benchmarks.jsonl docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wan_core.plan import GIB

Facts = dict[str, Any]
_NONE = "–"
_WORDS = """# Measured

Made by `python -m benchmarks.tables` from the lines in [benchmarks.jsonl](benchmarks.jsonl), which the
commands printed. Weights were random numbers of full size, the card was held to a limit where one is named
(`set_per_process_memory_fraction`). “Reserved” is the most that PyTorch had from the device, “expected” what
the plan had said before. The number behind v is that of the arithmetic (`NUMERICS_VERSION`); what has an
older one than today's was measured before it changed.
"""


def _gib(nbytes: int | None) -> str:
    return _NONE if nbytes is None else f"{nbytes / GIB:.2f}"


def _limit(facts: Facts) -> str:
    return "none" if facts["limit_gib"] is None else f"{facts['limit_gib']:g} GiB"


def _rows(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _memory(facts: Facts) -> str:
    rows = [
        [
            _limit(state),
            state["way"],
            state.get("ms", _NONE),
            state.get("ratio", _NONE),
            {True: "yes", False: "no"}.get(state.get("same"), _NONE),
            _gib(state.get("max_memory_reserved")),
            _gib(state.get("expected")),
            state["trouble"] or state["plan"].removeprefix("[Memory] "),
        ]
        for state in facts["states"]
    ]
    names = ("limit", "way", "ms", "to resident", "same bits", "GiB reserved", "expected", "plan")
    return f"A forward of the DiT, what does not stay comes from: {facts['tier']}\n\n{_rows(names, rows)}"


def _likeness(found: Facts | None) -> str:
    if found is None:
        return _NONE
    return "same bits" if found["psnr_db"] is None else str(found["psnr_db"])


def _decode(facts: Facts) -> str:
    like = (facts["likeness"] or {"cuts": {}})["cuts"]
    rows = [
        [
            cut["cut"],
            cut["trouble"] or cut["s"],
            _gib(cut.get("max_memory_reserved")),
            _gib(cut.get("expected")),
            _likeness(like.get(cut["cut"], {}).get("to_whole")),
            _likeness(like.get(cut["cut"], {}).get("to_float32")),
        ]
        for cut in facts["cuts"]
    ]
    names = ("cut", "s", "GiB reserved", "expected", "dB to whole", "dB to float32")
    return f"Decoding, limit {_limit(facts)}\n\n{_rows(names, rows)}"


def _request(facts: Facts) -> str:
    run = facts["runs"][-1]
    rows = [
        [name, phase["s"], _gib(phase["max_memory_reserved"]), _gib(phase["expected"])]
        for name, phase in run["phases"].items()
    ]
    rows.append(["all", run["all_s"], _gib(run["most"]["max_memory_reserved"]), _gib(run["planned_peak"])])
    what = f"A whole request of {facts['steps']} steps, limit {_limit(facts)}, engine warm, a new prompt"
    return f"{what}\n\n{_rows(('phase', 's', 'GiB reserved', 'expected'), rows)}"


def _estimate(facts: Facts) -> str:
    rows = [
        [
            f"{each['size'][0]}×{each['size'][1]}, {each['size'][2]} frames",
            each["steps"],
            f"{each['guidance']:g}",
            each["s"],
            each["expected_s"] or _NONE,
            each["s_ratio"] or _NONE,
            _gib(each["max_memory_reserved"]),
            _gib(each["expected"]),
            each["memory_ratio"] or _NONE,
        ]
        for each in (facts["first"], *facts["settings"])
    ]
    names = ("video", "steps", "guidance", "s", "foretold", "ratio", "GiB reserved", "foretold", "ratio")
    what = f"Foretold from the first video alone, limit {_limit(facts)}, weights: {facts['weights']}"
    return f"{what}\n\n{_rows(names, rows)}"


_TABLES: dict[str, Callable[[Facts], str]] = {
    "memory": _memory,
    "decode": _decode,
    "request": _request,
    "estimate": _estimate,
}


def _beside(peer: Facts) -> str:
    times = [f"{name} {peer[name]}" for name in ("eager_ms", "compiled_ms", "s", "trouble") if name in peer]
    reserved = _gib(peer.get("max_memory_reserved"))
    return f"{peer['peer']} in the same run: {', '.join(times)}; {reserved} GiB reserved.\n"


def page(lines: Sequence[str]) -> str:
    """The page of these lines of JSON. Raises KeyError for a benchmark that has no table."""
    parts = [_WORDS]
    for line in lines:
        facts: Facts = json.loads(line)
        width, height, frames = facts["size"]
        arithmetic = facts["numerics"].rpartition("/")[2]
        where = f"{facts['device']}, torch {facts['torch']}, {arithmetic}, {width}×{height}, {frames} frames"
        parts.append(f"## {facts['benchmark']}: {where}\n\n{_TABLES[facts['benchmark']](facts)}\n")
        if facts["peer"] is not None:
            parts.append(_beside(facts["peer"]))
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lines", type=Path)
    parser.add_argument("page", type=Path)
    given = parser.parse_args()
    given.page.write_text(page(given.lines.read_text(encoding="utf-8").splitlines()), encoding="utf-8")


if __name__ == "__main__":
    main()
