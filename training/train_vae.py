"""Trains the VAE, in pieces: encoder and decoder together, then the decoder alone on noised latents.

python -m training.train_vae --seconds 480 --until 1.0
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from training import sizes
from training.clock import Clock, Step
from training.networks.vae import VAE
from training.optimizer import Optimizer, Resumable
from training.pool import Clips, Source, as_video
from training.sheets import sheet

FROZEN_AT = 0.90  # of the whole: from here on the encoder stands still
_FLAT, _KL, _NOISE = 0.35, 4e-4, 0.30


def reconstruction_loss(made: Tensor, pixels: Tensor) -> Tensor:
    """How far clips are from stored pixels, more where small things are."""
    true = as_video(pixels)
    made = made.float()
    weight = 1 + pixels[:, 3:].float() * (1.5 / 255)
    error = made - true
    loss = (error.abs() * weight).mean()
    for axis, share in ((3, 0.5), (4, 0.5), (2, 0.25)):
        loss = (
            loss
            + share * (error.diff(dim=axis).abs() * weight.narrow(axis, 1, weight.shape[axis] - 1)).mean()
        )
    coarse = F.avg_pool3d(error, (1, 4, 4))
    return loss + 0.5 * coarse.abs().mean() + 0.5 * F.avg_pool3d(coarse, (1, 4, 4)).abs().mean()


def _is_convolution(name: str, weight: Tensor) -> bool:
    return weight.dim() > 3 and "gamma" not in name and weight[0].numel() > 12


class Training(Resumable):
    """The network, its optimizers and the pool it learns from."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(given.seed)
        self.vae = sizes.new_vae(given.toy).to(self.device)
        if self.device == "cuda":
            self.vae = self.vae.bfloat16()
            for module in self.vae.modules():
                if isinstance(module, torch.nn.Conv3d):
                    module.to(memory_format=torch.channels_last_3d)
                elif isinstance(module, torch.nn.Conv2d):
                    module.to(memory_format=torch.channels_last)
        named = list(self.vae.named_parameters())
        self.parts = {
            part: Optimizer(
                [(n, w) for n, w in named if n.startswith((part, conv))], _is_convolution, 2e-3, 1.2e-3, 0.999
            )
            for part, conv in (("encoder", "conv1"), ("decoder", "conv2"))
        }
        self.progress, self.steps = 0.0, 0
        self.kl = torch.zeros((), device=self.device)

    def together(self, clips: Clips, count: int, frames: int) -> Tensor:
        """One step of both halves; gives the loss."""
        pixels = clips.windows(count, frames)
        self.vae.zero_grad(set_to_none=True)
        mean, log_variance = self.vae.encode(as_video(pixels).to(self.vae.conv1.weight.dtype))
        mean, log_variance = mean.float(), log_variance.float().clamp(-12, 6)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        loss = reconstruction_loss(self.vae.decode(z.to(self.vae.conv1.weight.dtype)), pixels)
        (loss + _KL * kl).backward()
        self.kl.copy_(kl.detach())
        for optimizer in self.parts.values():
            optimizer.step()
        return loss.detach()

    def decoder_alone(self, clips: Clips, count: int, frames: int) -> Tensor:
        """One step of the decoder on latents as noisy as a DiT's."""
        pixels = clips.windows(count, frames)
        self.vae.zero_grad(set_to_none=True)
        dtype = self.vae.conv1.weight.dtype
        with torch.no_grad():
            mean, _ = self.vae.encode(as_video(pixels).to(dtype))
            amount = torch.rand(count, 1, 1, 1, 1, device=mean.device) ** 2 * _NOISE
            mean = mean.float()
            noise = torch.randn_like(mean) * mean.std((0, 2, 3, 4), keepdim=True)
            z = mean + noise * amount
        loss = reconstruction_loss(self.vae.decode(z.to(dtype)), pixels)
        loss.backward()
        self.parts["decoder"].step()
        return loss.detach()

    def warm(self, path: Path) -> None:
        """Begin from finished weights."""
        weights = load_file(path)
        for optimizer in self.parts.values():
            optimizer.restart(weights)


def run(given: argparse.Namespace) -> None:
    training = Training(given)
    checkpoint = given.state / "vae.pt"
    if given.resume:
        training.load(checkpoint)
    if given.warm:
        training.warm(given.warm)
    training.progress = training.progress if given.progress is None else given.progress
    source = Source(given.seed + 1, training.device)
    shape = (9, 32, 64) if given.toy else (25, 192, 320)
    clips = Clips(source, given.clips, *shape)
    clock = Clock(training.progress, given.until, given.seconds)
    short = (
        Step(lambda: training.together(clips, given.batch, given.frames)) if clock.start < FROZEN_AT else None
    )
    late: Step | None = None
    print(f"ready after {time.monotonic() - given.began:.1f} s", flush=True)
    clock = Clock(training.progress, given.until, given.seconds)
    said, frozen = 0.0, False
    while not clock.over:
        for optimizer in training.parts.values():
            optimizer.scale.fill_(clock.rate(_FLAT))
        if clock.progress < FROZEN_AT:
            loss = short()
        else:
            if not frozen:
                training.parts["encoder"].use_average()
                late = Step(lambda: training.decoder_alone(clips, given.batch, given.frames))
                frozen = True
            loss = late()
        training.steps += 1
        if training.steps % 10 == 0 and clock.elapsed - said > 10:
            said = clock.elapsed
            print(
                f"{clock.elapsed:5.0f} s  step {training.steps}  progress {clock.progress:.3f}  "
                f"loss {loss.item():.4f}  kl {training.kl.item():.3f}",
                flush=True,
            )
        elif training.steps % 10 == 0:
            loss.item()  # keep the queue short, so that the clock is honest
    training.progress = clock.progress
    print(f"trained {clock.elapsed:.1f} s, {training.steps} steps, last loss {loss.item():.4f}", flush=True)
    training.save(checkpoint)
    del short, late
    for optimizer in training.parts.values():
        optimizer.use_average()
    finish(training.vae, clips, source, given)


