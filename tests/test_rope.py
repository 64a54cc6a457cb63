"""Positions turn queries and keys."""

from __future__ import annotations

import torch

from wan_core.dit.rope import _turned, rotary, rotate
from wan_core.shapes import LatentGrid


def test_what_a_compiler_is_given_is_the_same_turn() -> None:
    grid = LatentGrid(48, 3, 4, 6)
    rope = rotary(grid, 64, torch.device("cpu"))
    x = torch.randn(2, grid.tokens, 3, 64, generator=torch.Generator().manual_seed(1))
    real = _turned(x.unflatten(-1, (-1, 2)), rope).flatten(-2)
    torch.testing.assert_close(rotate(x, rope), real, rtol=0, atol=1e-6)
    torch.testing.assert_close(rotate(x, rope).norm(dim=-1), x.norm(dim=-1))
