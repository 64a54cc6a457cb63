"""What a video would take: memory, disk and time, told before anything runs."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from sidecar import machine, nvidia
from sidecar.accept import accept
from sidecar.eta import effort, expected
from sidecar.failures import Failure, failure
from sidecar.messages import Device
from sidecar.store import Media, Pace
from sidecar.workspace import Workspace
from wan_core.checkpoint import Checkpoint
from wan_core.errors import NotEnoughMemory
from wan_core.plan import BATCH_TOKENS, GIB, passes, plan_for, text_stays
from wan_core.request import ResolvedRequest, VideoRequest
from wan_core.sizes import weights_of

_TORCH = GIB // 2  # bytes of RAM that torch takes by itself, and of a card before anything is on it
_PIXELS_A_BYTE = 16  # in an mp4, roughly


class Verdict(Struct, frozen=True, kw_only=True):
    """What a video would take; all sizes in bytes, None where it cannot be known."""

    fits: bool | None
    denoise: int | None  # expected peaks of the GPU's memory; None on a CPU
    decode: int | None
    ram: int | None  # that waiting blocks take; on a CPU, everything
    video: int  # on disk
    copy: int | None  # on disk, too: a prepared copy of the model that is still to be made
    seconds: float | None  # from what was made here before
    plan: str | None
    refusal: Failure | None  # what `generate` would meet


class Question(Struct, frozen=True):
    """All that a verdict depends on but the machine's memory; asked in the owner thread, answered in any."""

    request: ResolvedRequest
    checkpoint: Checkpoint
    paces: list[Pace]
    device: Device | None  # None: the engine has not said yet
    vram: int | None = None  # bytes of GPU memory that may be used; None: all that is free


def ask(workspace: Workspace, request: VideoRequest, image: Media | None, device: Device | None) -> Question:
    """The question that a request is, or the `WanError` that `generate` would answer with."""
    resolved = accept(workspace, request, image).request
    checkpoint = workspace.models.find(resolved.model).checkpoint
    assert checkpoint is not None  # `find` gives what can be used
    return Question(resolved, checkpoint, workspace.store.paces(resolved.model), device, workspace.vram())


def judge(question: Question) -> Verdict:
    """The answer; it may take as long as `nvidia-smi` does where the engine has not said what it is on."""
    device = question.device or _seen()
    return _on_gpu(question, device) if device.kind == "cuda" else _on_cpu(question, device)


def _seen() -> Device:
    """The device as it looks from outside."""
    cards = nvidia.look().cards
    if not cards:
        return Device(kind="cpu", name="CPU", torch="")
    free = cards[0].memory_free
    room = None if free is None else max(0, free - _TORCH)
    return Device(kind="cuda", name=cards[0].name, torch="", memory_free=room)


def _on_gpu(question: Question, device: Device) -> Verdict:
    if device.memory_free is None or device.works is False:
        return _verdict(question)
    request, checkpoint = question.request, question.checkpoint
    old = device.dtype == "float16" and float(device.capability or 8) < 8  # it has no bf16
    weights = weights_of(checkpoint.config, checkpoint.vae, 2, 4 if old else 2)
    grid = checkpoint.variant.grid(request.width, request.height, request.frames)
    count, decoder = passes(request.guidance), checkpoint.vae.decoder
    room = min(device.memory_free, question.vram or device.memory_free)
    text = text_stays(checkpoint.text_file.stat().st_size, weights.blocks * weights.block, room)
    weights = replace(weights, rest=weights.rest + text)
    together = count if grid.tokens * count <= BATCH_TOKENS else 1
    try:
        plan = plan_for(
            weights, decoder, grid, request.width, request.height, together, room, machine.pinnable()
        )
    except NotEnoughMemory as problem:
        return _verdict(question, fits=False, refusal=failure(problem))
    ram = plan.away * weights.block if plan.pinned else 0
    return _verdict(question, fits=True, denoise=plan.denoise, decode=plan.decode, ram=ram, plan=plan.line)


def _on_cpu(question: Question, device: Device) -> Verdict:
    """There nothing is refused: what counts is whether the RAM is enough, or was for one as large before."""
    request, checkpoint = question.request, question.checkpoint
    width = 2 if device.dtype in ("bfloat16", "float16") else 4
    weights = weights_of(checkpoint.config, checkpoint.vae, width, width)
    grid = checkpoint.variant.grid(request.width, request.height, request.frames)
    plan = plan_for(
        weights,
        checkpoint.vae.decoder,
        grid,
        request.width,
        request.height,
        passes(request.guidance),
        None,
        None,
    )
    text = checkpoint.text_file.stat().st_size * width // 2  # its file is bfloat16
    needed = plan.peak + text + _TORCH
    memory = machine.memory()
    volume = effort(request, checkpoint).volume
    if any(pace.effort.volume >= volume for pace in question.paces):
        return _verdict(question, fits=True, ram=needed, plan=plan.line)
    if memory is None:
        return _verdict(question, ram=needed, plan=plan.line)
    refusal = None if needed <= memory.free else _ram_too_small(needed, memory.free)
    return _verdict(question, fits=refusal is None, ram=needed, plan=plan.line, refusal=refusal)


def _ram_too_small(needed: int, free: int) -> Failure:
    gib = {"needed": round(needed / GIB, 1), "free": round(free / GIB, 1)}
    return Failure(
        "RAM_OOM",
        f"This needs about {gib['needed']} GiB of memory; {gib['free']} GiB are free.",
        "Choose a smaller size or fewer frames, or close other programs.",
        case="ram_too_small",
        values={"needed": gib["needed"], "free": gib["free"]},
    )


def _verdict(
    question: Question,
    *,
    fits: bool | None = None,
    denoise: int | None = None,
    decode: int | None = None,
    ram: int | None = None,
    plan: str | None = None,
    refusal: Failure | None = None,
) -> Verdict:
    """With what does not depend on the device."""
    wanted = effort(question.request, question.checkpoint)
    return Verdict(
        fits=fits,
        denoise=denoise,
        decode=decode,
        ram=ram,
        video=wanted.volume // _PIXELS_A_BYTE,
        copy=None if question.checkpoint.worth_a_copy else 0,
        seconds=expected(wanted, question.paces),
        plan=plan,
        refusal=refusal,
    )
