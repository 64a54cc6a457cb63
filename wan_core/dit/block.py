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
from wan_core.plan import PIECE


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
    """Self-attention (with rotary positions) or cross-attention (to the text)."""

    def __init__(self, dim: int, heads: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.o = nn.Linear(dim, dim)
        self.norm_q = RMSNorm(dim, eps)
        self.norm_k = RMSNorm(dim, eps)

    def queries(self, x: Tensor, rope: Tensor | None = None) -> Tensor:
        """`x` [B, L, C] to [B, L, H, D], in its dtype."""
        return self._placed(self.norm_q(self.q(x)), rope).to(x.dtype)

    def keys(self, x: Tensor, rope: Tensor | None = None) -> Tensor:
        """`x` [B, L, C] to [B, L, H, D], in its dtype."""
        return self._placed(self.norm_k(self.k(x)), rope).to(x.dtype)

    def values(self, x: Tensor) -> Tensor:
        """`x` [B, L, C] to [B, L, H, D]."""
        return self._placed(self.v(x), None)

    def out(self, heads: Tensor) -> Tensor:
        """What attention found, [B, L, H, D], as [B, L, C]."""
        out: Tensor = self.o(heads.flatten(-2))
        return out

    def _placed(self, x: Tensor, rope: Tensor | None) -> Tensor:
        x = x.unflatten(-1, (self.heads, -1))  # [B L H D]
        return x if rope is None else rotate(x, rope)


class Block(nn.Module):
    """Self-attention, cross-attention to the text, feed-forward, each added to the residual.

    All but self-attention goes in pieces of PIECE tokens, so that little is in memory at once.
    """

    def __init__(self, dim: int, ffn_dim: int, heads: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.self_attn = Attention(dim, heads, eps)
        self.norm3 = nn.LayerNorm(dim, eps)
        self.cross_attn = Attention(dim, heads, eps)
        self.ffn = nn.Sequential(nn.Linear(dim, ffn_dim), nn.GELU("tanh"), nn.Linear(ffn_dim, dim))
        self.modulation = nn.Parameter(torch.zeros(1, 6, dim))

    def forward(self, x: Tensor, e: Tensor, index: Tensor | None, context: Tensor, rope: Tensor) -> Tensor:
        """The residual `x` float32 [B, L, C] after this block, written over the one before.

        `e` [U, 6, C] is the projected timestep; `index` [B, L] says which of the U a token has
        (absent: U is B, one for each sample). `context` [B, T, C] is the projected text; `rope` as
        `rotary` has it.
        """
        dtype, vectors, attn, cross = context.dtype, self.modulation + e, self.self_attn, self.cross_attn
        parts = pieces(x.shape[1])
        q, k, v = (
            x.new_empty(*x.shape[:2], attn.heads, x.shape[2] // attn.heads, dtype=dtype) for _ in "qkv"
        )
        for part in parts:
            shift, scale = spread(vectors[:, :2], index, part)
            y = modulate(x[:, part], shift, scale, self.eps).to(dtype)
            place = rope[:, part]
            q[:, part], k[:, part], v[:, part] = attn.queries(y, place), attn.keys(y, place), attn.values(y)
        found = attend(q, k, v)
        del q, k, v
        keys, values = cross.keys(context), cross.values(context)
        for part in parts:
            gate, shift, scale, ffn_gate = spread(vectors[:, 2:], index, part)
            piece = x[:, part]
            piece += attn.out(found[:, part]) * gate
            piece += cross.out(attend(cross.queries(self.norm3(piece).to(dtype)), keys, values))
            piece += self.feed_forward(modulate(piece, shift, scale, self.eps).to(dtype)) * ffn_gate
        return x

    def feed_forward(self, y: Tensor) -> Tensor:
        """`y` [B, L, C] through the feed-forward; in float16 wide enough for what passes 65,504."""
        if y.dtype != torch.float16:
            out: Tensor = self.ffn(y)
            return out
        first, between, last = self.ffn
        assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
        return wide(last, between(wide(first, y)))


def pieces(tokens: int) -> list[slice]:
    """`tokens` cut into pieces of PIECE, the last one shorter."""
    return [slice(start, min(start + PIECE, tokens)) for start in range(0, tokens, PIECE)]


def wide(layer: nn.Linear, x: Tensor) -> Tensor:
    """A float16 `layer` of `x`, in float32: scaled down before the product and up after it."""
    scale = x.abs().amax().float().clamp(min=1) * 64  # a sum of 14,336 products stays below 65,504 then
    product = F.linear((x / scale).to(torch.float16), layer.weight)
    return torch.addcmul(layer.bias.float(), product.float(), scale)


def spread(vectors: Tensor, index: Tensor | None, part: slice) -> list[Tensor]:
    """The modulation vectors [U, n, C] as n tensors [B, 1, C], or [B, part of L, C] where tokens differ."""
    if index is None:
        return list(vectors.unsqueeze(2).unbind(1))
    return [vector[index[:, part]] for vector in vectors.unbind(1)]


def modulate(x: Tensor, shift: Tensor, scale: Tensor, eps: float) -> Tensor:
    """LayerNorm without weights, then the timestep's scale and shift; float32 [B, L, C]."""
    return F.layer_norm(x, x.shape[-1:], eps=eps) * (1 + scale) + shift
