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
from torch.nn.attention import SDPBackend

from wan_core.plan import BATCH_TOKENS

log = logging.getLogger(__name__)

# Raised whenever the same request, weights and machine would give other latents or frames than before.
NUMERICS_VERSION = 6


@dataclass(frozen=True, slots=True)
class Precision:
    """What is computed in which dtype. Float32 islands of the model are not a choice and stand in it."""

    matmul: torch.dtype  # the DiT's linear layers and attention
    vae: torch.dtype  # never float16, whose 65,504 its sums may pass
    why: str

    @property
    def text(self) -> torch.dtype:
        """The text encoder's, which goes beyond float16 as well."""
        return torch.bfloat16 if self.matmul == torch.float16 else self.matmul


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
        return _numerics(self.device.type, self.name, self.precision, self.compile)

    def takes_together(self, tokens: int) -> bool:
        """Whether guidance runs both passes, of so many tokens in all, as one batch."""
        return tokens <= self.batch_tokens

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


def where() -> torch.device:
    """The device that is computed on: the current GPU, else the CPU."""
    cuda = torch.cuda.is_available()
    return torch.device("cuda", torch.cuda.current_device()) if cuda else torch.device("cpu")


def find() -> Machine:
    """This machine, with `WAN_FORCE_FP16` and `WAN_COMPILE` honoured or, in the log, said why not."""
    device = where()
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name(device) if cuda else platform.machine()
    force_fp16 = _asked("WAN_FORCE_FP16")
    precision = _precision(cuda, force_fp16)
    if force_fp16 and precision.matmul != torch.float16:
        log.warning(
            "[Device] WAN_FORCE_FP16=1 cannot be honoured: there is no GPU and this CPU has no fp16 "
            "arithmetic; dtype stays %s",
            _dtype(precision.matmul),
        )
    log.info("[Device] %s, dtype=%s (%s)", name, _dtype(precision.matmul), precision.why)
    return Machine(
        device=device,
        name=name,
        precision=precision,
        compile=_asked("WAN_COMPILE") and _can_compile(device),
        batch_tokens=BATCH_TOKENS if cuda else 2**62,
    )


def _numerics(kind: str, name: str, precision: Precision, compile: bool) -> str:
    parts = [name, _dtype(precision.matmul), "sdpa", "compiled" if compile else "eager"]
    if kind == "cpu":
        parts.append(f"{torch.backends.cpu.get_cpu_capability()}x{torch.get_num_threads()}")
    return "/".join([*parts, f"torch-{torch.__version__}", f"v{NUMERICS_VERSION}"])


