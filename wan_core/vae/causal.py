"""Convolution that looks only at the past, and what it remembers.

B batch · C channels · T, H, W frames, rows, columns
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Past:
    """What each temporal layer has seen of the video so far; one for each video walked through."""

    def __init__(self) -> None:
        self.first = True  # until the first chunk is through
        self._frames: dict[nn.Module, Tensor] = {}

    def extend(self, layer: nn.Module, x: Tensor, frames: int) -> Tensor:
        """`x` [B, C, T, H, W] with the `frames` frames before it in front; before the start, zeros."""
        before = self._frames.get(layer)
        if before is None:
            before = x.new_zeros((x.shape[0], x.shape[1], frames, *x.shape[3:]))
        # Joined with channels last, because the strides of a single frame do not say that they are.
        x = torch.cat((before.movedim(1, -1), x.movedim(1, -1)), dim=1).movedim(-1, 1)
        self._frames[layer] = x[:, :, -frames:].clone()
        return x

    def put(self, layer: nn.Module, frames: Tensor) -> None:
        """Remember `frames` as what `layer` saw last."""
        self._frames[layer] = frames.clone()


class CausalConv3d(nn.Conv3d):
    """A 3-D convolution whose frame t sees frames t-2..t; rows and columns are padded with zeros."""

    def __init__(self, channels: int, out: int, kernel: tuple[int, int, int], time_stride: int = 1) -> None:
        super().__init__(
            channels, out, kernel, (time_stride, 1, 1), padding=(0, kernel[1] // 2, kernel[2] // 2)
        )

    def forward(self, x: Tensor, past: Past | None = None) -> Tensor:
        """`x` [B, C, T, H, W] convolved, continuing from `past` (absent: `x` is already complete)."""
        seen = self.kernel_size[0] - 1
        if seen and past is not None:
            x = past.extend(self, x, seen)
        return super().forward(x)


class RMSNorm(nn.Module):
    """Root-mean-square norm over channels at every position, computed in float32."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *(1,) * axes))

    def forward(self, x: Tensor) -> Tensor:
        """`x` [B, C, …] normed over C."""
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32).clamp_min(1e-12)
        return x * (x.shape[1] ** 0.5 / length).to(x.dtype) * self.gamma
