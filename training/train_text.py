"""Teaches the text encoder to tell a scene's attributes from its captions, before the DiT needs it.

python -m training.train_text --steps 600
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from training import scenes as s
from training import sizes, vocabulary
from training.captions import caption
from training.pool import Source

_HEADS = {
    "terrain": (*s.TERRAINS, "picture"),
    "time": s.TIMES,
    "weather": s.WEATHERS,
    "camera": s.CAMERAS,
    "thing": s.THINGS,
    "colour": s.COLOURS,
    "light": s.LIGHTS,
}


class Judge(nn.Module):
    """One linear answer for each attribute, from the mean of the embeddings."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.answers = nn.ModuleDict({name: nn.Linear(dim, len(values)) for name, values in _HEADS.items()})

    def forward(self, embeddings: Tensor, there: Tensor) -> dict[str, Tensor]:
        mean = embeddings.sum(1) / there.sum(1, keepdim=True)
        return {name: answer(mean) for name, answer in self.answers.items()}


def _batch(source: Source, count: int) -> tuple[Tensor, dict[str, Tensor]]:
    scenes = [source.scenes(1)[0] for _ in range(count)]
    texts = [caption(scene, source.dice) for scene in scenes]
    ids = torch.tensor([e.ids for e in source.tokenizer.encode_batch(texts)])[:, :40]
    truth = {
        name: torch.tensor([values.index(getattr(x, name)) for x in scenes])
        for name, values in _HEADS.items()
    }
    return ids, truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--state", type=Path, default=Path("training/state"))
    given = parser.parse_args()
    torch.manual_seed(0)
    random.seed(0)
    source = Source(11, "cpu")
    encoder = sizes.new_text(len(vocabulary.pieces()))
    judge = Judge(sizes.TEXT["dim"])
    both = [*encoder.parameters(), *judge.parameters()]
    optimizer = torch.optim.AdamW(both, lr=2e-3, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, given.steps, pct_start=0.1)
    began = time.monotonic()
    for step in range(given.steps):
        ids, truth = _batch(source, given.batch)
        answers = judge(encoder(ids), ids != 0)
        loss = sum(F.cross_entropy(answers[name], truth[name]) for name in _HEADS)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(both, 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 49:
            right = {n: f"{(answers[n].argmax(1) == truth[n]).float().mean():.2f}" for n in _HEADS}
            print(
                f"{time.monotonic() - began:5.0f} s  step {step + 1}  loss {loss.item():.3f}  {right}",
                flush=True,
            )
    given.state.mkdir(parents=True, exist_ok=True)
    save_file(encoder.state_dict(), given.state / "text.safetensors")


if __name__ == "__main__":
    main()