def _asked(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() in {"1", "true", "yes", "on"}


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _precision(cuda: bool, force_fp16: bool) -> Precision:
    """The table: bf16 where the hardware has it, fp16 where asked or where it has not."""
    if cuda:
        bf16 = torch.cuda.get_device_capability()[0] >= 8
        vae = torch.bfloat16 if bf16 else torch.float32
        if bf16 and not force_fp16:
            return Precision(torch.bfloat16, vae, "this GPU has bf16")
        return Precision(torch.float16, vae, "WAN_FORCE_FP16=1" if force_fp16 else "this GPU has no bf16")
    if force_fp16 and _cpu_has("_is_amx_fp16_supported"):
        return Precision(torch.float16, torch.bfloat16, "WAN_FORCE_FP16=1")
    if _cpu_has("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        return Precision(torch.bfloat16, torch.bfloat16, "this CPU has bf16")
    return Precision(torch.float32, torch.float32, "this CPU has no bf16")


def _cpu_has(*features: str) -> bool:
    return any(getattr(torch.cpu, feature, lambda: False)() for feature in features)


def _can_compile(device: torch.device) -> bool:
    """Whether torch.compile works here, shown by compiling something small."""
    if lacks := _compile_lacks(device.type):
        reason = f"no {lacks} was found"
    else:
        try:
            torch.compile(lambda x: x * 2 + 1)(torch.ones(8, device=device))
        except Exception as failure:  # whatever the compiler's tool chain raises: it is then not usable
            reason = _first_line(failure)
        else:
            log.info("[Attention] torch.compile enabled for optimization")
            return True
    log.warning("[Attention] WAN_COMPILE=1 cannot be honoured: %s; running without torch.compile", reason)
    return False


def _compile_lacks(kind: str) -> str | None:
    """What torch.compile needs on a device of this kind and is not installed."""
    if kind == "cuda":
        return None if importlib.util.find_spec("triton") else "Triton"
    return None if any(map(shutil.which, ("c++", "g++", "clang++", "cl"))) else "C++ compiler"


def describe() -> dict[str, object]:
    """Facts of torch and its device, for the sidecar and its doctor; JSON-ready. Never fails."""
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    facts: dict[str, object] = {
        "kind": kind,
        "torch": str(torch.__version__),
        "cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
        "forced_fp16": _asked("WAN_FORCE_FP16"),
    }
    if _asked("WAN_COMPILE"):
        facts |= {"compile": True, "compile_lacks": _compile_lacks(kind)}
    if kind == "cuda":
        return {**facts, **_describe_gpu()}
    precision = _precision(False, _asked("WAN_FORCE_FP16"))
    name = platform.processor() or platform.machine()
    numerics = _foretold(kind, platform.machine())
    found = {"name": name, "dtype": _dtype(precision.matmul), "numerics": numerics, "trouble": _no_cuda()}
    return {**facts, **found}


def _foretold(kind: str, name: str) -> str | None:
    """The numerics id that `find` will come to; None where only compiling something tells."""
    if _asked("WAN_COMPILE"):
        return None
    return _numerics(kind, name, _precision(kind == "cuda", _asked("WAN_FORCE_FP16")), False)


def _no_cuda() -> str | None:
    """Why a torch that was built for CUDA has none, in its own words."""
    if torch.version.cuda is None:
        return None
    try:
        torch.cuda.init()
    except Exception as refusal:  # a driver too old, no card, a broken installation: whatever it says
        return _first_line(refusal)
    return None


def _describe_gpu() -> dict[str, object]:
    facts: dict[str, object] = {"name": "NVIDIA"}
    try:
        facts["name"] = name = torch.cuda.get_device_name()
        facts["numerics"] = _foretold("cuda", name)
        facts["builds"] = torch.cuda.get_arch_list()
        major, minor = torch.cuda.get_device_capability()
        facts["capability"] = f"{major}.{minor}"
        free, total = torch.cuda.mem_get_info()
        facts |= {"memory_total": total, "memory_free": free}  # bytes
        dtype = _precision(True, _asked("WAN_FORCE_FP16")).matmul
        facts |= {"dtype": _dtype(dtype), "attention": _attention(dtype)}
        ones = torch.ones(64, 64, device="cuda", dtype=dtype)
        works = bool((ones @ ones).eq(64).all())
        return {**facts, "works": works, "trouble": None if works else "a product of ones came out wrong"}
    except Exception as failure:  # a card that torch finds and cannot compute on: that is the fact
        return {**facts, "works": False, "trouble": _first_line(failure)}


def _attention(dtype: torch.dtype) -> list[str]:
    """The backends of SDPA that take what the model gives them, the one that PyTorch chooses first."""
    q = torch.empty(1, 24, 64, 128, device="cuda", dtype=dtype)  # [B H L D]
    params = torch.backends.cuda.SDPAParams(q, q, q, None, 0.0, False, False)
    backends = {
        "flash": torch.backends.cuda.can_use_flash_attention,
        "cudnn": torch.backends.cuda.can_use_cudnn_attention,
        "efficient": torch.backends.cuda.can_use_efficient_attention,
    }
    usable = [name for name, can_use in backends.items() if can_use(params)]
    chosen = SDPBackend(torch._fused_sdp_choice(q, q, q)).name.lower()  # "cudnn_attention"
    return sorted(usable, key=lambda name: not chosen.startswith(name))


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
