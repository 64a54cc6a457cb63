"""The sidecar's side of the engine: starts it, hears it, and sees to it that it obeys or goes."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Literal

from sidecar import engine, messages, processes
from sidecar.endings import how_it_ended
from sidecar.engine_reader import EngineReader, Gone, Heard
from sidecar.failures import Failure
from sidecar.messages import (
    Cancel,
    Device,
    Failed,
    FromEngine,
    Generate,
    Made,
    Ping,
    Pipe,
    Pong,
    Ready,
    Stepped,
    Stopped,
    ToEngine,
    Warm,
    Warmed,
)
from sidecar.pulse import Pulse

log = logging.getLogger(__name__)

OBEY = 0.8  # seconds an engine has to obey a cancel
TRIES = 3  # starts in a row without one Ready, after which a waiting job is told so
BACK_OFF = 0.5  # seconds before an engine that ended is started anew; each time in a row twice as long
_LONGEST_WAIT = 30.0  # seconds between two starts

State = Literal["stopped", "starting", "ready", "busy"]
Entry = Callable[[Connection, int], None]

_NO_START = Failure(
    "ENGINE_CRASHED",
    "The engine cannot be started.",
    "Delete the folder .venv, then run: npm run setup",
    case="engine_not_started",
)
_DISOBEDIENT = Failure("CANCELLED", "The engine did not obey a cancel; it is started anew.")


class Supervisor:
    """One engine at a time. Used by the owner thread alone; `post` brings news back to that thread."""

    def __init__(self, post: Callable[[Heard | Gone], None], entry: Entry = engine.run) -> None:
        self._post = post
        self._entry = entry
        self._process: SpawnProcess | None = None
        self._pipe: Pipe | None = None
        self._generation = 0
        self._crashes = 0  # in a row, without a job that ended well
        self._failed_starts = 0  # in a row, without one Ready
        self._start_at: float | None = None  # the next start, when one is being waited for
        self._obey_by: float | None = None
        self._pulse = Pulse(0.0)
        self._oom_kills = 0  # when the engine was started
        self.job: str | None = None  # what the engine was given to make
        self.device: Device | None = None  # as last heard: an engine that starts again is on the same one
        self.ready = False
        self.trouble: Failure | None = None  # why there is no engine, as long as there is none

    @property
    def state(self) -> State:
        """What a person would call it."""
        if self._process is None:
            return "stopped" if self._start_at is None else "starting"
        if not self.ready:
            return "starting"
        return "busy" if self.job else "ready"

    @property
    def pid(self) -> int | None:
        """The engine's process; any thread may ask."""
        process = self._process
        return process.pid if process else None

    @property
    def hopeless(self) -> bool:
        """Whether starting was tried so often that a waiting job should be told."""
        return self._failed_starts >= TRIES and self._process is None

    def pardon(self) -> Failure:
        """Why starting came to nothing; one more start may then be tried."""
        self._failed_starts = TRIES - 1
        return self.trouble or _NO_START

    def wake(self) -> None:
        """See to it that an engine is there or on its way."""
        if self._process is None and self._start_at is None:
            self._start()

    def deadline(self) -> float | None:
        """When `tick` has something to do, on the monotonic clock."""
        return min((time for time in (self._start_at, self._obey_by) if time is not None), default=None)

    def tick(self) -> Failure | None:
        """Do what is due. Returns why the engine was ended, if it was."""
        now = time.monotonic()
        if self._start_at is not None and now >= self._start_at:
            self._start()
        if self._process is None:
            return None
        if self._obey_by is not None and now >= self._obey_by:
            log.warning("The engine did not obey a cancel within %.1f s; it is started anew", OBEY)
            self.kill()
            self._start_at = now
            return _DISOBEDIENT
        if why := self._pulse.look(now, gpu=self.device is not None and self.device.kind == "cuda"):
            self._kill_group()
            return self._lost(why)
        if self._pulse.asks():
            self._send(Ping())
        return None

    def generate(self, order: Generate) -> None:
        """Give the engine, which must be ready, a job."""
        self.job = order.job
        self._pulse.begin("load")
        self._send(order)

    def warm(self, checkpoint: str, vram: int | None) -> None:
        """Have a model loaded ahead."""
        self._pulse.begin("load")
        self._send(Warm(checkpoint, vram))

    def cancel(self) -> None:
        """Ask for the current job to be stopped; `tick` sees to it if that is not heard."""
        if self.job and self._obey_by is None:
            self._obey_by = time.monotonic() + OBEY
            self._send(Cancel(self.job))

    def hear(self, heard: Heard) -> FromEngine | None:
        """Take note of a message. None if it came from an engine that is no longer the one."""
        if heard.generation != self._generation:
            return None
        message = heard.take()
        match message:
            case Pong():
                self._pulse.answer(message)
            case Ready(device):
                self.ready, self.device, self._failed_starts = True, device, 0
                self._pulse.begin("idle")
            case Warmed():
                if self.job is None:
                    self._pulse.begin("idle")
            case Stepped(job, progress):
                if job == self.job:
                    self._pulse.begin(progress.phase)
            case Made(job) | Stopped(job) | Failed(job) if job is not None and job == self.job:
                self.job, self._obey_by, self._crashes = None, None, 0
                self._pulse.begin("idle")
            case Failed(job=None, why=why):
                self.trouble = why
            case Made() | Stopped() | Failed():
                return None  # of a job that was given up
        return message

    def lose(self, gone: Gone) -> Failure | None:
        """Take note that an engine ended by itself, and say why; None if it was not the one."""
        if gone.generation != self._generation or self._process is None:
            return None
        oom = processes.oom_kills() > self._oom_kills
        return self._lost(self.trouble or how_it_ended(gone.exit_code, sys.platform, oom))

    def kill(self) -> None:
        """End the engine and whatever it started, at once."""
        self._kill_group()
        self._forget()

    def _kill_group(self) -> None:
        if self._process is not None and self._process.pid is not None:
            processes.kill_group(self._process.pid)

    def _lost(self, why: Failure) -> Failure:
        """There is no engine any more. Another one follows, later each time that this happens in a row."""
        self._failed_starts = 0 if self.ready else self._failed_starts + 1
        self._crashes += 1
        self._forget()
        wait = min(BACK_OFF * 2 ** (self._crashes - 1), _LONGEST_WAIT)
        self._start_at = time.monotonic() + wait if self._failed_starts < TRIES else None
        self.trouble = why
        log.error("%s", why.message)
        return why

    def _forget(self) -> None:
        self._process, self._pipe, self.job, self._obey_by, self.ready = None, None, None, None, False
        self._generation += 1

    def _send(self, message: ToEngine) -> None:
        if self._pipe is not None:
            try:
                self._pipe.send_bytes(messages.encode(message))
            except OSError:  # it is gone, and `Gone` is on its way
                log.debug("The engine does not listen any more")

    def _start(self) -> None:
        self._start_at, self.trouble = None, None
        self._generation += 1
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=self._entry, args=(theirs, os.getpid()), name="engine", daemon=True
        )
        self._oom_kills = processes.oom_kills()
        self._pulse = Pulse(time.monotonic())
        self._process.start()
        theirs.close()
        self._pipe = ours
        reader = EngineReader(ours, self._process, self._generation, self._post)
        threading.Thread(target=reader.run, name="engine-reader", daemon=True).start()
