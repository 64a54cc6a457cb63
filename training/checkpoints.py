"""What a stage of the training leaves behind, so that it can be gone on with."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from training.optimizer import Optimizer

FIRST_TEXT = "text.safetensors"  # the text encoder before the DiT
FIRST_VAE = "vae_first.safetensors"  # the VAE before its decoder learns alone
TEXT, VAE, STATISTICS = "text_encoder.safetensors", "vae.safetensors", "latents.json"
DIT_SO_FAR = "dit.json"


class Progress:
    """A stage's optimizers and how far it is, in one file."""

    def __init__(self, path: Path, parts: dict[str, Optimizer]) -> None:
        self.path, self.parts = path, parts
        self.done, self.steps = 0.0, 0
        if path.exists():
            saved = torch.load(path, weights_only=True)
            for part, optimizer in parts.items():
                optimizer.load(saved["parts"][part])
            self.done, self.steps = saved["done"], saved["steps"]

    def save(self, done: float) -> None:
        """Write all that going on needs."""
        self.done = done
        self.path.parent.mkdir(parents=True, exist_ok=True)
        state = {part: optimizer.state() for part, optimizer in self.parts.items()}
        fresh = self.path.with_suffix(".part")
        torch.save({"parts": state, "done": self.done, "steps": self.steps}, fresh)
        fresh.replace(self.path)


def note(state: Path, **facts: object) -> None:
    """Say how a stage goes, and add it to the training's log."""
    line = json.dumps(facts)
    print(line, flush=True)
    with (state / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(line + "\n")
