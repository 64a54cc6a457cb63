"""Trains the DiT and, with it, the text encoder, on latents of freshly drawn clips."""

from __future__ import annotations

import json
import random
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training import checkpoints as files
from training import vocabulary
from training.checkpoints import Progress, note
from training.clock import Clock, Step
from training.group import Group
from training.networks.dit import mixed_precision
from training.networks.vae import VAE
from training.optimizer import Optimizer
from training.pool import TOGETHER, Clips, Latents, Source, empty_text
from training.recipe import Recipe, Shape
from training.shipping import read_dit, write_dit


class Encoder:
    """The finished VAE's encoder, with normalised latents."""

    def __init__(self, recipe: Recipe, state: Path, device: str) -> None:
        self.vae: VAE = recipe.new_vae().to(device)
        self.vae.load_state_dict(load_file(state / files.VAE))
        self.vae.requires_grad_(False)
        if device == "cuda":
            self.vae.bfloat16()
        statistics = json.loads((state / files.STATISTICS).read_text())
        self.mean, self.std = (
            torch.tensor(statistics[k], device=device).view(1, -1, 1, 1, 1)
            for k in ("latent_mean", "latent_std")
        )

    @torch.inference_mode()
    def __call__(self, clips: Tensor) -> Tensor:
        """Latents of clips [B 3 T H W] in -1..1."""
        mean, _ = self.vae.encode(clips.to(self.vae.conv1.weight.dtype))
        return (mean.float() - self.mean) / self.std


class Training:
    """DiT and text encoder, their optimizers, and the step."""

    def __init__(self, recipe: Recipe, group: Group, state: Path, empty: Tensor) -> None:
        self.recipe, self.device, self.empty = recipe.dit, group.device, empty
        torch.set_float32_matmul_precision("high")
        self.text, self.dit = recipe.new_text(len(vocabulary.pieces())), recipe.new_dit()
        self.text.load_state_dict(load_file(state / files.FIRST_TEXT))
        self.text.to(self.device)
        mixed_precision(self.dit.to(self.device))
        if self.device == "cuda":
            self.dit.compile_blocks()
        d = recipe.dit
        self.parts = {
            "dit": Optimizer(
                self.dit.named_parameters(),
                lambda n, w: n.startswith("blocks.") and w.dim() == 2,
                d.matrix_rate,
                d.rate,
                d.average,
                d.decay,
            ),
            "text": Optimizer(self.text.named_parameters(), lambda n, w: False, 0.0, d.text_rate, d.average),
        }

    def learn(self, latents: Latents, shape: Shape) -> Tensor:
        """Slopes of one step; gives the loss."""
        d, count = self.recipe, shape.batch
        clean, focus, ids = latents.batch(count, shape.window)
        frames, device = clean.shape[2], clean.device
        ids = torch.where(torch.rand(count, 1, device=device) < d.forget, self.empty, ids)
        line = torch.sigmoid(torch.randn(count, device=device))
        sigma = (d.shift * line / (1 + (d.shift - 1) * line)).view(-1, 1).expand(count, frames)
        given = (torch.rand(count, 1, device=device) < d.from_picture) & (
            torch.arange(frames, device=device) == 0
        )
        sigma = torch.where(given, 0.0, sigma)  # [B F]
        noise = torch.randn_like(clean)
        mixed = sigma.view(count, 1, frames, 1, 1)
        self.dit.zero_grad(set_to_none=True)
        self.text.zero_grad(set_to_none=True)
        velocity = self.dit(clean + (noise - clean) * mixed, sigma * 1000, self.text(ids))
        counted = (~given).view(count, 1, frames, 1, 1) * (1 + d.focus * focus)
        error = (velocity - (noise - clean)).square()
        loss = (error * counted).mean() / counted.mean()
        loss.backward()
        return loss.detach()


