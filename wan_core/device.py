"""What the machine is, found once at start-up: the only file that says "cuda"."""

from __future__ import annotations

import importlib.util
import logging
import os
import platform
import shutil
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import torch

log = logging.getLogger(__name__)

# Raised whenever the same request, weights and machine would give other latents than before.
NUMERICS_VERSION = 1


@dataclass(frozen=True, slots=True)
class Precision:
    """What is computed in which dtype. Float32 islands of the model are not a choice and stand in it."""

    matmul: torch.dtype  # linear layers, attention and convolutions
    why: str


@dataclass(frozen=True)
class Machine:
    """Where and how the model runs."""

    device: torch.device
    name: str
    precision: Precision
    compile: bool
    batch_tokens: int  # guidance runs both passes as one batch up to this many tokens
    _in_flight: deque[Any] = field(default_factory=deque, repr=False, compare=False)

    @property
    def numerics(self) -> str:
        """What the arithmetic of latents depends on, besides request and weights."""
        parts = [self.name, _dtype(self.precision.matmul), "sdpa", "compiled" if self.compile else "eager"]
        if self.device.type == "cpu":
            parts.append(f"{torch.backends.cpu.get_cpu_capability()}x{torch.get_num_threads()}")
        return "/".join([*parts, f"torch-{torch.__version__}", f"v{NUMERICS_VERSION}"])

    def pace(self) -> None:
        """Wait until at most two pieces of work are queued on the device, so that a cancel is heard soon."""
        if self.device.type != "cuda":
            return
        event = torch.cuda.Event()
        event.record()
        self._in_flight.append(event)
        if len(self._in_flight) > 2:
            self._in_flight.popleft().synchronize()

    def release(self) -> None:
        """Give cached memory back to the system."""
        self._in_flight.clear()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def find() -> Machine:
    """This machine, with `WAN_FORCE_FP16` and `WAN_COMPILE` honoured or, in the log, said why not."""
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", torch.cuda.current_device()) if cuda else torch.device("cpu")
    name = torch.cuda.get_device_name(device) if cuda else platform.machine()
    precision = _precision(cuda, _asked("WAN_FORCE_FP16"))
    log.info("[Device] %s, dtype=%s (%s)", name, _dtype(precision.matmul), precision.why)
    return Machine(
        device=device,
        name=name,
        precision=precision,
        compile=_asked("WAN_COMPILE") and _can_compile(device),
        batch_tokens=4096 if cuda else 2**62,
    )


def _asked(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() in {"1", "true", "yes", "on"}


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _precision(cuda: bool, force_fp16: bool) -> Precision:
    """The table: bf16 where the hardware has it, fp16 where asked or where it has not."""
    if cuda:
        if force_fp16:
            return Precision(torch.float16, "WAN_FORCE_FP16=1")
        if torch.cuda.get_device_capability()[0] >= 8:
            return Precision(torch.bfloat16, "this GPU has bf16")
        return Precision(torch.float16, "this GPU has no bf16")
    bf16 = _cpu_has("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    own = Precision(
        torch.bfloat16 if bf16 else torch.float32, "this CPU has bf16" if bf16 else "this CPU has no bf16"
    )
    if force_fp16:
        if _cpu_has("_is_amx_fp16_supported"):
            return Precision(torch.float16, "WAN_FORCE_FP16=1")
        log.warning(
            "[Device] WAN_FORCE_FP16=1 cannot be honoured: there is no GPU and this CPU has no fp16 "
            "arithmetic; dtype stays %s",
            _dtype(own.matmul),
        )
    return own


def _cpu_has(*features: str) -> bool:
    return any(getattr(torch.cpu, feature, lambda: False)() for feature in features)


def _can_compile(device: torch.device) -> bool:
    """Whether torch.compile works here, shown by compiling something small."""
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        reason = "Triton is not installed"
    elif device.type == "cpu" and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        reason = "no C++ compiler was found"
    else:
        try:
            torch.compile(lambda x: x * 2 + 1)(torch.ones(8, device=device))
        except Exception as failure:  # whatever the compiler's tool chain raises: it is then not usable
            reason = str(failure).splitlines()[0]
        else:
            log.info("[Attention] torch.compile enabled for optimization")
            return True
    log.warning("[Attention] WAN_COMPILE=1 cannot be honoured: %s; running without torch.compile", reason)
    return False


def describe() -> dict[str, object]:
    """Facts of torch and its device, for the sidecar and its doctor; JSON-ready."""
    facts: dict[str, object] = {"torch": str(torch.__version__), "threads": torch.get_num_threads()}
    if not torch.cuda.is_available():
        return {**facts, "kind": "cpu", "name": platform.processor() or platform.machine()}
    free, total = torch.cuda.mem_get_info()
    major, minor = torch.cuda.get_device_capability()
    return {
        **facts,
        "kind": "cuda",
        "name": torch.cuda.get_device_name(),
        "cuda": torch.version.cuda,
        "capability": f"{major}.{minor}",
        "memory_total": total,  # bytes
        "memory_free": free,  # bytes
        "bf16": major >= 8,
    }
