"""Trains the VAE: encoder and decoder together, then the decoder alone on noised latents."""

from __future__ import annotations

import json
import random
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from training import checkpoints as files
from training.checkpoints import Progress, note
from training.clock import Clock, Step
from training.group import Group
from training.networks.vae import VAE
from training.optimizer import Optimizer
from training.pool import Clips, Source, as_pixels, as_video
from training.recipe import Recipe, VAERecipe
from training.sheets import sheet


def reconstruction_loss(made: Tensor, pixels: Tensor) -> Tensor:
    """How far clips are from stored pixels, more where small things are."""
    true = as_video(pixels)
    made = made.float()
    weight = 1 + pixels[:, 3:].float() * (1.5 / 255)
    error = made - true
    loss = (error.abs() * weight).mean()
    for axis, share in ((3, 0.5), (4, 0.5), (2, 0.25)):
        near = weight.narrow(axis, 1, weight.shape[axis] - 1)
        loss = loss + share * (error.diff(dim=axis).abs() * near).mean()
    coarse = F.avg_pool3d(error, (1, 4, 4))
    return loss + 0.5 * coarse.abs().mean() + 0.5 * F.avg_pool3d(coarse, (1, 4, 4)).abs().mean()


def _is_convolution(name: str, weight: Tensor) -> bool:
    return weight.dim() > 3 and "gamma" not in name and weight[0].numel() > 12


class Training:
    """The network, its optimizers, and the two kinds of step."""

    def __init__(self, recipe: Recipe, group: Group) -> None:
        self.recipe, self.device = recipe.vae, group.device
        self.vae = recipe.new_vae().to(self.device)
        if self.device == "cuda":
            self.vae = self.vae.bfloat16()
            for module in self.vae.modules():  # whose `to` has no type hint for a memory format
                if isinstance(module, torch.nn.Conv3d):
                    cast(Any, module).to(memory_format=torch.channels_last_3d)
                elif isinstance(module, torch.nn.Conv2d):
                    cast(Any, module).to(memory_format=torch.channels_last)
        named, v = list(self.vae.named_parameters()), recipe.vae
        self.parts = {
            part: Optimizer(
                [(n, w) for n, w in named if n.startswith((part, conv))],
                _is_convolution,
                v.matrix_rate,
                v.rate,
                v.average,
            )
            for part, conv in (("encoder", "conv1"), ("decoder", "conv2"))
        }
        self.kl = torch.zeros((), device=self.device)

    def together(self, clips: Clips) -> Tensor:
        """Slopes of both halves; gives the loss."""
        pixels = clips.windows()
        self.vae.zero_grad(set_to_none=True)
        dtype = self.vae.conv1.weight.dtype
        mean, log_variance = self.vae.encode(as_video(pixels).to(dtype))
        mean, log_variance = mean.float(), log_variance.float().clamp(-12, 6)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        loss = reconstruction_loss(self.vae.decode(z.to(dtype)), pixels)
        (loss + self.recipe.kl * kl).backward()
        self.kl.copy_(kl.detach())
        return loss.detach()

    def decoder_alone(self, clips: Clips) -> Tensor:
        """Slopes of the decoder on latents as noisy as a DiT's."""
        pixels = clips.windows()
        self.vae.zero_grad(set_to_none=True)
        dtype = self.vae.conv1.weight.dtype
        with torch.no_grad():
            mean = self.vae.encode(as_video(pixels).to(dtype))[0].float()
            amount = torch.rand(len(pixels), 1, 1, 1, 1, device=mean.device) ** 2 * self.recipe.noise
            z = mean + torch.randn_like(mean) * mean.std((0, 2, 3, 4), keepdim=True) * amount
        loss = reconstruction_loss(self.vae.decode(z.to(dtype)), pixels)
        loss.backward()
        return loss.detach()


