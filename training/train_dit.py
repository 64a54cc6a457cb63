"""Trains the DiT and, with it, the text encoder, in pieces.

python -m training.train_dit --seconds 520 --until 1.0
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training import sizes, vocabulary
from training.clock import Clock, Step
from training.held_out import forbidden, held_out_captions
from training.networks.dit import mixed_precision
from training.optimizer import Optimizer, Resumable
from training.pool import Latents, Source, as_video, empty_text
from training.samples import decoded, sample_latents
from training.sheets import sheet
from training.shipping import read_dit, write_dit

_FLAT, _SHIFT = 0.45, 2.5
_FORGET, _FROM_PICTURE = 0.10, 0.25  # shares of the batch without a caption, with a given first frame
SHAPES = {  # frames, rows, columns: batch, share of the steps, clips drawn at the start, room
    (25, 192, 320): (128, 0.76, 1600, 24000),
    (25, 320, 192): (128, 0.08, 640, 4000),
    (25, 256, 256): (120, 0.08, 640, 4000),
    (49, 192, 320): (68, 0.08, 480, 3000),
}
TOY_SHAPES = {(9, 32, 64): (4, 0.7, 16, 64), (9, 64, 32): (4, 0.3, 16, 32)}


class Training(Resumable):
    """DiT and text encoder, their optimizers, and latents to learn from."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.set_float32_matmul_precision("high")
        torch.manual_seed(given.seed)
        self.source = Source(given.seed + 100, self.device, forbidden())
        self.empty = empty_text(self.source)
        words = len(vocabulary.pieces())
        self.text, self.dit = sizes.new_text(words), sizes.new_dit(given.toy)
        if (given.state / "text.safetensors").exists():
            self.text.load_state_dict(load_file(given.state / "text.safetensors"))
        self.text.to(self.device)
        mixed_precision(self.dit.to(self.device))
        if self.device == "cuda":
            self.dit.compile_blocks()
        self.parts = {
            "dit": Optimizer(
                self.dit.named_parameters(),
                lambda n, w: n.startswith("blocks.") and w.dim() == 2,
                2e-3,
                1e-3,
                0.9995,
                0.1,
            ),
            "text": Optimizer(self.text.named_parameters(), lambda n, w: False, 0.0, 4e-4, 0.9995),
        }
        self.progress, self.steps = 0.0, 0
        self._load_vae()

    def _load_vae(self) -> None:
        self.vae = sizes.new_vae(self.given.toy).to(self.device)
        self.vae.load_state_dict(load_file(self.given.state / "vae.safetensors"))
        self.vae.requires_grad_(False)
        if self.device == "cuda":
            self.vae.bfloat16()
        statistics = json.loads((self.given.state / "latents.json").read_text())
        self.mean, self.std = (
            torch.tensor(statistics[k], device=self.device) for k in ("latent_mean", "latent_std")
        )

    @torch.inference_mode()
    def encode(self, clips: Tensor) -> Tensor:
        """Normalised latents of clips [B 3 T H W]."""
        view = (1, -1, 1, 1, 1)
        mean, _ = self.vae.encode(clips.to(self.vae.conv1.weight.dtype))
        return (mean.float() - self.mean.view(view)) / self.std.view(view)

    def learn(self, latents: Latents, count: int) -> Tensor:
        """One step; gives the loss."""
        clean, ids = latents.batch(count)
        frames, device = clean.shape[2], clean.device
        ids = torch.where(torch.rand(count, 1, device=device) < _FORGET, self.empty, ids)
        line = torch.sigmoid(torch.randn(count, device=device))
        sigma = (_SHIFT * line / (1 + (_SHIFT - 1) * line)).view(-1, 1).expand(count, frames)
        given = (torch.rand(count, 1, device=device) < _FROM_PICTURE) & (
            torch.arange(frames, device=device) == 0
        )
        sigma = torch.where(given, 0.0, sigma)  # [B F]
        noise = torch.randn_like(clean)
        cells = sigma.view(count, 1, frames, 1, 1)
        for network in (self.dit, self.text):
            network.zero_grad(set_to_none=True)
        velocity = self.dit(torch.lerp(clean, noise, cells), sigma * 1000, self.text(ids))
        counted = (~given).view(count, 1, frames, 1, 1)
        loss = ((velocity - (noise - clean)).square() * counted).mean()
        loss.backward()
        for optimizer in self.parts.values():
            optimizer.step()
        return loss.detach()

    def warm(self, model: Path) -> None:
        """Begin from a shipped model."""
        self.parts["dit"].restart(read_dit(model))
        self.parts["text"].restart(load_file(model / "text_encoder.safetensors"))


