"""A golden set on disk: recorded inputs, weights and results of the official code, a folder a part."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from safetensors.torch import load_file
from torch import Tensor

from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.vae.vae22 import VAEConfig, WanVAE22


class Case(NamedTuple):
    """One recorded call. `measure` makes it with our code and returns the largest absolute difference."""

    name: str
    tolerance: float
    measure: Callable[[], float]


class Folder:
    """One folder of a golden set; its files are read when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.config: dict[str, Any] = json.loads((path / "config.json").read_text(encoding="utf-8"))

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor of the folder but the weights, by name."""
        files = [file for file in self.path.glob("*.safetensors") if file.stem != "weights"]
        return {name: tensor for file in files for name, tensor in load_file(file).items()}

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        return load_file(self.path / "weights.safetensors")

    @cached_property
    def dit(self) -> WanDiT:
        model = WanDiT(DiTConfig.from_dict(self.config["model"]))
        model.load_state_dict(self.weights, strict=True)
        return model.eval()

    @cached_property
    def vae(self) -> WanVAE22:
        config = VAEConfig.from_weights(self.weights, self.config["latent_mean"], self.config["latent_std"])
        model = WanVAE22(config)
        model.load_state_dict(self.weights, strict=True)
        return model.eval()

    def case(self, name: str) -> dict[str, Tensor]:
        """The tensors of one case, by field."""
        start = f"{name}/"
        return {
            key.removeprefix(start): value for key, value in self.tensors.items() if key.startswith(start)
        }


def difference(found: Tensor, wanted: Tensor) -> float:
    """The largest absolute difference; infinite where shapes differ or something is not a number."""
    if found.shape != wanted.shape:
        raise AssertionError(f"shape {list(found.shape)} instead of {list(wanted.shape)}")
    worst = (found.double() - wanted.double()).abs().max().item()
    return worst if worst == worst else inf
