"""Figures of clips. All take uint8 clips [B T H W 3], or one [T H W 3], and give one number each."""

from __future__ import annotations

import torch
from torch import Tensor


def psnr(made: Tensor, true: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB over all but the first axis, [B]."""
    error = (made.float() - true.float()).square().flatten(1).mean(1)
    return 10 * torch.log10(255**2 / error.clamp(min=1e-6))


def motion(clips: Tensor) -> Tensor:
    """Mean change from frame to frame, in levels of 255, [B]."""
    return clips.float().diff(dim=1).abs().flatten(1).mean(1)


def flicker(clips: Tensor) -> Tensor:
    """How much of the change goes back again in the next frame: mean second difference, in levels, [B]."""
    return clips.float().diff(n=2, dim=1).abs().flatten(1).mean(1)


def jump(clips: Tensor) -> Tensor:
    """The first frame's change over the median change of the later ones, [B]; where these change by less
    than half a level of 255, over half a level, since nobody sees that.
    """
    changes = clips.float().diff(dim=1).abs().flatten(2).mean(2)
    return changes[:, 0] / changes[:, 1:].median(1).values.clamp(min=0.5)


def apart(clips: Tensor) -> float:
    """Mean PSNR of all pairs of clips, in dB: low when they differ."""
    n = len(clips)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    return torch.stack([psnr(clips[i : i + 1], clips[j : j + 1])[0] for i, j in pairs]).mean().item()
