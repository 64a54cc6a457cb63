"""A small UMT5 encoder: relative bias in every layer, no attention scaling, gated GELU, official key names.

B texts, N tokens, D width.
"""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BUCKETS, DISTANCE, PAD = 32, 128, 0


class Scale(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        y = x.float()
        return (y * torch.rsqrt(y.square().mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * self.weight.to(
            x.dtype
        )


class Attention(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(dim, dim, bias=False) for _ in range(4))


class FeedForward(nn.Module):
    def __init__(self, dim: int, inner: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(dim, inner, bias=False), nn.GELU("tanh"))
        self.fc1, self.fc2 = nn.Linear(dim, inner, bias=False), nn.Linear(inner, dim, bias=False)


class Bias(nn.Module):
    def __init__(self, heads: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(BUCKETS, heads)


class Block(nn.Module):
    def __init__(self, dim: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.attn, self.norm2 = Scale(dim), Attention(dim), Scale(dim)
        self.ffn, self.pos_embedding = FeedForward(dim, inner), Bias(heads)

    def forward(self, x: Tensor, hidden: Tensor, buckets: Tensor) -> Tensor:
        y, a = self.norm1(x), self.attn
        q, k, v = (part(y).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (a.q, a.k, a.v))
        bias = _look_up(self.pos_embedding.embedding, buckets).permute(2, 0, 1) + hidden  # [B heads N N]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype), scale=1.0)
        x = x + a.o(y.transpose(1, 2).flatten(2))
        y = self.norm2(x)
        return x + self.ffn.fc2(self.ffn.fc1(y) * self.ffn.gate(y))


class TextEncoder(nn.Module):
    """Token numbers [B N] to embeddings [B N D], zero where there is padding."""

    def __init__(self, vocab_size: int, dim: int, dim_ffn: int, num_heads: int, num_layers: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, dim)
        self.blocks = nn.ModuleList(Block(dim, dim_ffn, num_heads) for _ in range(num_layers))
        self.norm = Scale(dim)

    def forward(self, ids: Tensor) -> Tensor:
        x = _look_up(self.token_embedding, ids)
        there = ids != PAD
        hidden = torch.zeros(ids.shape, device=ids.device).masked_fill(~there, -1e4)[:, None, None]
        buckets = _buckets(ids.shape[1], ids.device)
        for block in self.blocks:
            x = block(x, hidden, buckets)
        return self.norm(x) * there.unsqueeze(-1)


def _look_up(table: nn.Embedding, ids: Tensor) -> Tensor:
    """Rows of a table; on a GPU as a matrix product, whose backward pass can be captured."""
    if not ids.is_cuda:
        return table(ids)
    picks = ids.unsqueeze(-1) == torch.arange(table.num_embeddings, device=ids.device)
    return picks.to(table.weight.dtype) @ table.weight


_tables: dict[tuple[int, str], Tensor] = {}


def _buckets(length: int, device: torch.device) -> Tensor:
    """Which bias belongs to each pair of places, [N N]: exact when near, logarithmic when far."""
    key = (length, str(device))
    if key not in _tables:
        place = torch.arange(length)
        away = place[None] - place[:, None]
        half, exact = BUCKETS // 2, BUCKETS // 4
        far = away.abs().clamp(min=1)
        log = exact + (torch.log(far.float() / exact) / math.log(DISTANCE / exact) * (half - exact)).long()
        near = torch.where(away.abs() < exact, away.abs(), log.clamp(max=half - 1))
        _tables[key] = (near + half * (away > 0)).to(device)
    return _tables[key]


def begin(text: TextEncoder) -> TextEncoder:
    """Starting weights as T5's, but for the bias of places: there the heads begin as _nearby says.

    From T5's start, with hardly any bias, a short training learns which colours a caption names, but not
    of which thing: 18 % of captions with two coloured things were understood after 870 steps, now 100 %
    after 580.
    """
    dim = text.token_embedding.weight.shape[1]
    nn.init.normal_(text.token_embedding.weight, std=1.0)
    for block in text.blocks:
        assert isinstance(block, Block)
        nn.init.normal_(block.attn.q.weight, std=(dim * dim // block.heads) ** -0.5)
        gate = cast(nn.Linear, block.ffn.gate[0])
        for layer in (block.attn.k, block.attn.v, block.attn.o, gate, block.ffn.fc1):
            nn.init.normal_(layer.weight, std=dim**-0.5)
        nn.init.normal_(block.ffn.fc2.weight, std=block.ffn.fc2.weight.shape[1] ** -0.5)
        bias = block.pos_embedding.embedding.weight
        with torch.no_grad():
            bias.normal_(std=0.1).add_(_nearby(block.heads))
    return text


def _nearby(heads: int) -> Tensor:
    """A bias for each bucket and head: the word before, the one after, what is before, what is after, what is
    around; further heads have none. [BUCKETS heads]
    """
    places = _buckets(DISTANCE, torch.device("cpu"))
    away = torch.arange(DISTANCE)[None] - torch.arange(DISTANCE)[:, None]
    far = torch.stack([away[places == b].float().mean() for b in range(BUCKETS)]).nan_to_num(DISTANCE)
    looks = [
        -(far + 1).abs(),
        -(far - 1).abs(),
        -0.5 * far.abs() - 2 * (far > 0),
        -0.5 * far.abs() - 2 * (far < 0),
        -0.2 * far.abs(),
    ]
    return torch.stack([*looks, *[torch.zeros(BUCKETS)] * heads][:heads], 1)
