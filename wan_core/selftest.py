"""Does this device compute what the official code computes? Small recorded cases of it, in some seconds.

L tokens · C latent channels · F, H, W latent frames, rows, columns
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from msgspec import Struct
from safetensors import safe_open
from torch import Tensor

from wan_core import weights
from wan_core.device import Machine
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.events import finish
from wan_core.shapes import LatentGrid
from wan_core.text.umt5 import build_encoder
from wan_core.vae.vae22 import VAEConfig, WanVAE22

Part = Literal["text", "dit", "vae"]

GOLDEN = Path(__file__).parent / "golden"  # written by tests/make_selftest.py

# The largest absolute difference that passes. A CPU with AVX-512 measures, for text, dit and vae: in float32
# 3.4e-6, 1.4e-6 and 1.8e-6, in bf16 0.10, 0.017 and 0.040, in fp16 (no text) 0.0022 and 0.0047. Other devices
# add in another order, and round their halves elsewhere: some 30 times are allowed in float32, where TF32
# would show with a thousand, and 3 times in the others.
_ALLOWED: dict[torch.dtype, dict[Part, float]] = {
    torch.float32: {"text": 1e-4, "dit": 1e-4, "vae": 1e-4},
    torch.bfloat16: {"text": 0.3, "dit": 0.05, "vae": 0.12},
    torch.float16: {"dit": 0.007, "vae": 0.015},
}


class Result(Struct, frozen=True):
    """How far one part of the model is from the official numbers: the largest absolute difference."""

    part: Part
    dtype: str  # "float32", "bfloat16", "float16"
    error: float
    allowed: float
    ok: bool
    seconds: float


class _Recorded(NamedTuple):
    """A small model with random weights, and one call of it by the official code in float32."""

    config: dict[str, Any]
    weights: dict[str, Tensor]
    case: dict[str, Tensor]


def run(machine: Machine) -> Generator[Result, None, None]:
    """Compare each part on this device, in float32 and in the dtype that videos are made in.

    Yields each result as it is found. Nothing is compiled, whatever the machine's settings: the device is
    what is asked.
    """
    precision = machine.precision
    own: dict[Part, torch.dtype] = {"text": precision.text, "dit": precision.matmul, "vae": precision.vae}
    for part in _PARTS:
        yield _compare(part, torch.float32, machine.device)
    for part, dtype in own.items():
        if dtype != torch.float32:
            yield _compare(part, dtype, machine.device)


@torch.inference_mode()
def _compare(part: Part, dtype: torch.dtype, device: torch.device) -> Result:
    began = time.perf_counter()
    recorded = _read(part)
    with _plain_float32():
        found = _PARTS[part](recorded, device, dtype).float().cpu()
    error = (found - recorded.case["out"]).abs().max().item()
    error = error if error == error else inf  # not a number is as wrong as can be
    allowed = _ALLOWED[dtype][part]
    return Result(
        part=part,
        dtype=str(dtype).removeprefix("torch."),
        error=error,
        allowed=allowed,
        ok=error <= allowed,
        seconds=time.perf_counter() - began,
    )


@contextmanager
def _plain_float32() -> Iterator[None]:
    """Float32 as it was recorded: without TF32, which cuDNN takes by itself and cuBLAS where asked."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            yield
    finally:
        torch.set_float32_matmul_precision(before)


def _text(recorded: _Recorded, device: torch.device, dtype: torch.dtype) -> Tensor:
    encoder = build_encoder(recorded.weights, device, dtype)
    out: Tensor = encoder(input_ids=recorded.case["ids"].to(device)).last_hidden_state
    return out


def _dit(recorded: _Recorded, device: torch.device, dtype: torch.dtype) -> Tensor:
    """As TI2V-5B continues a picture: the tokens of the first frame have another timestep."""
    model = weights.build(lambda: WanDiT(DiTConfig(**recorded.config)))
    weights.compare(model, recorded.weights, GOLDEN / "dit.safetensors")
    finish(weights.fill(model, recorded.weights, dtype, device, WanDiT.FLOAT32))
    x, context, t = (recorded.case[name].to(device) for name in ("x", "context", "t"))
    times, index = t[:, : LatentGrid(*x.shape).tokens].unique(return_inverse=True)
    return model(x.unsqueeze(0), times, [context], index)[0]


def _vae(recorded: _Recorded, device: torch.device, dtype: torch.dtype) -> Tensor:
    """The decoder, the frames after the first, too."""
    model = weights.build(lambda: WanVAE22(VAEConfig(**recorded.config)))
    del model.encoder, model.conv1
    weights.compare(model, recorded.weights, GOLDEN / "vae.safetensors")
    finish(weights.fill(model, recorded.weights, dtype, device))
    model.pack()
    return torch.cat(list(model.decode_chunks(recorded.case["z"].to(device))), dim=1)


def _read(part: Part) -> _Recorded:
    folders: dict[str, dict[str, Tensor]] = {"weights": {}, "case": {}}
    with safe_open(GOLDEN / f"{part}.safetensors", framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 - not a dict
            folder, _, own = name.partition("/")
            folders[folder][own] = file.get_tensor(name)
        return _Recorded(json.loads(file.metadata()["config"]), **folders)


_PARTS: dict[Part, Callable[[_Recorded, torch.device, torch.dtype], Tensor]] = {
    "text": _text,
    "dit": _dit,
    "vae": _vae,
}
