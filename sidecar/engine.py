"""The engine process: holds tensors and no truth. Takes messages from the sidecar, one job at a time."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

import msgspec
from msgspec.structs import replace

from sidecar import log as logs
from sidecar import messages, processes
from sidecar.failures import failure, harmless
from sidecar.folders import data_folder, last_change
from sidecar.machine import pinnable
from sidecar.messages import (
    Cancel,
    Device,
    Failed,
    FromEngine,
    Generate,
    Made,
    Ping,
    Pong,
    Ready,
    Stepped,
    Stopped,
    Warm,
    Warmed,
)
from sidecar.previews import Previews
from wan_core.errors import WanError
from wan_core.events import Event, Progress
from wan_core.request import ResolvedRequest

log = logging.getLogger(__name__)

_APART = 0.02  # seconds between two fractions of a step: more often nobody looks


class Pipeline(Protocol):
    """A loaded model."""

    def generate(
        self, request: ResolvedRequest, *, out: Path, work: Path, image: Path | None = None
    ) -> Iterator[Event]:
        """Make the video; closing the iterator cancels."""

    def close(self) -> None:
        """Give back what it holds."""


class Maker(Protocol):
    """What an engine needs to be able to do; `WanCore` is the real one."""

    def describe(self) -> Device:
        """Import what is needed and look at the device."""

    def hold(self, vram: int | None) -> None:
        """Use no more than so many bytes of the GPU's memory from now on; None: all that is free."""

    def load(self, checkpoint: Path) -> Generator[Progress, None, Pipeline]:
        """Load the checkpoint in a folder."""


class WanCore:
    """`wan_core`, imported when it is first needed."""

    def describe(self) -> Device:
        """What torch says of this machine."""
        from wan_core import device

        return msgspec.convert(device.describe(), Device)

    def hold(self, vram: int | None) -> None:
        """Set the limit that every plan keeps to."""
        from wan_core import device, memory

        memory.limit(device.where(), vram)

    def load(self, checkpoint: Path) -> Generator[Progress, None, Pipeline]:
        """The pipeline of a checkpoint."""
        from wan_core.checkpoint import inspect
        from wan_core.loading import Keeping, load

        keeping = Keeping(folder=data_folder() / "cache", ram=pinnable())
        return (yield from load(inspect(checkpoint), keeping=keeping))


def run(pipe: Connection, parent: int) -> None:
    """The life of an engine process: what the supervisor starts."""
    serve(pipe, parent, WanCore())


def settle(pipe: Connection, parent: int) -> None:
    """Be a process of the sidecar's: what it starts does not outlive it, and it prints to stderr alone."""
    processes.lead_own_group()
    processes.die_with_parent(parent)
    with suppress(OSError):  # then the sidecar's must do
        processes.bind_children()
    if os.name != "nt":
        os.set_inheritable(pipe.fileno(), False)  # no child may hold the pipe open
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    logs.configure()


def serve(pipe: Connection, parent: int, maker: Maker) -> None:
    """Be an engine until the sidecar goes away."""
    settle(pipe, parent)
    engine = Engine(pipe, maker)
    threading.Thread(target=engine.listen, daemon=True).start()
    try:
        engine.work()
    finally:
        os._exit(1)  # an orderly end may wait for a GPU that does not answer any more


