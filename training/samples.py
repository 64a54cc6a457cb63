"""Clips from a DiT under training, by plain Euler steps."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from training.networks.dit import DiT
from training.networks.text import TextEncoder
from training.networks.vae import VAE


@torch.inference_mode()
def sample_latents(
    dit: DiT,
    text: TextEncoder,
    ids: Tensor,
    empty: Tensor,
    shape: tuple[int, int, int],
    steps: int = 20,
    guidance: float = 3.0,
    shift: float = 3.0,
    first: Tensor | None = None,
    seed: int = 7,
) -> Tensor:
    """Latents [B 48 F H W] for token rows `ids` [B N]; `first` [B 48 H W] is a given first frame."""
    b, device = len(ids), ids.device
    x = torch.randn(b, dit.channels, *shape, generator=torch.Generator().manual_seed(seed)).to(device)
    words = text(torch.cat((ids, empty.expand_as(ids))))
    line = torch.linspace(1, 0, steps + 1)
    sigmas = (shift * line / (1 + (shift - 1) * line)).tolist()
    for here, there in pairwise(sigmas):
        t = torch.full((b, shape[0]), here * 1000, device=device)
        if first is not None:
            x[:, :, 0], t[:, 0] = first, 0
        yes, no = dit(torch.cat((x, x)), torch.cat((t, t)), words).chunk(2)
        x = x + (no + guidance * (yes - no)) * (there - here)
    if first is not None:
        x[:, :, 0] = first
    return x


@torch.inference_mode()
def decoded(vae: VAE, latents: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """uint8 clips [B T H W 3]."""
    z = latents * std.view(1, -1, 1, 1, 1) + mean.view(1, -1, 1, 1, 1)
    dtype = vae.conv1.weight.dtype
    clips = torch.cat([vae.decode(part.to(dtype)).float() for part in z.split(4)])
    return ((clips.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 4, 1)