def run(recipe: Recipe, group: Group, state: Path, seed: int, deadline: float) -> Clips | None:
    """Train until the recipe's time is spent or the deadline is near.

    When the training is over its weights are in `state`, and the clips of the first shape are given back.
    """
    torch.manual_seed(seed)
    training = Training(recipe, group)
    told = Progress(state / "vae.pt", training.parts)
    shapes = recipe.vae.shapes
    torch.manual_seed(seed + 7 + group.rank + told.steps)
    source = Source(seed + 1 + 1000 * group.rank + told.steps, training.device)
    pools = [Clips(source, shape) for shape in shapes]
    dice, shares = random.Random(seed + told.steps), [s.share for s in shapes]
    frozen = told.done >= recipe.vae.frozen_at
    if frozen:
        training.parts["encoder"].use_average()
    steps = _steps(training, group, pools, frozen)
    clock = Clock(group, told.done, recipe.vae.gpu_seconds, deadline)
    said = 0.0
    while not clock.over:
        for optimizer in training.parts.values():
            optimizer.scale.fill_(clock.rate(recipe.vae.flat))
        loss = dice.choices(steps, shares)[0]()
        told.steps += 1
        if not clock.tick():
            continue
        if not frozen and clock.progress >= recipe.vae.frozen_at:
            frozen = True
            training.parts["encoder"].use_average()
            steps = _steps(training, group, pools, frozen)
        if group.first and clock.elapsed - said > 5:
            said = clock.elapsed
            facts = {"progress": round(clock.progress, 4), "loss": loss.item(), "kl": training.kl.item()}
            note(state, stage="vae", step=told.steps, seconds=round(said, 1), **facts)
    if group.first:
        told.save(clock.progress)
    if clock.progress < 1:
        return None
    del steps
    for optimizer in training.parts.values():
        optimizer.use_average()
    if group.first:
        _look(training.vae, pools[0], state)
        save_weights(training.vae, pools[0].pixels[:256], recipe.vae, state)
    return pools[0]


def _steps(training: Training, group: Group, pools: list[Clips], frozen: bool) -> list[Step]:
    work = training.decoder_alone if frozen else training.together
    parts = ["decoder"] if frozen else ["encoder", "decoder"]
    optimizers = [training.parts[part] for part in parts]
    return [Step(group, partial(work, pool), optimizers) for pool in pools]


@torch.inference_mode()
def save_weights(vae: VAE, stored: Tensor, recipe: VAERecipe, state: Path) -> None:
    """The weights in the shipped form, and the statistics of the latents of clips [B T H W 4]."""
    means = [encoded(vae, part) for part in stored.split(16)]
    flat = torch.cat(means).transpose(0, 1).flatten(1)
    spread = flat.std(1)
    floor = recipe.spread_floor * spread.median()
    print(f"latent std {spread.min():.2f} .. {spread.median():.2f} .. {spread.max():.2f}, floor {floor:.2f}")
    weights = {n: w.detach().to(torch.bfloat16).cpu().contiguous() for n, w in vae.state_dict().items()}
    save_file(weights, state / files.VAE)
    numbers = {"latent_mean": flat.mean(1).tolist(), "latent_std": spread.clamp(min=floor).tolist()}
    (state / files.STATISTICS).write_text(json.dumps(numbers))


@torch.inference_mode()
def _look(vae: VAE, clips: Clips, state: Path) -> None:
    """A first judgement, and a sheet."""
    source = Source(987_654, clips.pixels.device.type)
    rows, scores = [], []
    for _ in range(12):
        stored = source.clips(source.scenes(1), *clips.shape.size).permute(0, 4, 1, 2, 3)
        true = as_video(stored)
        made = vae.decode(vae.encode(true.to(vae.conv1.weight.dtype))[0]).float().clamp(-1, 1)
        scores.append(-10 * torch.log10(((made - true) / 2).square().mean((0, 1, 3, 4))))
        rows.append(as_pixels(torch.cat((true, made), 4))[0])
    by_frame = " ".join(f"{v:.1f}" for v in torch.stack(scores).mean(0).tolist())
    print(f"vae: PSNR by frame, 12 clips: {by_frame}", flush=True)
    sheet(rows, state / "vae.jpg", (0, 13), 2, 0.5)


def encoded(vae: VAE, stored: Tensor) -> Tensor:
    """Latents, not normalised, of stored clips [B T H W 4]."""
    return vae.encode(as_video(stored.permute(0, 4, 1, 2, 3)).to(vae.conv1.weight.dtype))[0].float()
