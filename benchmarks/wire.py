"""How many lines a second does the sidecar answer, and what do hostile ones leave behind in its memory?

    python -m benchmarks.wire --rounds 5

The engine is a made-up one, so nothing of torch is measured. One line of JSON comes out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from tests import hostile
from tests.weight import MIB, Weight

ROOT = Path(__file__).resolve().parents[1]
HOSTILE, PINGS = 2000, 50_000
UNREAD = 5.0  # seconds in which nobody reads


class Line:
    """The two ends of a sidecar's pipes."""

    def __init__(self, folder: Path) -> None:
        env = {**os.environ, "ARTIFEX_HOME": str(folder / "data"), "ARTIFEX_VIDEOS": str(folder / "videos")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fake_engine"],
            cwd=ROOT,
            env={**env, "ARTIFEX_MODELS": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin and self.process.stdout
        self._in: IO[bytes] = self.process.stdin
        self._out: IO[bytes] = self.process.stdout

    def ask(self, lines: list[bytes], unread: float = 0.0) -> float:
        """Send all in one write and read as many answers; the seconds from the first read on."""
        sender = threading.Thread(target=self._send, args=(b"".join(line + b"\n" for line in lines),))
        sender.start()
        time.sleep(unread)
        began = time.perf_counter()
        left = len(lines)
        while left:
            left -= self._out.readline().startswith(b"[reply]")
        sender.join()
        return time.perf_counter() - began

    def close(self) -> None:
        """End it, as a host does."""
        self._in.close()
        self._out.read()
        self.process.wait()

    def _send(self, data: bytes) -> None:
        self._in.write(data)
        self._in.flush()


def main(arguments: list[str]) -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=5, help=f"of {HOSTILE} hostile lines, after a first one"
    )
    rounds = parser.parse_args(arguments).rounds
    pings = [b'{"op":"ping","id":%d}' % number for number in range(PINGS)]
    with tempfile.TemporaryDirectory() as folder:
        line = Line(Path(folder))
        try:
            line.ask([b'{"op":"hello","id":"1"}'])
            fresh = Weight.of(line.process.pid)
            line.ask([one.line for one in hostile.lines(300, seed=0)])
            warm = Weight.of(line.process.pid)
            seconds, memory = [], []
            for seed in range(1, rounds + 1):
                seconds.append(line.ask([one.line for one in hostile.lines(HOSTILE, seed)]))
                memory.append(Weight.of(line.process.pid).memory)
            burst = line.ask(pings)
            line.ask(pings, UNREAD)
            end = Weight.of(line.process.pid)
        finally:
            line.close()
    result = {
        "hostile_lines": HOSTILE,
        "hostile_lines_a_second": round(HOSTILE / min(seconds)),
        "memory_mib": {"fresh": _mib(fresh.memory), "warm": _mib(warm.memory), "end": _mib(end.memory)},
        "growth_mib": [_mib(held - warm.memory) for held in memory],
        "pings": PINGS,
        "pings_a_second": round(PINGS / burst),
    }
    print(json.dumps(result))


def _mib(size: int) -> float:
    return round(size / MIB, 1)


if __name__ == "__main__":
    main(sys.argv[1:])
