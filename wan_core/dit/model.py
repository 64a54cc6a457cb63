"""The Wan2.2 DiT, one class for the 5B and the 14B models.

B batch · C latent channels · F, H, W latent frames, rows, columns · L tokens · U distinct timesteps
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from msgspec import Struct
from torch import Tensor, nn

from wan_core.dit.block import Block, modulate, pieces, spread
from wan_core.dit.rope import rotary
from wan_core.events import finish
from wan_core.shapes import PATCH, LatentGrid


class DiTConfig(Struct, frozen=True, kw_only=True):
    """The dimensions of a DiT, as a checkpoint's config.json names them."""

    dim: int
    ffn_dim: int
    num_heads: int
    num_layers: int
    in_dim: int
    out_dim: int
    text_dim: int = 4096
    text_len: int = 512
    freq_dim: int = 256
    eps: float = 1e-6

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> DiTConfig:
        """The dimensions in a config.json, whose other keys are left alone."""
        return cls(**{name: config[name] for name in cls.__struct_fields__ if name in config})


class Head(nn.Module):
    """From tokens [B, L, dim] to patches of velocity [B, L, 4·out], in float32."""

    def __init__(self, dim: int, out_dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.head = nn.Linear(dim, out_dim * PATCH * PATCH)
        self.modulation = nn.Parameter(torch.zeros(1, 2, dim))

    def forward(self, x: Tensor, e: Tensor, index: Tensor | None) -> Tensor:
        """`x` float32 [B, L, dim] and the timestep embedding `e` [U, dim] to [B, L, 4·out]."""
        vectors, out = self.modulation + e.unsqueeze(1), []
        for part in pieces(x.shape[1]):
            shift, scale = spread(vectors, index, part)
            out.append(self.head(modulate(x[:, part], shift, scale, self.eps)))
        return torch.cat(out, dim=1)


class WanDiT(nn.Module):
    """Predicts the velocity of a noisy latent, given timesteps and text."""

    # Parameters that stay float32 whatever the matmul dtype is; the rest follow `Precision.matmul`.
    FLOAT32 = ("time_embedding.", "time_projection.", "head.", "modulation", "norm")
    BLOCKS = "blocks."  # what the names of the blocks' parameters begin with

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        dim = config.dim
        self.config = config
        self.patch_embedding = nn.Conv3d(config.in_dim, dim, (1, PATCH, PATCH), (1, PATCH, PATCH))
        self.text_embedding = nn.Sequential(
            nn.Linear(config.text_dim, dim), nn.GELU("tanh"), nn.Linear(dim, dim)
        )
        self.time_embedding = nn.Sequential(nn.Linear(config.freq_dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(dim, dim * 6))
        self.blocks = nn.ModuleList(
            Block(dim, config.ffn_dim, config.num_heads, config.eps) for _ in range(config.num_layers)
        )
        self.head = Head(dim, config.out_dim, config.eps)
        self.supply: Iterable[nn.Module] | None = None  # gives `blocks` in order, if weights come and go

    def embed_text(self, context: list[Tensor]) -> Tensor:
        """Prompt embeddings, B of [n, text_dim], zero-padded to `text_len` and projected: [B, text_len, dim].

        The padding is attended to, as in the official model.
        """
        weight = self.patch_embedding.weight  # same dtype and device
        padded = weight.new_zeros(len(context), self.config.text_len, self.config.text_dim)
        for row, embedding in zip(padded, context, strict=True):
            row[: len(embedding)] = embedding
        out: Tensor = self.text_embedding(padded)
        return out

    def walk(
        self, x: Tensor, t: Tensor, text: Tensor, index: Tensor | None = None, y: Tensor | None = None
    ) -> Generator[int, None, Tensor]:
        """Yield after each block how many are done; return the velocity, float32 [B, out, F, H, W].

        `x` [B, C, F, H, W]; `y`, where the model takes one, [B, C', F, H, W] goes after it on
        channels. `text` from `embed_text`. `t` [B] in 0..1000, one for each sample; or, with
        `index` [B, L], `t` [U] holds the distinct timesteps and `index` says which a token has.
        """
        if y is not None:
            x = torch.cat((x, y), dim=1)
        grid = LatentGrid(*x.shape[1:])
        e = self.time_embedding(sinusoid(t, self.config.freq_dim))  # [U dim]
        e_blocks = self.time_projection(e).unflatten(-1, (6, -1))  # [U 6 dim]
        tokens = self._patches(x)
        rope = rotary(grid, self.config.dim // self.config.num_heads, x.device)
        for done, block in enumerate(self.supply or self.blocks, start=1):
            tokens = block(tokens, e_blocks, index, text, rope)
            yield done
        return self._unpatch(self.head(tokens, e, index), grid)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        context: list[Tensor],
        index: Tensor | None = None,
        y: Tensor | None = None,
    ) -> Tensor:
        """The velocity of `x`, as `walk` describes it, for prompt embeddings as `embed_text` takes them."""
        return finish(self.walk(x, t, self.embed_text(context), index, y))

    def _patches(self, x: Tensor) -> Tensor:
        """[B, C, F, H, W] to float32 tokens [B, L, dim], in the order frame, row, column."""
        weight = self.patch_embedding.weight
        patches = x.unflatten(4, (-1, PATCH)).unflatten(3, (-1, PATCH))  # [B C F H/2 2 W/2 2]
        patches = patches.permute(0, 2, 3, 5, 1, 4, 6).flatten(4).flatten(1, 3)  # [B L C·4]
        return F.linear(patches.to(weight.dtype), weight.flatten(1), self.patch_embedding.bias).float()

    def _unpatch(self, tokens: Tensor, grid: LatentGrid) -> Tensor:
        """[B, L, 2·2·out], channel last, to [B, out, F, H, W]."""
        rows, columns = grid.height // PATCH, grid.width // PATCH
        x = tokens.unflatten(-1, (PATCH, PATCH, -1)).unflatten(1, (grid.frames, rows, columns))
        return x.permute(0, 6, 1, 2, 4, 3, 5).flatten(5).flatten(3, 4)


def sinusoid(t: Tensor, width: int) -> Tensor:
    """Timesteps [U] as float32 [U, width]: cosines, then sines, computed in float64 (Wan2.2)."""
    half = width // 2
    speeds = 10_000.0 ** -(torch.arange(half, dtype=torch.float64, device=t.device) / half)
    angles = torch.outer(t.double(), speeds)
    return torch.cat((angles.cos(), angles.sin()), dim=1).float()
