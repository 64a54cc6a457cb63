"""A conversation with a real sidecar process, held by a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[1]
_PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", sys.argv[1]], stdin=subprocess.PIPE)
for line in sys.stdin.buffer:
    child.stdin.write(line)
    child.stdin.flush()
child.stdin.close()
sys.exit(child.wait())
"""
PATIENT = 90.0  # seconds: a loaded machine imports torch slowly


class Talk:
    """`with` it: a sidecar that has its own data and videos folder, and ends by end-of-file."""

    def __init__(
        self, folder: Path, models: Path | None = None, module: str = "sidecar", *, parent: bool = False
    ) -> None:
        """`module` is what `python -m` runs: the sidecar, or the sidecar with `tests.fake_engine`.

        `parent`: `process` is not the sidecar but one that started it and holds its stdin.
        """
        self.home, self.videos = folder / "data", folder / "videos"
        env = {**os.environ, "ARTIFEX_HOME": str(self.home), "ARTIFEX_VIDEOS": str(self.videos)}
        env |= {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "ARTIFEX_MODELS": str(models or "")}
        between = ["-c", _PARENT] if parent else ["-m"]
        self.process = subprocess.Popen(
            [sys.executable, *between, module],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[str] = []  # all that came on stdout
        self.log: list[str] = []
        self.reading = threading.Event()  # clear it, and nobody reads the sidecar's stdout
        self.reading.set()
        self._coming: Queue[str | None] = Queue()
        self._asked = 0
        self._threads = [
            threading.Thread(target=self._hear, args=(self.process.stdout, self._keep), daemon=True),
            threading.Thread(target=self._hear, args=(self.process.stderr, self.log.append), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Talk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self, timeout: float = 20.0) -> int:
        """End-of-file, as Node does it; the exit code."""
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.reading.set()
        with suppress(OSError):
            self.process.stdin.close()
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        for thread, stream in zip(self._threads, (self.process.stdout, self.process.stderr), strict=True):
            thread.join(timeout)
            if not thread.is_alive():  # one that was left behind may still hold the other end
                stream.close()
        return code

    def raw(self, line: bytes) -> None:
        """Send bytes as they are, and a newline."""
        assert self.process.stdin
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, op: str, **fields: Any) -> str:
        """Send a command; its id."""
        self._asked += 1
        command = {"op": op, "id": str(self._asked), **fields}
        self.raw(json.dumps(command, ensure_ascii=False).encode())
        return str(command["id"])

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        id = self.send(op, **fields)
        return self.until(lambda said: said.get("reply", {}).get("id") == id)["reply"]

    def answered(self, id: str) -> dict[str, Any]:
        """The answer to a command that was sent, whether it was waited for or passed over."""
        end = time.monotonic() + PATIENT
        while True:
            for said in map(parse, list(self.lines)):
                if said.get("reply", {}).get("id") == id:
                    return said["reply"]
            assert time.monotonic() < end, f"no answer; log:\n{self.tail()}"
            time.sleep(0.02)

    def generate(self, **request: Any) -> str:
        """Queue a video and give its job's id."""
        reply = self.ask("generate", request=request)
        assert "job" in reply, reply
        return str(reply["job"])

    def news(self, job: str, *states: str, phase: str | None = None) -> dict[str, Any]:
        """Wait for the job to be in one of the states (and in the phase)."""
        found = self.until(
            lambda said: (
                said.get("progress", {}).get("job") == job
                and said["progress"]["state"] in states
                and phase in (None, said["progress"]["phase"])
            )
        )
        return found["progress"]

    def until(self, fits: Callable[[dict[str, Any]], bool], timeout: float = PATIENT) -> dict[str, Any]:
        """The next line that fits, read as {"reply" | "progress" | "saved": …}."""
        end = time.monotonic() + timeout
        while True:
            try:
                line = self._coming.get(timeout=max(0.01, end - time.monotonic()))
            except Empty:
                raise AssertionError(f"nothing that fits came; log:\n{self.tail()}") from None
            assert line is not None, f"the sidecar is gone; log:\n{self.tail()}"
            if fits(said := parse(line)):
                return said

    def tail(self) -> str:
        """The end of the log."""
        return "\n".join(self.log[-40:])

    def _keep(self, line: str) -> None:
        self.lines.append(line)
        self._coming.put(line)

    def _hear(self, stream: Any, keep: Callable[[str], None]) -> None:
        for line in stream:
            if stream is self.process.stdout:
                self.reading.wait()
            keep(line.decode("utf-8", "replace").rstrip("\r\n"))
        if keep == self._keep:
            self._coming.put(None)


SMALL = {"width": 64, "height": 64, "frames": 5, "steps": 2}


def wish(talk: Talk, prompt: str, name: str = "quick", **fields: object) -> dict[str, object]:
    """A request for a small video of the model of that name."""
    models = talk.ask("models")["models"]
    id = next(model["id"] for model in models if model["name"] == name)
    return {"prompt": prompt, "model": id, **SMALL, **fields}


def half_written(talk: Talk) -> list[Path]:
    """What a job that is over should not have left."""
    leftovers = [*talk.videos.glob(".*.part.*"), *(talk.home / "work").iterdir()]
    return [path for path in leftovers if path.exists()]


def parse(line: str) -> dict[str, Any]:
    """A line of stdout as {"reply": …}, {"progress": …} or {"saved": path}; anything else fails the test."""
    if line.startswith("[progress] saved="):
        return {"saved": line.removeprefix("[progress] saved=")}
    for kind in ("reply", "progress", "download"):
        if line.startswith(f"[{kind}] {{"):
            return {kind: json.loads(line.removeprefix(f"[{kind}] "))}
    raise AssertionError(f"not a line of the protocol: {line!r}")


def processes_of(home: Path) -> set[int]:
    """Every living process (Linux) that was started with this data folder: sidecar, engine, helpers."""
    found = set()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state = (place / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
                if state != "Z" and f"ARTIFEX_HOME={home}".encode() in (place / "environ").read_bytes().split(
                    b"\0"
                ):
                    found.add(int(place.name))
            except OSError:
                continue
    return found


def gone(home: Path, within: float) -> bool:
    """Whether no process of this data folder is left, at the latest after `within` seconds."""
    return time_to_go(home, within) <= within


def time_to_go(home: Path, patience: float = 10.0) -> float:
    """Seconds until no process of this data folder is left; more than `patience` if some stay."""
    began = time.monotonic()
    while processes_of(home):
        if time.monotonic() - began > patience:
            return inf
        time.sleep(0.02)
    return time.monotonic() - began


def engine_of(talk: Talk) -> int:
    """The engine's process (Linux)."""
    return next(pid for pid in processes_of(talk.home) if b"spawn_main" in command(pid))


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
