"""What the sidecar and its engine say to each other: msgspec bytes over a pipe, nothing pickled."""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import Struct

from sidecar.failures import Failure
from wan_core.events import Finished, Progress
from wan_core.request import ResolvedRequest


class Pipe(Protocol):
    """One end of a pipe between processes; its class has another name on each system."""

    def send_bytes(self, data: bytes, /) -> None:
        """Send one message."""

    def recv_bytes(self) -> bytes:
        """Wait for one message."""

    def close(self) -> None:
        """Close this end."""


class Generate(Struct, frozen=True, tag="generate"):
    """Make this video. `out` is its final name, `work` a folder for what is needed on the way."""

    job: str
    request: ResolvedRequest
    checkpoint: str
    image: str | None
    out: str
    work: str


class Warm(Struct, frozen=True, tag="warm"):
    """Load this checkpoint while nobody waits; a `Generate` ends it early if it wants another."""

    checkpoint: str


class Cancel(Struct, frozen=True, tag="cancel"):
    """Stop the job, if it is the one being made."""

    job: str


class Device(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the engine found out about torch and where it computes (`wan_core.device.describe`)."""

    kind: str  # "cuda" or "cpu"
    name: str
    torch: str  # its version
    threads: int | None = None
    cuda: str | None = None  # the version torch was built for
    capability: str | None = None  # CUDA compute capability, "8.9"
    memory_total: int | None = None  # bytes
    memory_free: int | None = None  # bytes, when the engine started
    bf16: bool | None = None


class Ready(Struct, frozen=True, tag="ready"):
    """torch is imported and the device answers."""

    device: Device


class Stepped(Struct, frozen=True, tag="stepped"):
    """News of the job being made."""

    job: str
    progress: Progress


class Made(Struct, frozen=True, tag="made"):
    """The job's video is complete under its final name."""

    job: str
    finished: Finished


class Stopped(Struct, frozen=True, tag="stopped"):
    """A `Cancel` was obeyed: nothing of the job is left."""

    job: str


class Failed(Struct, frozen=True, tag="failed"):
    """The job, or the start of the engine where `job` is None, came to nothing."""

    job: str | None
    why: Failure


ToEngine = Generate | Warm | Cancel
FromEngine = Ready | Stepped | Made | Stopped | Failed

encode = msgspec.json.encode
to_engine = msgspec.json.Decoder(ToEngine)
from_engine: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine)