def run(given: argparse.Namespace) -> None:
    training = Training(given)
    checkpoint = given.state / "dit.pt"
    if given.resume:
        training.load(checkpoint)
    if given.warm:
        training.warm(given.warm)
    training.progress = training.progress if given.progress is None else given.progress
    shapes = TOY_SHAPES if given.toy else SHAPES
    shapes = dict(list(shapes.items())[: given.shapes])
    pools, steps = {}, {}
    for shape, (_, _, drawn, room) in shapes.items():
        pools[shape] = Latents(training.source, training.encode, room, shape)
        if shape == next(iter(shapes)) and (given.state / "pool.pt").exists():
            kept = torch.load(given.state / "pool.pt", weights_only=True)
            pools[shape].put(kept["latents"].to(training.device), kept["tokens"])
        for _ in range(0, max(16, int(drawn * given.draw)), 16):
            pools[shape].add()
        print(f"{given_time(given):5.0f} s  {pools[shape].filled} clips of {shape}", flush=True)
    for shape, (count, *_) in shapes.items():
        steps[shape] = Step(lambda shape=shape, count=count: training.learn(pools[shape], count))
        print(f"{given_time(given):5.0f} s  captured {shape}", flush=True)
    dice = random.Random(given.seed + training.steps)
    clock, said, losses = Clock(training.progress, given.until, given.seconds), 0.0, []
    shares = [share for _, share, *_ in shapes.values()]
    while not clock.over:
        for optimizer in training.parts.values():
            optimizer.scale.fill_(clock.rate(_FLAT))
        shape = dice.choices(list(shapes), shares)[0]
        loss = steps[shape]()
        training.steps += 1
        if given.refresh and training.steps % given.refresh == 0:
            pools[dice.choices(list(shapes), shares)[0]].add()
        if training.steps % 20 == 0:
            losses.append(loss.item())
            if clock.elapsed - said > 10:
                said = clock.elapsed
                print(
                    f"{clock.elapsed:5.0f} s  step {training.steps}  progress {clock.progress:.3f}  "
                    f"loss {sum(losses) / len(losses):.4f}  clips {[p.filled for p in pools.values()]}",
                    flush=True,
                )
                losses.clear()
    training.progress = clock.progress
    print(f"trained {clock.elapsed:.1f} s, {training.steps} steps", flush=True)
    training.save(checkpoint)
    del steps
    for optimizer in training.parts.values():
        optimizer.use_average()
    finish(training, given)


def given_time(given: argparse.Namespace) -> float:
    return time.monotonic() - given.began


@torch.inference_mode()
def finish(training: Training, given: argparse.Namespace) -> None:
    """The weights in the shipped form, held-out loss, and sheets of samples."""
    dit_weights = dict(zip(training.parts["dit"].names, training.parts["dit"].averages, strict=True))
    text_weights = {
        n: w.bfloat16().cpu()
        for n, w in zip(training.parts["text"].names, training.parts["text"].averages, strict=True)
    }
    for folder in (given.state, given.out):
        write_dit(dit_weights, folder)
        save_file(text_weights, folder / "text_encoder.safetensors", metadata={"format": "pt"})
    shape = next(iter(TOY_SHAPES if given.toy else SHAPES))
    training.dit._block = type(training.dit.blocks[0]).forward  # fresh shapes: not worth compiling
    grid = (1 + (shape[0] - 1) // 4, shape[1] // 16, shape[2] // 16)
    encoded = training.source.tokenizer.encode_batch(held_out_captions())
    ids = torch.tensor([e.ids for e in encoded], device=training.device)
    made = sample_latents(training.dit, training.text, ids, training.empty, grid)
    clips = decoded(training.vae, made, training.mean, training.std)
    sheet(list(clips), given.out / "held_out.jpg", (0, 8, 16, 24), 1, 1.0)
    firsts, rows = [], []
    for _ in range(8):
        scenes = training.source.scenes(1)
        firsts.append(training.source.clips(scenes, *shape))
        rows.append(training.source.tokens(scenes)[0, 0])
    video = as_video(torch.cat(firsts).permute(0, 4, 1, 2, 3))
    latent = training.encode(video)
    made = sample_latents(
        training.dit, training.text, torch.stack(rows), training.empty, grid, first=latent[:, :, 0]
    )
    clips = decoded(training.vae, made, training.mean, training.std)
    sheet(list(clips), given.out / "from_pictures.jpg", (0, 8, 16, 24), 1, 0.75)
    print(f"{given_time(given):5.0f} s  finished", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=500, help="of this piece, without its start")
    parser.add_argument(
        "--until", type=float, default=1.0, help="how much of the whole training is done then"
    )
    parser.add_argument(
        "--progress", type=float, help="set how much is done now, to go back up in learning rate"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the state folder")
    parser.add_argument("--warm", type=Path, help="begin from a shipped model's folder")
    parser.add_argument(
        "--refresh", type=int, default=32, help="draw 16 new clips every so many steps; 0: never"
    )
    parser.add_argument("--shapes", type=int, default=4, help="only the first so many of SHAPES")
    parser.add_argument(
        "--draw", type=float, default=1.0, help="scales the number of clips drawn before the start"
    )
    parser.add_argument("--toy", action="store_true", help="a tiny network on tiny clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, default=Path("training/state"))
    parser.add_argument("--out", type=Path, default=Path("training/state/out"))
    given = parser.parse_args()
    given.began = time.monotonic()
    given.state.mkdir(parents=True, exist_ok=True)
    run(given)


if __name__ == "__main__":
    main()
