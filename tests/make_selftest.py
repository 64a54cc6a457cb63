"""Writes what `wan_core.selftest` compares with, from the golden set: `python -m tests.make_selftest`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from safetensors.torch import save_file
from torch import Tensor

from tests.golden_set import Folder
from wan_core.dit.model import DiTConfig
from wan_core.selftest import GOLDEN, Part
from wan_core.vae.vae22 import VAEConfig

_SET = Path(__file__).parent / "golden"
# Of each part a folder, a case that exercises much of it, and what the fields of the case are called there.
CASES: dict[Part, tuple[str, str, dict[str, str]]] = {
    "text": ("t5", "long_bucketed", {"ids": "ids", "out": "out"}),
    "dit": ("dit_ti2v", "per_token_t_i2v", {"x": "x.0", "t": "t", "context": "context.0", "out": "out.0"}),
    "vae": ("vae22", "decode_T2_3x2", {"z": "z", "out": "video_unclamped"}),
}


def extract(part: Part) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The dimensions, and the tensors of the model (`weights/…`) and of one call of it (`case/…`)."""
    name, case, fields = CASES[part]
    folder = Folder(_SET / name)
    config, weights = {}, folder.weights
    if part == "dit":
        config = msgspec.to_builtins(DiTConfig.from_dict(folder.config["model"]))
    elif part == "vae":
        known = VAEConfig.from_weights(weights, folder.config["latent_mean"], folder.config["latent_std"])
        config = msgspec.to_builtins(known)
        weights = {key: tensor for key, tensor in weights.items() if key.startswith(("decoder.", "conv2."))}
    tensors = {f"weights/{key}": tensor for key, tensor in weights.items()}
    call = folder.case(case)
    return config, tensors | {f"case/{field}": call[theirs] for field, theirs in fields.items()}


def write(folder: Path) -> None:
    """A file a part."""
    for part in CASES:
        config, tensors = extract(part)
        save_file(tensors, folder / f"{part}.safetensors", {"config": json.dumps(config)})


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN)