def run(recipe: Recipe, group: Group, state: Path, seed: int, deadline: float, drawn: list[Clips]) -> bool:
    """Train until the recipe's time is spent, and tell whether it is; takes `drawn`, clips to begin with."""
    torch.manual_seed(seed)
    source = Source(seed + 100, group.device)
    training = Training(recipe, group, state, empty_text(source))
    told = Progress(state / "dit.pt", training.parts)
    if told.steps == 0:
        _go_on_from_weights(training, told, state)
    source.dice.seed(seed + 100 + 1000 * group.rank + told.steps)
    torch.manual_seed(seed + 9 + group.rank + told.steps)
    encode, pools = Encoder(recipe, state, group.device), {}
    for shape in recipe.dit.shapes:
        if shape.size in pools:
            continue
        pool = pools[shape.size] = Latents(source, encode, shape)
        while drawn and shape is recipe.dit.shapes[0]:
            given = drawn.pop()
            for clips, tokens in zip(given.pixels.split(32), given.tokens.split(32), strict=True):
                pool.put(clips, tokens)
            del given, clips, tokens  # many gigabytes
        while pool.filled < shape.drawn:
            pool.add()
        group.say(f"dit: {pool.filled} clips of {'x'.join(map(str, shape.size))}")
    optimizers = list(training.parts.values())
    steps = {
        shape: Step(group, partial(training.learn, pools[shape.size], shape), optimizers)
        for shape in recipe.dit.shapes
    }
    group.say("dit: steps captured")
    dice = random.Random(seed + told.steps)
    clock = Clock(group, told.done, recipe.dit.gpu_seconds, deadline)
    said, kept, losses = 0.0, 0.0, []
    while not clock.over:
        for optimizer in optimizers:
            optimizer.scale.fill_(clock.rate(recipe.dit.flat))
        shapes = [s for s in recipe.dit.shapes if clock.progress < s.until]
        shape = dice.choices(shapes, [s.share for s in shapes])[0]
        loss = steps[shape]()
        told.steps += 1
        if told.steps % recipe.dit.refresh == 0:
            chosen = dice.choices(shapes, [s.share for s in shapes])[0]
            pools[chosen.size].add(TOGETHER)
        if not clock.tick():
            continue
        if shape is recipe.dit.shapes[0]:
            losses.append(loss.item())
        if group.first and clock.elapsed - said > 5 and losses:
            said = clock.elapsed
            facts = {
                "progress": round(clock.progress, 4),
                "loss": round(sum(losses) / len(losses), 4),
                "clips": [pool.filled for pool in pools.values()],
            }
            note(state, stage="dit", step=told.steps, seconds=round(said, 1), **facts)
            losses.clear()
        if group.first and clock.elapsed - kept > recipe.dit.kept:
            kept = clock.elapsed
            _write(training, state, clock.progress, told.steps)
    if group.first:
        told.save(clock.progress)
        _write(training, state, clock.progress, told.steps)
    return clock.progress >= 1


def _go_on_from_weights(training: Training, told: Progress, state: Path) -> None:
    """Take up weights that were carried from another machine without the optimizers' memory."""
    if (state / files.DIT_SO_FAR).exists():
        training.parts["dit"].restart(read_dit(state))
        training.parts["text"].restart(load_file(state / files.TEXT))
        facts = json.loads((state / files.DIT_SO_FAR).read_text())
        told.done, told.steps = facts["done"], facts["steps"]


def _write(training: Training, state: Path, done: float, steps: int) -> None:
    """The averaged weights so far, as they ship."""
    averages = {part: dict(zip(o.names, o.averages, strict=True)) for part, o in training.parts.items()}
    write_dit(averages["dit"], state)
    text = {n: w.bfloat16().cpu() for n, w in averages["text"].items()}
    save_file(text, state / files.TEXT, metadata={"format": "pt"})
    (state / files.DIT_SO_FAR).write_text(json.dumps({"done": done, "steps": steps}))
