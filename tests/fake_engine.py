"""The sidecar with an engine whose model does as the prompt says: `slow in denoise`, `die in decode`, …

What is made up is the pipeline alone; process, pipe, messages and supervision are the real ones.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from sidecar import engine, fetch, hub, log, processes, pulse, stdio, streams, supervisor
from sidecar.messages import Device
from wan_core.errors import NotEnoughMemory
from wan_core.events import Event, Finished, Phase, Progress
from wan_core.request import ResolvedRequest

PHASES: tuple[Phase, ...] = ("text", "image", "denoise", "decode", "write")
PICTURE = b"a moving WebP"


class FakePipeline:
    def generate(
        self, request: ResolvedRequest, *, out: Path, work: Path, image: Path | None = None
    ) -> Iterator[Event]:
        part = out.with_name(f".{out.stem}.part.mp4")  # as wan_core.video names it
        words = request.prompt.split()
        try:
            for phase in PHASES:
                if phase in words:
                    yield from behave(words[0], phase)
                if phase == "decode":
                    part.write_bytes(b"half")
                yield Progress(phase, 1, 2, preview=PICTURE if phase == "denoise" else None)
                yield Progress(phase, 2, 2)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        yield Finished(str(out), request.frames, request.width, request.height, "fake")

    def close(self) -> None:
        pass


def behave(how: str, phase: Phase) -> Iterator[Progress]:
    """One of the ways in which an engine may go on, or not."""
    if how in ENDS:
        yield Progress(phase, 0, 1)
        (home() / "ended").write_text(str(time.monotonic()))  # one clock for all processes
        end(how)
    elif how == "die-once" and not (home() / "died").exists():
        (home() / "died").touch()
        yield from behave("die", phase)
    elif how == "slow":
        for step in range(3000):
            yield Progress(phase, step, 3000)
            time.sleep(0.02)
    elif (
        how == "hang"
    ):  # with a child that does not look at its stdin, and no thread that could hear of anything
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]):
            yield Progress(phase, 0, 1)
            hold_the_interpreter()
    elif how == "memory":
        raise NotEnoughMemory("This needs 19.4 GiB; 11.6 GiB are free.", "Choose 832×480.")
    elif how == "gpu-full":
        raise type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory.")
    elif how == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    elif how == "print":
        print("a library prints")
        os.write(1, b"a C extension prints\n")
        subprocess.run([sys.executable, "-c", "print('a child prints')"], check=True)
    elif how == "many":
        for step in range(5000):
            yield Progress(phase, step, 5000)
    elif how == "busy":  # one long piece of work without news, in this process and then in a child
        until = "import time\nend = time.monotonic() + {}\nwhile time.monotonic() < end: pass"
        exec(until.format(2 * pulse.SILENT))
        subprocess.run([sys.executable, "-c", until.format(2 * pulse.SILENT)], check=True)


ENDS = ("die", "oom", "raise", "gpu", "exhaust", "sleep", "stop", "hold")


def end(how: str) -> None:
    """Never return, and never work again."""
    if how == "oom":  # the system ends a process for lack of memory, and counts it
        processes.VMSTAT.write_text(f"oom_kill {processes.oom_kills() + 1}\n")
    if how in ("die", "oom"):
        os.kill(os.getpid(), signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    elif how == "raise":
        raise ValueError("made up")
    elif how == "gpu":
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nand more words")
    elif how == "exhaust":
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * resource.getpagesize() + 2**26
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        hoard = [bytearray(2**22) for _ in range(100)]
        raise AssertionError(len(hoard))
    elif how == "sleep":
        time.sleep(3600)
    elif how == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif how == "hold":
        hold_the_interpreter()


def hold_the_interpreter() -> None:
    """As a library does that waits without letting other threads go on."""
    if os.name == "nt":
        time.sleep(3600)
    ctypes.PyDLL(None).sleep(3600)


def home() -> Path:
    return Path(os.environ["ARTIFEX_HOME"])


class FakeMaker:
    def describe(self) -> Device:
        if free := os.environ.get("GPU_FREE"):  # bytes
            return Device(kind="cuda", name="made up", torch="0", memory_free=int(free), dtype="bfloat16")
        return Device(kind="cpu", name="made up", torch="0")

    def hold(self, vram: int | None) -> None:
        print(f"may use {vram} bytes")

    def load(self, checkpoint: Path) -> Generator[Progress, None, FakePipeline]:
        how, _, phase = checkpoint.name.rpartition("-")
        if phase == "load":
            yield from behave(how, "load")
        elif how == "wan":  # the shipped model, which is loaded ahead
            yield from behave(os.environ.get("AHEAD", ""), "load")
        yield Progress("load", 1, 1)
        return FakePipeline()


def set_clocks() -> None:
    """Shorter ones, for tests that need not wait as long as a person would."""
    pulse.SILENT = float(os.environ.get("SILENT", pulse.SILENT))
    pulse.STARTING = float(os.environ.get("STARTING", pulse.STARTING))
    pulse.ASK = min(pulse.ASK, pulse.SILENT / 8)
    supervisor.BACK_OFF = float(os.environ.get("BACK_OFF", supervisor.BACK_OFF))
    fetch.BACK_OFF = float(os.environ.get("FETCH_BACK_OFF", fetch.BACK_OFF))
    fetch.RESERVE = int(os.environ.get("FETCH_RESERVE", fetch.RESERVE))
    hub.SILENT = float(os.environ.get("HUB_SILENT", hub.SILENT))
    processes.VMSTAT = Path(os.environ.get("VMSTAT", processes.VMSTAT))


def run(pipe: Connection, parent: int) -> None:
    set_clocks()
    engine.serve(pipe, parent, FakeMaker())


def broken(pipe: Connection, parent: int) -> None:
    class Broken(FakeMaker):
        def describe(self) -> Device:
            if os.environ["BROKEN"] == "hold":
                hold_the_interpreter()
            raise ImportError("No module named 'torch'", name="torch")

    engine.serve(pipe, parent, Broken())


if __name__ == "__main__":
    from tests import fake_engine  # by its own name, so that the engine process finds `run`

    out, into = streams.take_stdout(), streams.take_stdin()
    log.configure()
    processes.bind_children()
    set_clocks()
    os._exit(stdio.serve(into, out, fake_engine.broken if os.environ.get("BROKEN") else fake_engine.run))
