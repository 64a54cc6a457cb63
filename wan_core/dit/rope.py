"""Rotary positions for (frame, row, column).  L tokens · D head width"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from wan_core.shapes import PATCH, LatentGrid

THETA = 10_000.0


@lru_cache(maxsize=4)
def rotary(grid: LatentGrid, head_dim: int, device: torch.device) -> Tensor:
    """Cosines and sines, float32 [1, L, 1, D/2, 2], of every token of `grid`.

    The head's width is split over frame, row and column as D-4(D//6), 2(D//6), 2(D//6); angles are
    computed in float64 (Wan2.2, `rope_params`).
    """
    side = 2 * (head_dim // 6)
    frames, rows, columns = grid.frames, grid.height // PATCH, grid.width // PATCH
    angles = torch.cat(
        [
            _angles(frames, head_dim - 2 * side).view(frames, 1, 1, -1).expand(frames, rows, columns, -1),
            _angles(rows, side).view(1, rows, 1, -1).expand(frames, rows, columns, -1),
            _angles(columns, side).view(1, 1, columns, -1).expand(frames, rows, columns, -1),
        ],
        dim=-1,
    ).reshape(1, grid.tokens, 1, head_dim // 2)
    return torch.stack((angles.cos(), angles.sin()), dim=-1).float().to(device)


def _angles(positions: int, width: int) -> Tensor:
    speeds = THETA ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.outer(torch.arange(positions, dtype=torch.float64), speeds)  # [positions, width/2]


def rotate(x: Tensor, rope: Tensor) -> Tensor:
    """`x` float32 [B, L, H, D] with each neighbouring pair of its width turned by its token's angles.

    As one product of complex numbers, which is one kernel; a compiler makes one of the real form itself.
    """
    pairs = x.unflatten(-1, (-1, 2))  # [B L H D/2 2]
    if torch.compiler.is_compiling():
        return _turned(pairs, rope).flatten(-2)
    return torch.view_as_real(torch.view_as_complex(pairs) * torch.view_as_complex(rope)).flatten(-2)


def _turned(pairs: Tensor, rope: Tensor) -> Tensor:
    (even, odd), (cos, sin) = pairs.unbind(-1), rope.unbind(-1)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1)