class Engine:
    """One pipe to the sidecar, one model kept warm."""

    def __init__(self, pipe: Connection, maker: Maker) -> None:
        self._pipe = pipe
        self._maker = maker
        self._speaking = threading.Lock()
        self._inbox: SimpleQueue[messages.ToEngine] = SimpleQueue()
        self._next: Generate | None = None  # came while a model was warming
        self._cancelled: set[str] = set()
        self._loaded: tuple[str, float] | None = None  # folder and when it changed
        self._pipeline: Pipeline | None = None
        self._vram: int | None = None

    def listen(self) -> None:
        """Take messages until the sidecar is gone, and then leave no process behind."""
        with suppress(EOFError, OSError):
            while True:
                message = messages.to_engine.decode(self._pipe.recv_bytes())
                if isinstance(message, Ping):
                    self._say(Pong(*processes.used()))
                else:
                    self._inbox.put(message)
        processes.kill_group(os.getpid())

    def work(self) -> None:
        """Answer for the device, then make what is asked for. Returns when nothing here can be trusted."""
        try:
            self._say(Ready(self._maker.describe()))
            while True:
                self._obey(self._next or self._inbox.get())
        except Exception as problem:  # the one place that hears of an engine that cannot start or go on
            log.exception("The engine ends")
            self._say(Failed(None, failure(problem)))

    def _obey(self, message: messages.ToEngine) -> None:
        self._next = None
        match message:
            case Generate():
                self._generate(message)
            case Warm():
                self._warm(message)
            case Cancel(job):
                self._say(Stopped(job))

    def _say(self, message: FromEngine) -> None:
        with self._speaking:
            self._pipe.send_bytes(messages.encode(message))

    def _generate(self, order: Generate) -> None:
        self._cancelled.discard(order.job)  # that was an earlier try of it
        try:
            with closing(self._events(order)) as events:
                quiet_until, last = 0.0, None
                previews, preview = Previews(Path(order.work)), None
                for event in events:
                    if not isinstance(event, Progress):
                        self._say(Made(order.job, event))
                        return
                    if self._is_cancelled(order.job):
                        break
                    if event.preview is not None:
                        preview = previews.write(event.preview) or preview
                        event = replace(event, preview=None)
                    place, now = (event.phase, event.step), time.monotonic()
                    if place != last or now >= quiet_until:
                        self._say(Stepped(order.job, event, preview))
                        quiet_until, last = now + _APART, place
            self._say(Stopped(order.job))
        except Exception as problem:
            if not harmless(problem):
                raise
            if not isinstance(problem, WanError):
                log.exception("Job %s failed", order.job)
            self._say(Failed(order.job, failure(problem)))

    def _events(self, order: Generate) -> Generator[Event, None, None]:
        pipeline = yield from self._load(order)
        image = Path(order.image) if order.image else None
        log.info("Generating video ... (job %s, seed %d)", order.job, order.request.seed)
        yield from pipeline.generate(order.request, out=Path(order.out), work=Path(order.work), image=image)

    def _load(self, order: Generate | Warm) -> Generator[Progress, None, Pipeline]:
        """The pipeline of the order's checkpoint: the warm one if it is that, else loaded in its place."""
        if order.vram != self._vram:
            self._maker.hold(order.vram)
            self._vram = order.vram
        checkpoint = Path(order.checkpoint)
        wanted = (str(checkpoint), last_change(checkpoint))
        if self._pipeline is None or wanted != self._loaded:
            if self._pipeline is not None:
                self._pipeline.close()
            self._pipeline, self._loaded = None, None  # gone before the next one comes
            log.info("Loading %s", checkpoint)
            self._pipeline = yield from self._maker.load(checkpoint)
            self._loaded = wanted
        return self._pipeline

    def _warm(self, order: Warm) -> None:
        """Load ahead; given up as soon as a job wants another model."""
        try:
            with closing(self._load(order)) as progress:
                for _ in progress:
                    self._hear()
                    if self._next is not None and self._next.checkpoint != order.checkpoint:
                        break
        except Exception as problem:  # nobody asked for it: the job that needs it will say so
            if not harmless(problem):
                raise
            log.warning("Could not load %s ahead: %s", order.checkpoint, problem)
        self._say(Warmed())

    def _is_cancelled(self, job: str) -> bool:
        self._hear()
        return job in self._cancelled

    def _hear(self) -> None:
        """Take what has come while working: cancels, or the job that ends a warming-up."""
        with suppress(Empty):
            while True:
                match self._inbox.get_nowait():
                    case Cancel(job) if self._next is not None and self._next.job == job:
                        self._next = None
                        self._say(Stopped(job))
                    case Cancel(job):
                        self._cancelled.add(job)
                    case Generate() as order:
                        self._next = order
                    case Warm():
                        pass
