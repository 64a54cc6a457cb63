"""The sidecar with the real engine, whose GPU gets into the trouble that the prompt names: `starve`, `fault`.

Everything is the real thing, the trouble too: memory that may not be had, a kernel that fails on the device.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from sidecar import engine, log, processes, stdio, streams
from sidecar.engine import Pipeline, WanCore
from wan_core.events import Event, Progress
from wan_core.request import ResolvedRequest


class Troubled:
    """The pipeline of a model, and trouble while it denoises."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def generate(
        self, request: ResolvedRequest, *, out: Path, work: Path, image: Path | None = None
    ) -> Iterator[Event]:
        for event in self._pipeline.generate(request, out=out, work=work, image=image):
            yield event
            if isinstance(event, Progress) and event.phase == "denoise" and event.step == 1:
                get_into(request.prompt.split()[0])

    def close(self) -> None:
        self._pipeline.close()


def get_into(trouble: str) -> None:
    import torch

    if trouble == "starve":  # more than any card has
        torch.empty(2**42, dtype=torch.uint8, device="cuda")
    elif trouble == "fault":
        torch.ones(4, device="cuda")[torch.tensor([10**6], device="cuda")]
        torch.cuda.synchronize()


class TroubledMaker(WanCore):
    def load(self, checkpoint: Path) -> Generator[Progress, None, Pipeline]:
        return Troubled((yield from super().load(checkpoint)))


def run(pipe: Connection, parent: int) -> None:
    engine.serve(pipe, parent, TroubledMaker())


if __name__ == "__main__":
    from tests import gpu_engine  # by its own name, so that the engine process finds `run`

    out, into = streams.take_stdout(), streams.take_stdin()
    log.configure()
    processes.bind_children()
    os._exit(stdio.serve(into, out, gpu_engine.run))
