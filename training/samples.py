"""Many clips at once from a model folder, with the product's own solver, noise and defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from training.networks.dit import DiT, mixed_precision
from training.networks.text import TextEncoder
from training.networks.vae import VAE
from training.pool import as_pixels
from training.recipe import TEXT_LEN
from training.shipping import read_dit
from wan_core.denoise import draw_noise
from wan_core.sampling.schedule import schedule
from wan_core.sampling.solvers import advance, start
from wan_core.shapes import LatentGrid

_TOGETHER = 32  # clips denoised at once
_DECODED = 4


class Model:
    """A shipped model on one device, for batches; what it makes is what the app makes, up to rounding."""

    def __init__(self, folder: Path, device: str) -> None:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        sizes = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.device, self.defaults = device, facts["defaults"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))
        self.tokenizer.enable_padding(length=TEXT_LEN, pad_id=0)
        self.tokenizer.enable_truncation(TEXT_LEN)
        names: tuple[str, ...] = ("dim", "dec_dim", "dim_mult", "num_res_blocks")
        self.vae = VAE(**{n: facts["vae"][n] for n in names})
        self.vae.load_state_dict(load_file(folder / "vae.safetensors"))
        self.vae.to(device, torch.bfloat16)
        t = facts["text"]
        self.text = TextEncoder(t["vocab_size"], t["dim"], t["dim_ffn"], t["num_heads"], t["num_layers"])
        self.text.load_state_dict(load_file(folder / "text_encoder.safetensors"))
        self.text.to(device)
        names = ("dim", "ffn_dim", "num_heads", "num_layers", "text_dim", "freq_dim")
        self.dit = DiT(**{n: sizes[n] for n in names})
        self.dit.load_state_dict(read_dit(folder))
        mixed_precision(self.dit.to(device))
        self.mean, self.std = (
            torch.tensor(facts["vae"][k], device=device).view(1, -1, 1, 1, 1)
            for k in ("latent_mean", "latent_std")
        )

    @torch.inference_mode()
    def encode(self, clips: Tensor) -> Tensor:
        """Normalised latents of clips [B 3 T H W] in -1..1."""
        parts = [self.vae.encode(part.to(self.device, torch.bfloat16))[0] for part in clips.split(_DECODED)]
        return (torch.cat(parts).float() - self.mean) / self.std

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Clips uint8 [B T H W 3]."""
        z = latents * self.std + self.mean
        done = []
        for part in z.split(_DECODED):
            done.append(as_pixels(self.vae.decode(part.bfloat16())))
        return torch.cat(done)

    @torch.inference_mode()
    def generate(
        self, prompts: list[str], seeds: list[int], first: Tensor | None = None, **settings: Any
    ) -> Tensor:
        """Clips uint8 [B T H W 3]; `first` [B 3 1 H W] in -1..1 are given first frames.

        `settings` replace the model's defaults: width, height, frames, steps, guidance, shift, solver.
        """
        done = []
        for at in range(0, len(prompts), _TOGETHER):
            pictures = None if first is None else self.encode(first[at : at + _TOGETHER])
            here = slice(at, at + _TOGETHER)
            done.append(self.decode(self._latents(prompts[here], seeds[here], pictures, settings)))
        return torch.cat(done)

    def _latents(
        self, prompts: list[str], seeds: list[int], first: Tensor | None, settings: dict[str, Any]
    ) -> Tensor:
        s = {**self.defaults, **settings}
        grid = LatentGrid(48, 1 + (s["frames"] - 1) // 4, s["height"] // 16, s["width"] // 16)
        rows = [e.ids for e in self.tokenizer.encode_batch([*prompts, s["negative_prompt"]])]
        words = self.text(torch.tensor(rows, device=self.device))
        words = torch.cat((words[:-1], words[-1:].expand_as(words[:-1])))
        plan = schedule(s["solver"], s["steps"], s["shift"])
        state = start(torch.stack([draw_noise(grid, seed) for seed in seeds]).to(self.device))
        b = len(prompts)
        for t in plan.timesteps:
            x = _with_first(state.latent, first)
            times = torch.full((2 * b, grid.frames), float(t), device=self.device)
            if first is not None:
                times[:, 0] = 0
            yes, no = self.dit(torch.cat((x, x)), times, words).chunk(2)
            state = advance(plan, s["solver"], state._replace(latent=x), no + s["guidance"] * (yes - no))
        return _with_first(state.latent, first)


def _with_first(latents: Tensor, first: Tensor | None) -> Tensor:
    return latents if first is None else torch.cat((first, latents[:, :, 1:]), 2)
