"""The sidecar with an engine whose model does as the prompt says: `slow in denoise`, `die in decode`, …

What is made up is the pipeline alone; process, pipe, messages and supervision are the real ones.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from sidecar import engine, log, processes, stdio, streams
from sidecar.messages import Device
from wan_core.errors import NotEnoughMemory
from wan_core.events import Event, Finished, Phase, Progress
from wan_core.request import ResolvedRequest

PHASES: tuple[Phase, ...] = ("text", "image", "denoise", "decode", "write")


class FakePipeline:
    def generate(
        self, request: ResolvedRequest, *, out: Path, work: Path, image: Path | None = None
    ) -> Iterator[Event]:
        part = out.with_name(f".{out.stem}.part.mp4")  # as wan_core.video names it
        words = request.prompt.split()
        try:
            for phase in PHASES:
                if phase in words:
                    yield from behave(words[0], phase, work)
                if phase == "decode":
                    part.write_bytes(b"half")
                yield Progress(phase, 1, 2)
                yield Progress(phase, 2, 2)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        yield Finished(str(out), request.frames, request.width, request.height, "fake")


def behave(how: str, phase: Phase, work: Path) -> Iterator[Event]:
    marks = work.parents[1]
    if how == "slow":
        for step in range(3000):
            yield Progress(phase, step, 3000)
            time.sleep(0.02)
    elif how == "hang":  # with a child that waits for frames, as ffmpeg does
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE):
            yield Progress(phase, 0, 1)
            time.sleep(3600)
    elif how == "die" or (how == "die-once" and not (marks / "died").exists()):
        (marks / "died").touch()
        yield Progress(phase, 0, 1)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    elif how == "raise":
        raise ValueError("made up")
    elif how == "memory":
        raise NotEnoughMemory("This needs 19.4 GiB; 11.6 GiB are free.", "Choose 832×480.")
    elif how == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    elif how == "print":
        print("a library prints")
        os.write(1, b"a C extension prints\n")
        subprocess.run([sys.executable, "-c", "print('a child prints')"], check=True)
    elif how == "many":
        for step in range(5000):
            yield Progress(phase, step, 5000)


class FakeMaker:
    def describe(self) -> Device:
        return Device(kind="cpu", name="made up", torch="0")

    def load(self, checkpoint: Path) -> Generator[Progress, None, FakePipeline]:
        if checkpoint.name == "slow-load":
            for step in range(3000):
                yield Progress("load", step, 3000)
                time.sleep(0.02)
        if checkpoint.name == "hang-load":
            yield Progress("load", 0, 1)
            time.sleep(3600)
        yield Progress("load", 1, 1)
        return FakePipeline()


def run(pipe: Connection, parent: int) -> None:
    engine.serve(pipe, parent, FakeMaker())


def broken(pipe: Connection, parent: int) -> None:
    class Broken(FakeMaker):
        def describe(self) -> Device:
            raise ImportError("No module named 'torch'")

    engine.serve(pipe, parent, Broken())


if __name__ == "__main__":
    from tests import fake_engine  # by its own name, so that the engine process finds `run`

    out, into = streams.take_stdout(), streams.take_stdin()
    log.configure()
    processes.bind_children()
    os._exit(stdio.serve(into, out, fake_engine.broken if os.environ.get("BROKEN") else fake_engine.run))
