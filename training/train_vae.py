"""Trains the VAE: encoder and decoder together, then the decoder alone on noised latents."""

from __future__ import annotations

import json
import random
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
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

_ENCODED = 16  # clips at once


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


def fidelity_loss(made: Tensor, pixels: Tensor) -> Tensor:
    """The same, and what the decoder alone can still win: each clip's PSNR, no change in still places, and a
    beginning that does not change more than what follows.
    """
    true, made = as_video(pixels), made.float()
    error = made - true
    squares = error.square().mean((1, 2, 3, 4)).clamp(min=1e-5)
    change = error.diff(dim=2).abs().mean((1, 3, 4))
    loss = reconstruction_loss(made, pixels) + 0.05 * squares.log().mean() + change.mean()
    early = 0.7 ** torch.arange(change.shape[1], device=change.device)  # frame by frame a decoder knows more
    settling = (change * early).sum(1) / _usual_change(true)
    jump = (made[:, :, :2].diff(dim=2).abs().mean((1, 2, 3, 4)) / _usual_change(made.detach()) - 1.2).clamp(0)
    return loss + 0.03 * settling.mean() + 0.05 * jump.mean()


def _usual_change(video: Tensor) -> Tensor:
    """The median change after the first of clips [B C T H W] in -1..1, half a level at least, as in
    `measures.jump`, [B].
    """
    changes = video[:, :, 1:].diff(dim=2).abs().mean((1, 3, 4))
    return changes.median(1).values.clamp(min=0.5 / 127.5)


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

    def alone(self, clips: Clips, latents: Tensor) -> Tensor:
        """Slopes of the decoder on the clips' beginnings, from latents a little noisy, as a DiT's are."""
        count, frames = clips.shape.batch, clips.shape.window
        index = torch.randint(0, len(latents), (count,), device=latents.device)
        pixels = clips.pixels[index, :frames].permute(0, 4, 1, 2, 3)
        z = latents[index, :, : 1 + (frames - 1) // 4].float()
        amount = torch.rand(count, 1, 1, 1, 1, device=z.device).square() * self.recipe.noise
        amount = amount.repeat(1, 1, z.shape[2], 1, 1)
        amount[: count // 2, :, 0] = 0  # as from a given picture
        z = z + torch.randn_like(z) * z.std((0, 2, 3, 4), keepdim=True) * amount
        self.vae.zero_grad(set_to_none=True)
        loss = fidelity_loss(self.vae.decode(z.to(self.vae.conv1.weight.dtype)), pixels)
        loss.backward()
        return loss.detach()

    @torch.no_grad()
    def latents(self, clips: Clips) -> Tensor:
        """Latents of all clips, not normalised, [N 48 F H W]."""
        dtype = self.vae.conv1.weight.dtype
        return torch.cat([encoded(self.vae, part).to(dtype) for part in clips.pixels.split(_ENCODED)])


def run(recipe: Recipe, group: Group, state: Path, seed: int, deadline: float) -> Clips | None:
    """Train until the recipe's time is spent or the deadline is near.

    When the training is over its weights are in `state`, and the clips of the first shape are given back.
    """
    torch.manual_seed(seed)
    training, v, first = Training(recipe, group), recipe.vae, state / files.FIRST_VAE
    told = Progress(state / "vae.pt", training.parts)
    told_alone = Progress(state / "decoder.pt", {"decoder": training.parts["decoder"]})
    steps = told.steps + told_alone.steps
    torch.manual_seed(seed + 7 + group.rank + steps)
    source = Source(seed + 1 + 1000 * group.rank + steps, training.device)
    pools = [Clips(source, shape) for shape in v.shapes]
    dice = random.Random(seed + steps)
    if not first.exists():
        work = [partial(training.together, pool) for pool in pools]
        clock = Clock(group, told.done, v.together_seconds, deadline)
        if not _train(training, told, clock, work, dice, state):
            return None
        if group.first:
            save_statistics(training.vae, pools[0].pixels[:256], v, state)
            save_weights(training.vae, first)
        group.agree(0.0)  # all wait for the file
    weights = load_file(first)
    training.parts["encoder"].restart(weights)
    if told_alone.steps == 0:
        training.parts["decoder"].restart(weights)
    alone = [partial(training.alone, pool, training.latents(pool)) for pool in pools]
    clock = Clock(group, told_alone.done, v.alone_seconds, deadline)
    if not _train(training, told_alone, clock, alone, dice, state, v.alone_scale):
        return None
    if group.first:
        _look(training.vae, pools[0], state)
        save_weights(training.vae, state / files.VAE)
    return pools[0]


def _train(
    training: Training,
    told: Progress,
    clock: Clock,
    work: list[partial[Tensor]],
    dice: random.Random,
    state: Path,
    scale: float = 1.0,
) -> bool:
    """Steps of one stage until its time is spent, which leaves the averages in the network; or a deadline."""
    group, recipe = clock.group, training.recipe
    optimizers = list(told.parts.values())
    steps = [Step(group, slopes, optimizers) for slopes in work]
    said = 0.0
    while not clock.over:
        for optimizer in optimizers:
            optimizer.scale.fill_(clock.rate(recipe.flat) * scale)
        loss = dice.choices(steps, [s.share for s in recipe.shapes])[0]()
        told.steps += 1
        if clock.tick() and group.first and clock.elapsed - said > 5:
            said = clock.elapsed
            facts = {"progress": round(clock.progress, 4), "loss": loss.item(), "kl": training.kl.item()}
            note(state, stage=told.path.stem, step=told.steps, seconds=round(said, 1), **facts)
    if group.first:
        told.save(clock.progress)
    if clock.progress < 1:
        return False
    for optimizer in optimizers:
        optimizer.use_average()
    return True


@torch.inference_mode()
def save_statistics(vae: VAE, stored: Tensor, recipe: VAERecipe, state: Path) -> None:
    """The statistics of the latents of clips [B T H W 4], as they ship."""
    means = [encoded(vae, part) for part in stored.split(_ENCODED)]
    flat = torch.cat(means).transpose(0, 1).flatten(1)
    spread = flat.std(1)
    floor = recipe.spread_floor * spread.median()
    print(f"latent std {spread.min():.2f} .. {spread.median():.2f} .. {spread.max():.2f}, floor {floor:.2f}")
    numbers = {"latent_mean": flat.mean(1).tolist(), "latent_std": spread.clamp(min=floor).tolist()}
    (state / files.STATISTICS).write_text(json.dumps(numbers))


def save_weights(vae: VAE, file: Path) -> None:
    """The weights in the shipped form."""
    save_file(
        {n: w.detach().to(torch.bfloat16).cpu().contiguous() for n, w in vae.state_dict().items()}, file
    )


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
