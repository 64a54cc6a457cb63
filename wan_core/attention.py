"""The one door for attention.  B batch · L tokens · H heads · D head width"""

from __future__ import annotations

import logging
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

log = logging.getLogger(__name__)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Softmax attention of `q` [B, Lq, H, D] over `k` and `v` [B, Lk, H, D]; returns [B, Lq, H, D].

    No mask, no dropout. Where PyTorch's own kernel refuses, plain arithmetic gives the same function.
    """
    q, k, v = (t.transpose(1, 2) for t in (q, k, v))  # each [B H L D]
    if torch.compiler.is_compiling():
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
    try:
        out = F.scaled_dot_product_attention(q, k, v)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as refusal:
        _say_fallback(str(refusal).splitlines()[0])
        out = _plain(q, k, v)
    return out.transpose(1, 2)


def _plain(q: Tensor, k: Tensor, v: Tensor, rows: int = 1024) -> Tensor:
    """The same function in plain arithmetic, `rows` queries at a time so that memory stays bounded."""
    scale = q.shape[-1] ** -0.5
    pieces = []
    for piece in q.split(rows, dim=-2):
        weights = torch.softmax((piece.float() * scale) @ k.float().transpose(-1, -2), dim=-1)
        pieces.append((weights @ v.float()).to(q.dtype))
    return torch.cat(pieces, dim=-2)


def announce(dtype: torch.dtype, batch: int, queries: int, keys: int) -> None:
    """Say in the log which attention runs, once for each shape."""
    _say_backend()
    _say_config(str(dtype).removeprefix("torch."), batch, queries, keys)


@cache
def _say_backend() -> None:
    log.info("[Attention] Using PyTorch SDPA (Flash Attention not needed), dropout=disabled (inference)")


@cache
def _say_config(dtype: str, batch: int, queries: int, keys: int) -> None:
    log.info(
        "[Attention] Config: backend=sdpa, dtype=%s, mode=inference, shape=[B=%d, Lq=%d, Lk=%d]",
        dtype,
        batch,
        queries,
        keys,
    )


@cache
def _say_fallback(refusal: str) -> None:
    log.warning("[Attention] SDPA refused (%s); using plain arithmetic, slower, same result", refusal)