@torch.inference_mode()
def finish(vae: VAE, clips: Clips, source: Source, given: argparse.Namespace) -> None:
    """Latent statistics, the pool's latents, held-out PSNR, a sheet, and the weights in the shipped form."""
    means = [_means(vae, part) for part in clips.pixels[:256].split(16)]
    flat = torch.cat(means).transpose(0, 1).flatten(1)
    mean, spread = flat.mean(1), flat.std(1)
    floor = 0.5 * spread.median()
    print(f"latent std {spread.min():.2f} .. {spread.median():.2f} .. {spread.max():.2f}, floor {floor:.2f}")
    std = spread.clamp(min=floor)
    weights = {n: w.detach().to(torch.bfloat16).cpu().contiguous() for n, w in vae.state_dict().items()}
    statistics = {"latent_mean": mean.tolist(), "latent_std": std.tolist()}
    for folder in (given.state, given.out):
        folder.mkdir(parents=True, exist_ok=True)
        save_file(weights, folder / "vae.safetensors")
        (folder / "latents.json").write_text(json.dumps(statistics))
    view = (1, -1, 1, 1, 1)
    latents = torch.cat(
        [
            ((_means(vae, part) - mean.view(view)) / std.view(view)).bfloat16()
            for part in clips.pixels.split(16)
        ]
    )
    torch.save({"latents": latents.cpu(), "tokens": clips.tokens.cpu()}, given.state / "pool.pt")
    _judge(vae, source, given)


def _means(vae: VAE, stored: Tensor) -> Tensor:
    """Latents, not normalised, of stored clips [B T H W 4]."""
    return vae.encode(as_video(stored.permute(0, 4, 1, 2, 3)).to(vae.conv1.weight.dtype))[0].float()


def _judge(vae: VAE, source: Source, given: argparse.Namespace) -> None:
    held, dtype = Source(987_654, source.device), vae.conv1.weight.dtype
    shape = (9, 32, 64) if given.toy else (25, 192, 320)
    scores: dict[str, list[float]] = {}
    rows = []
    by_frame = []
    for _ in range(given.judged):
        scenes = held.scenes(2)
        pixels = held.clips(scenes, *shape).permute(0, 4, 1, 2, 3)
        made = vae.decode(vae.encode(as_video(pixels).to(dtype))[0]).float().clamp(-1, 1)
        by_frame.append(((made - as_video(pixels)) / 2).square().mean((1, 3, 4)))
        for scene, a, b in zip(scenes, made, as_video(pixels), strict=True):
            score = (-10 * torch.log10(((a - b) / 2).square().mean())).item()
            for kind in (scene.terrain, scene.weather, scene.thing, "all"):
                scores.setdefault(kind, []).append(score)
        if len(rows) < 24:
            pair = torch.cat((as_video(pixels[:1]), made[:1]), 4)[0].permute(1, 2, 3, 0)
            rows.append(((pair + 1) * 127.5).round().to(torch.uint8))
    print(
        "held-out PSNR " + ", ".join(f"{k} {sum(v) / len(v):.1f}" for k, v in sorted(scores.items())),
        flush=True,
    )
    frames = -10 * torch.log10(torch.cat(by_frame)).mean(0)
    print("by frame " + " ".join(f"{v:.1f}" for v in frames.tolist()), flush=True)
    sheet(rows, given.out / "vae.jpg", (0, 13), 2, 1.0 if given.toy else 0.75)
    shutil.copy(given.out / "vae.jpg", given.state / "vae.jpg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=480, help="of this piece, without its start")
    parser.add_argument(
        "--until", type=float, default=1.0, help="how much of the whole training is done then"
    )
    parser.add_argument("--clips", type=int, default=7000)
    parser.add_argument("--resume", action="store_true", help="go on from the state folder")
    parser.add_argument("--warm", type=Path, help="begin from this vae.safetensors")
    parser.add_argument(
        "--progress", type=float, help="set how much is done now, to go back up in learning rate"
    )
    parser.add_argument("--batch", type=int, default=3)
    parser.add_argument(
        "--frames", type=int, default=25, help="a stretch; short ones leave later frames untaught"
    )
    parser.add_argument("--judged", type=int, default=80, help="pairs of clips for the held-out PSNR")
    parser.add_argument("--toy", action="store_true", help="a tiny network on tiny clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, default=Path("training/state"))
    parser.add_argument("--out", type=Path, default=Path("training/state/out"))
    given = parser.parse_args()
    given.began = time.monotonic()
    run(given)


if __name__ == "__main__":
    main()
