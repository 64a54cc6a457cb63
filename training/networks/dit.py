"""The Wan2.2 TI2V DiT for training: batches of one shape, one timestep per latent frame.

B clips, F latent frames, H and W latent rows and columns, L = F·H/2·W/2 tokens, D width.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-6
FLOAT32 = ("time_embedding.", "time_projection.", "head.", "modulation", "norm")  # as at inference


class RMS(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        y = x.float()
        return (y * torch.rsqrt(y.square().mean(-1, keepdim=True) + EPS) * self.weight).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(dim, dim) for _ in range(4))
        self.norm_q, self.norm_k = RMS(dim), RMS(dim)

    def forward(self, x: Tensor, context: Tensor | None, cos: Tensor | None, sin: Tensor | None) -> Tensor:
        source = x if context is None else context
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.norm_q(self.q(x)), self.norm_k(self.k(source)), self.v(source))
        )
        if cos is not None and sin is not None:
            q, k = _turned(q, cos, sin), _turned(k, cos, sin)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.o(y.transpose(1, 2).flatten(2))


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2).to(x.dtype)


def _plain_norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=EPS)


class Block(nn.Module):
    def __init__(self, dim: int, ffn: int, heads: int) -> None:
        super().__init__()
        self.self_attn, self.cross_attn = Attention(dim, heads), Attention(dim, heads)
        self.norm3 = nn.LayerNorm(dim, eps=EPS)
        self.ffn = nn.Sequential(nn.Linear(dim, ffn), nn.GELU("tanh"), nn.Linear(ffn, dim))
        self.modulation = nn.Parameter(torch.randn(1, 6, dim) / dim**0.5)

    def forward(self, x: Tensor, e: Tensor, text: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x float32 [B L D], e float32 [B F 6 D], text [B 64 D]."""
        frames, low = e.shape[1], text.dtype
        parts = (self.modulation + e).unsqueeze(2).unbind(3)  # each [B F 1 D]

        def spread(y: Tensor, gain: Tensor, shift: Tensor | None = None) -> Tensor:
            y = y.unflatten(1, (frames, -1))
            y = y * gain if shift is None else y * (1 + gain) + shift
            return y.flatten(1, 2)

        y = self.self_attn(spread(_plain_norm(x), parts[1], parts[0]).to(low), None, cos, sin)
        x = x + spread(y.float(), parts[2])
        x = x + self.cross_attn(self.norm3(x).to(low), text, None, None).float()
        y = self.ffn(spread(_plain_norm(x), parts[4], parts[3]).to(low))
        return x + spread(y.float(), parts[5])


class Head(nn.Module):
    def __init__(self, dim: int, out: int) -> None:
        super().__init__()
        self.head = nn.Linear(dim, out)
        self.modulation = nn.Parameter(torch.randn(1, 2, dim) / dim**0.5)


class DiT(nn.Module):
    """Predicts the velocity noise − clip of noisy latents."""

    def __init__(
        self,
        dim: int,
        ffn_dim: int,
        num_heads: int,
        num_layers: int,
        text_dim: int,
        freq_dim: int = 256,
        channels: int = 48,
    ) -> None:
        super().__init__()
        self.freq_dim, self.head_dim, self.channels = freq_dim, dim // num_heads, channels
        self.patch_embedding = nn.Conv3d(channels, dim, (1, 2, 2), (1, 2, 2))
        self.text_embedding = nn.Sequential(nn.Linear(text_dim, dim), nn.GELU("tanh"), nn.Linear(dim, dim))
        self.time_embedding = nn.Sequential(nn.Linear(freq_dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(dim, dim * 6))
        self.blocks = nn.ModuleList(Block(dim, ffn_dim, num_heads) for _ in range(num_layers))
        self.head = Head(dim, channels * 4)
        self._block: Callable[..., Tensor] = Block.forward

    def compile_blocks(self) -> None:
        """Fuse each block's small operations; one compilation per shape."""
        self._block = torch.compile(Block.forward, dynamic=False)

    def forward(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        """x [B 48 F H W], t [B F] in 0..1000, text [B 64 text_dim]; float32 [B 48 F H W]."""
        b, c, f, h, w = x.shape
        e = self.time_embedding(_sinusoid(t, self.freq_dim))  # [B F D]
        e_blocks = self.time_projection(e).unflatten(-1, (6, -1))
        low = self.patch_embedding.weight.dtype
        patches = x.reshape(b, c, f, h // 2, 2, w // 2, 2).permute(0, 2, 3, 5, 1, 4, 6).reshape(b, -1, c * 4)
        y = F.linear(
            patches.to(low), self.patch_embedding.weight.flatten(1), self.patch_embedding.bias
        ).float()
        words = self.text_embedding(text.to(low))
        cos, sin = (part.to(x.device) for part in _rotary(f, h // 2, w // 2, self.head_dim))
        for block in self.blocks:
            y = self._block(block, y, e_blocks, words, cos, sin)
        shift, scale = (self.head.modulation + e.unsqueeze(2)).unsqueeze(2).unbind(3)  # [B F 1 D]
        y = (_plain_norm(y).unflatten(1, (f, -1)) * (1 + scale) + shift).flatten(1, 2)
        y = self.head.head(y).view(b, f, h // 2, w // 2, 2, 2, c)
        return y.permute(0, 6, 1, 2, 4, 3, 5).reshape(b, c, f, h, w)


def _sinusoid(t: Tensor, width: int) -> Tensor:
    speeds = 10_000.0 ** -(torch.arange(width // 2, dtype=torch.float64, device=t.device) / (width // 2))
    angles = t.double().unsqueeze(-1) * speeds
    return torch.cat((angles.cos(), angles.sin()), -1).float()


@lru_cache(maxsize=16)
def _rotary(frames: int, rows: int, columns: int, head: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines [L head/2] of the turn at each token."""
    widths = (head - 4 * (head // 6), 2 * (head // 6), 2 * (head // 6))
    grids = torch.meshgrid(
        *(torch.arange(n, dtype=torch.float64) for n in (frames, rows, columns)), indexing="ij"
    )
    turns = [
        grid.flatten()[:, None] * 10_000.0 ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)
        for grid, width in zip(grids, widths, strict=True)
    ]
    angles = torch.cat(turns, 1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return angles.cos().float().to(device), angles.sin().float().to(device)


def begin(dit: DiT) -> DiT:
    """Starting weights: small output, quiet time projection."""
    for name, module in dit.named_modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        if name.startswith(("time_embedding", "text_embedding")) and isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.04)
    nn.init.xavier_uniform_(dit.patch_embedding.weight.data.flatten(1))
    assert dit.patch_embedding.bias is not None
    nn.init.zeros_(dit.patch_embedding.bias)
    nn.init.zeros_(dit.head.head.weight)
    return dit


def mixed_precision(dit: DiT) -> DiT:
    """Matrix products in bfloat16; what inference keeps in float32 stays float32."""
    for name, weight in dit.named_parameters():
        if not any(part in name for part in FLOAT32):
            weight.data = weight.data.bfloat16()
    return dit
