"""A job: what was asked for and what became of it, and the two faces it shows on the wire."""

from __future__ import annotations

from datetime import datetime, timezone
from secrets import token_hex
from typing import Literal

import msgspec
from msgspec import Struct

from sidecar.failures import Failure
from wan_core.errors import Value
from wan_core.events import Phase
from wan_core.request import ResolvedRequest
from wan_core.variants import Guidance, Solver

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
WAITING: tuple[State, ...] = ("queued", "interrupted")  # an interrupted job is tried once more
OVER: tuple[State, ...] = ("done", "failed", "cancelled")
RETRIABLE: tuple[State, ...] = ("failed", "cancelled")


_NOTHING = Failure("", "", "")


class Job(Struct, kw_only=True):
    """The whole truth about one job. Progress is the running job's and is not written down."""

    id: str
    request: ResolvedRequest
    created: str  # ISO, UTC
    number: int = 0  # in order of asking; 0: not written down yet
    rank: float = 0.0  # what waits is made in this order
    state: State = "queued"
    out: str | None = None  # the path asked for
    path: str | None = None  # the video's final name, once chosen
    attempts: int = 0  # how often an engine was given it
    phase: Phase | None = None
    step: int | None = None
    steps: int | None = None
    eta: float | None = None  # seconds
    elapsed: float | None = None  # seconds
    preview: str | None = None  # the id of what it looks like so far
    seconds: dict[str, float] | None = None  # by phase
    output: str | None = None  # the video's id
    failure: Failure | None = None


def new(request: ResolvedRequest, out: str | None) -> Job:
    """A job that waits."""
    now = datetime.now(timezone.utc)
    return Job(id=token_hex(6), request=request, created=now.isoformat(timespec="seconds"), out=out)


class Resolved(Struct, frozen=True, kw_only=True):
    """A resolved request on the wire: its seed does not fit a JavaScript number, so it is text."""

    model: str
    prompt: str
    negative_prompt: str
    image: str | None
    width: int
    height: int
    frames: int
    fps: int
    steps: int
    guidance: Guidance
    shift: float
    solver: Solver
    seed: str


class Face(Struct, frozen=True, kw_only=True):
    """A job in a snapshot."""

    job: str
    state: State
    rank: float
    phase: Phase | None
    step: int | None
    steps: int | None
    eta_s: float | None
    elapsed_s: float | None
    request: Resolved
    created: str
    preview: str | None
    output: str | None
    seconds: dict[str, float] | None
    code: str | None
    message: str | None
    hint: str | None
    case: str | None
    values: dict[str, Value]


class News(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A job in a progress line; what does not apply is absent."""

    seq: int
    job: str
    state: State
    rank: float
    phase: Phase | None
    step: int | None
    steps: int | None
    eta_s: float | None
    elapsed_s: float | None
    preview: str | None = None
    path: str | None = None
    output: str | None = None
    seed: str | None = None
    seconds: dict[str, float] | None = None
    code: str | None = None
    message: str | None = None
    hint: str | None = None
    case: str | None = None
    values: dict[str, Value] = {}


def resolved(request: ResolvedRequest) -> Resolved:
    """The request as the wire carries it."""
    return Resolved(**{**msgspec.structs.asdict(request), "seed": str(request.seed)})


def face(job: Job) -> Face:
    """The job as a snapshot shows it."""
    why = job.failure or _NOTHING
    return Face(
        job=job.id,
        state=job.state,
        rank=job.rank,
        phase=job.phase,
        step=job.step,
        steps=job.steps,
        eta_s=_rounded(job.eta),
        elapsed_s=_rounded(job.elapsed),
        request=resolved(job.request),
        created=job.created,
        preview=job.preview,
        output=job.output,
        seconds=job.seconds,
        code=why.code or None,
        message=why.message or None,
        hint=why.hint or None,
        case=why.case,
        values=why.values,
    )


def news(job: Job, seq: int) -> News:
    """The job as a progress line tells it."""
    why, done = job.failure or _NOTHING, job.state == "done"
    return News(
        seq=seq,
        job=job.id,
        state=job.state,
        rank=job.rank,
        phase=job.phase,
        step=job.step,
        steps=job.steps,
        eta_s=_rounded(job.eta),
        elapsed_s=_rounded(job.elapsed),
        preview=job.preview,
        path=job.path if done else None,
        output=job.output if done else None,
        seed=str(job.request.seed) if done else None,
        seconds=job.seconds if done else None,
        code=why.code or None,
        message=why.message or None,
        hint=why.hint or None,
        case=why.case,
        values=why.values,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
