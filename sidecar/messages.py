"""What the sidecar and its engine say to each other: msgspec bytes over a pipe, nothing pickled."""

from __future__ import annotations

from typing import Literal, Protocol

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
    vram: int | None = None  # bytes of GPU memory that may be used; None: all that is free


class Warm(Struct, frozen=True, tag="warm"):
    """Load this checkpoint while nobody waits; a `Generate` ends it early if it wants another."""

    checkpoint: str
    vram: int | None = None


class Cancel(Struct, frozen=True, tag="cancel"):
    """Stop the job, if it is the one being made."""

    job: str


class Ping(Struct, frozen=True, tag="ping"):
    """Are you alive?"""


class Pong(Struct, frozen=True, tag="pong"):
    """What the engine and its helpers have used so far; said by a thread that does nothing else."""

    cpu_seconds: float
    bytes_moved: int  # read and written


class Device(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the engine found out about torch and where it computes (`wan_core.device.describe`)."""

    kind: str  # "cuda" or "cpu"
    name: str
    torch: str  # its version
    threads: int | None = None
    cuda: str | None = None  # the version torch was built for; None for a build that knows the CPU alone
    capability: str | None = None  # CUDA compute capability, "8.9"
    builds: tuple[str, ...] = ()  # the capabilities torch was built for, "sm_90", "compute_120"
    memory_total: int | None = None  # bytes
    memory_free: int | None = None  # bytes, when the engine started
    dtype: str | None = None  # what is computed in: "bfloat16", "float16", "float32"
    numerics: str | None = None  # what its latents depend on beside request and weights; None: not yet known
    forced_fp16: bool = False  # WAN_FORCE_FP16 is set
    compile: bool = False  # WAN_COMPILE is set
    compile_lacks: str | None = None  # what torch.compile needs and is not there: "Triton", "C++ compiler"
    attention: tuple[str, ...] = ()  # the fused backends that can be used on the GPU: "flash", …
    works: bool | None = None  # whether a small calculation on the GPU came out right
    trouble: str | None = None  # why not, or why torch cannot reach a GPU, in its own words


class Measured(Struct, frozen=True, tag="measured"):
    """What the self-test found of one part of the model (`wan_core.selftest.Result`)."""

    part: Literal["text", "dit", "vae"]
    dtype: str  # "float32", "bfloat16", "float16"
    error: float | None  # from the official numbers, at most; None: beyond all numbers
    allowed: float
    ok: bool
    seconds: float


class Ready(Struct, frozen=True, tag="ready"):
    """torch is imported and the device answers."""

    device: Device


class Warmed(Struct, frozen=True, tag="warmed"):
    """Loading ahead is over, whatever came of it."""


class Stepped(Struct, frozen=True, tag="stepped"):
    """News of the job being made; `preview` is the id of the newest, whose file is there (see `previews`)."""

    job: str
    progress: Progress  # its own preview left out: pictures do not go over the pipe
    preview: str | None = None


class Made(Struct, frozen=True, tag="made"):
    """The job's video is complete under its final name."""

    job: str
    finished: Finished


class Stopped(Struct, frozen=True, tag="stopped"):
    """A `Cancel` was obeyed: nothing of the job is left."""

    job: str


class Failed(Struct, frozen=True, tag="failed"):
    """The job came to nothing; or, where `job` is None, the whole engine, which ends with that."""

    job: str | None
    why: Failure


ToEngine = Generate | Warm | Cancel | Ping
FromEngine = Ready | Warmed | Stepped | Made | Stopped | Failed | Pong

encode = msgspec.json.encode
to_engine = msgspec.json.Decoder(ToEngine)
from_engine: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine)
