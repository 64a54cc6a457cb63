"""One transformer block.  B batch · L tokens · H heads · D head width · C = H·D · U distinct timesteps

Float32 islands, as the official model has them: residual, norms, modulation. Linear layers and
attention run in the dtype of their weights.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wan_core.attention import attend
from wan_core.dit.rope import rotate


class RMSNorm(nn.Module):
    """Root-mean-square norm over the whole width, before the split into heads; float32 in and out."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """`x` [..., C] normed in float32."""
        return F.rms_norm(x.float(), x.shape[-1:], self.weight, self.eps)


class Attention(nn.Module):
    """Self-attention (with rotary positions) or cross-attention (to `context`)."""

    def __init__(self, dim: int, heads: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.o = nn.Linear(dim, dim)
        self.norm_q = RMSNorm(dim, eps)
        self.norm_k = RMSNorm(dim, eps)

    def forward(self, x: Tensor, context: Tensor, rope: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Queries from `x` [B, L, C], keys and values from `context` [B, L', C]; returns [B, L, C]."""
        q = self.norm_q(self.q(x)).unflatten(-1, (self.heads, -1))  # [B L H D]
        k = self.norm_k(self.k(context)).unflatten(-1, (self.heads, -1))
        v = self.v(context).unflatten(-1, (self.heads, -1))
        if rope is not None:
            q, k = rotate(q, *rope), rotate(k, *rope)
        out: Tensor = self.o(attend(q.to(v.dtype), k.to(v.dtype), v).flatten(-2))
        return out


class Block(nn.Module):
    """Self-attention, cross-attention to the text, feed-forward, each added to the residual."""

    def __init__(self, dim: int, ffn_dim: int, heads: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.self_attn = Attention(dim, heads, eps)
        self.norm3 = nn.LayerNorm(dim, eps)
        self.cross_attn = Attention(dim, heads, eps)
        self.ffn = nn.Sequential(nn.Linear(dim, ffn_dim), nn.GELU("tanh"), nn.Linear(ffn_dim, dim))
        self.modulation = nn.Parameter(torch.zeros(1, 6, dim))

    def forward(
        self, x: Tensor, e: Tensor, index: Tensor | None, context: Tensor, rope: tuple[Tensor, Tensor]
    ) -> Tensor:
        """The residual `x` float32 [B, L, C] after this block.

        `e` [U, 6, C] is the projected timestep; `index` [B, L] says which of the U a token has
        (absent: U is B, one for each sample). `context` [B, T, C] is the projected text.
        """
        dtype = context.dtype
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = spread(self.modulation + e, index)
        y = modulate(x, shift, scale, self.eps).to(dtype)
        x = x + self.self_attn(y, y, rope) * gate
        x = x + self.cross_attn(self.norm3(x).to(dtype), context)
        return x + self.ffn(modulate(x, ffn_shift, ffn_scale, self.eps).to(dtype)) * ffn_gate


def spread(vectors: Tensor, index: Tensor | None) -> list[Tensor]:
    """The modulation vectors [U, n, C] as n tensors [B, 1, C], or [B, L, C] where tokens differ."""
    if index is None:
        return list(vectors.unsqueeze(2).unbind(1))
    return [vector[index] for vector in vectors.unbind(1)]


def modulate(x: Tensor, shift: Tensor, scale: Tensor, eps: float) -> Tensor:
    """LayerNorm without weights, then the timestep's scale and shift; float32 [B, L, C]."""
    return F.layer_norm(x, x.shape[-1:], eps=eps) * (1 + scale) + shift
