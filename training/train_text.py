"""Teaches the text encoder to tell a scene's attributes from its captions, before the DiT needs it.

python -m training.train_text --steps 1500
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from training import scenes as s
from training import vocabulary
from training.captions import Caption
from training.checkpoints import FIRST_TEXT
from training.pool import Source
from training.recipe import FULL

_SILENT = -100  # the answer to what a caption does not say; no loss comes of it
_KINDS = s.COLOURED
_TWINS = ("balloon", "boat")  # what may be there twice, in two colours
_HEADS = {
    "terrain": (*s.TERRAINS, "picture"),
    "time": s.TIMES,
    "weather": s.WEATHERS,
    "camera": s.CAMERAS,
    "thing": s.THINGS,
    "second": s.SECONDS,
    "light": s.LIGHTS,
    **{f"{kind}_colour": s.COLOURS for kind in _KINDS},
    **{f"second_{kind}_colour": s.COLOURS for kind in _TWINS},
}
_ABSENT = ("thing", "second", "light")  # unsaid, these are not there


class Judge(nn.Module):
    """One linear answer for each attribute, from an average of the embeddings that it weighs itself."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.sizes = [len(values) for values in _HEADS.values()]
        self.look = nn.Linear(dim, len(_HEADS))
        self.answers = nn.ModuleList(nn.Linear(dim, size) for size in self.sizes)

    def forward(self, embeddings: Tensor, there: Tensor) -> dict[str, Tensor]:
        weights = self.look(embeddings).masked_fill(~there.unsqueeze(-1), -1e4).softmax(1)  # [B N heads]
        seen = weights.transpose(1, 2) @ embeddings  # [B heads D]
        return {
            name: answer(seen[:, i])
            for i, (name, answer) in enumerate(zip(_HEADS, self.answers, strict=True))
        }


def _truth(scene: s.Scene, said: frozenset[str]) -> list[int]:
    """The right answer of each head."""
    right: dict[str, str] = dict.fromkeys(_ABSENT, "none")
    for name in ("terrain", "time", "weather", "camera", "thing", "second", "light"):
        if name in said:
            right[name] = getattr(scene, name)
    if "colour" in said:
        right[f"{scene.thing}_colour"] = scene.colour
    if "second_colour" in said:
        twin = scene.second == scene.thing and "thing" in said
        right[f"{'second_' if twin else ''}{scene.second}_colour"] = scene.second_colour
    return [values.index(right[name]) if name in right else _SILENT for name, values in _HEADS.items()]


def _batch(source: Source, count: int, pairs: bool = False) -> tuple[Tensor, dict[str, Tensor]]:
    """Token numbers [B N] of captions and the heads' answers; `pairs` name two things and their colours."""
    drawn: list[tuple[s.Scene, Caption]] = []
    while len(drawn) < count:
        made = [(scene, source.caption(scene)) for scene in source.scenes(2)]
        drawn += [each for each in made if not pairs or {"colour", "second_colour"} <= each[1].said]
    ids = torch.tensor([e.ids for e in source.tokenizer.encode_batch([made.text for _, made in drawn])])
    ids = ids[:, : int((ids != 0).sum(1).max())]
    truth = torch.tensor([_truth(scene, made.said) for scene, made in drawn])
    return ids.to(source.device), dict(zip(_HEADS, truth.to(source.device).unbind(1), strict=True))


def _loss(answer: Tensor, right: Tensor) -> Tensor:
    """The mean over what is said, so that rare attributes count too, but one alone not as much as all."""
    said = (right != _SILENT).sum().clamp(min=len(right) // 16)
    return F.cross_entropy(answer, right, ignore_index=_SILENT, reduction="sum") / said


@torch.inference_mode()
def _accuracies(encoder: nn.Module, judge: Judge, source: Source, batches: int = 8) -> dict[str, float]:
    """The share of right answers on fresh captions, of those said, and of pairs with all colours right."""
    right, asked = dict.fromkeys(_HEADS, 0), dict.fromkeys(_HEADS, 0)
    matched = []
    for _ in range(batches):
        ids, truth = _batch(source, 128, pairs=True)
        answers = judge(encoder(ids), ids != 0)
        misses = [
            (answers[name].argmax(1) != truth[name]) & (truth[name] != _SILENT)
            for name in _HEADS
            if name.endswith("colour")
        ]
        matched.append(1 - torch.stack(misses).any(0).float().mean().item())
        ids, truth = _batch(source, 128)
        for name, answer in judge(encoder(ids), ids != 0).items():
            right[name] += int((answer.argmax(1) == truth[name]).sum())
            asked[name] += int((truth[name] != _SILENT).sum())
    shares = {name: right[name] / max(asked[name], 1) for name in _HEADS}
    return {**shares, "pairs": sum(matched) / batches}


def run(state: Path, steps: int, batch: int, device: str, seed: int) -> dict[str, float]:
    """Train, save `text.safetensors` into `state`, and say how much of fresh captions is understood."""
    torch.manual_seed(seed)
    source = Source(seed + 11, device)
    encoder = FULL.new_text(len(vocabulary.pieces())).to(device)
    judge = Judge(encoder.token_embedding.weight.shape[1]).to(device)
    both = [*encoder.parameters(), *judge.parameters()]
    optimizer = torch.optim.AdamW(both, lr=2e-3, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, steps, pct_start=0.1)
    began = time.monotonic()
    for step in range(steps):
        ids, truth = _batch(source, batch, pairs=step % 2 == 0)
        answers = judge(encoder(ids), ids != 0)
        loss = cast(Tensor, sum(_loss(answers[name], truth[name]) for name in _HEADS))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(both, 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 49:
            print(f"{time.monotonic() - began:5.0f} s  step {step + 1}  loss {loss.item():.3f}", flush=True)
    state.mkdir(parents=True, exist_ok=True)
    fresh = state / "text.part"
    save_file({n: x.cpu() for n, x in encoder.state_dict().items()}, fresh)
    fresh.replace(state / FIRST_TEXT)
    return _accuracies(encoder, judge, source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=FULL.text.steps)
    parser.add_argument("--batch", type=int, default=FULL.text.batch)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, default=Path("training/state"))
    given = parser.parse_args()
    found = run(given.state, given.steps, given.batch, given.device, given.seed)
    print("  ".join(f"{name} {share:.3f}" for name, share in found.items()))


if __name__ == "__main__":
    main()
