"""RMS norm over channels, then SiLU, written behind a number of empty frames: one pass over memory.

Rows are positions (b, t, h, w); C channels lie innermost (channels_last_3d).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

try:
    import triton
    import triton.language as tl
except ImportError:  # no GPU compiler: the plain way below does it
    triton = None

_PROGRAMS = 132 * 8


def norm_silu(x: Tensor, gamma: Tensor, ahead: int) -> Tensor:
    """`x` [B C T H W] normalised, scaled by `gamma` [C] and activated, after `ahead` frames of zeros."""
    if triton is not None and x.is_cuda:
        return _NormSilu.apply(x, gamma, ahead)
    y = F.normalize(x.float(), dim=1) * (x.shape[1] ** 0.5 * gamma.float().view(1, -1, 1, 1, 1))
    return F.pad(F.silu(y), (0, 0, 0, 0, ahead, 0)).to(x.dtype)


class _NormSilu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor, ahead: int) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last_3d)
        b, c, t, h, w = x.shape
        out = torch.empty(
            (b, c, t + ahead, h, w), dtype=x.dtype, device=x.device, memory_format=torch.channels_last_3d
        )
        out[:, :, :ahead].zero_()
        rows, block_c = b * t * h * w, triton.next_power_of_2(c)
        block_r = max(1, 4096 // block_c)
        _forward[(triton.cdiv(rows, block_r),)](
            x,
            gamma,
            out,
            rows,
            t * h * w,
            ahead * h * w,
            float(c) ** 0.5,
            c,
            BLOCK_R=block_r,
            BLOCK_C=block_c,
        )
        ctx.save_for_backward(x, gamma)
        ctx.ahead = ahead
        return out

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, Tensor, None]:
        x, gamma = ctx.saved_tensors
        slope = slope.contiguous(memory_format=torch.channels_last_3d)
        b, c, t, h, w = x.shape
        rows, block_c = b * t * h * w, triton.next_power_of_2(c)
        block_r = max(1, 2048 // block_c)
        dx = torch.empty_like(x)
        programs = min(_PROGRAMS, triton.cdiv(rows, block_r))
        parts = torch.empty((programs, c), dtype=torch.float32, device=x.device)
        _backward[(programs,)](
            x,
            gamma,
            slope,
            dx,
            parts,
            rows,
            t * h * w,
            ctx.ahead * h * w,
            float(c) ** 0.5,
            c,
            BLOCK_R=block_r,
            BLOCK_C=block_c,
        )
        return dx, parts.sum(0).to(gamma.dtype), None


if triton is not None:

    @triton.jit
    def _forward(
        x_ptr, g_ptr, y_ptr, rows, clip, ahead, root, channels, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr
    ):
        row = tl.program_id(0) * BLOCK_R + tl.arange(0, BLOCK_R)
        column = tl.arange(0, BLOCK_C)
        mask = (row < rows)[:, None] & (column < channels)[None, :]
        gamma = tl.load(g_ptr + column, mask=column < channels, other=0.0).to(tl.float32)
        x = tl.load(x_ptr + row.to(tl.int64)[:, None] * channels + column[None, :], mask=mask, other=0.0).to(
            tl.float32
        )
        scale = root / tl.maximum(tl.sqrt(tl.sum(x * x, 1)), 1e-12)
        y = x * scale[:, None] * gamma[None, :]
        y = y * tl.sigmoid(y)
        place = (row + ahead * (row // clip + 1)).to(tl.int64)
        tl.store(y_ptr + place[:, None] * channels + column[None, :], y, mask=mask)

    @triton.jit
    def _backward(
        x_ptr,
        g_ptr,
        s_ptr,
        dx_ptr,
        parts_ptr,
        rows,
        clip,
        ahead,
        root,
        channels,
        BLOCK_R: tl.constexpr,
        BLOCK_C: tl.constexpr,
    ):
        program, programs = tl.program_id(0), tl.num_programs(0)
        column = tl.arange(0, BLOCK_C)
        gamma = tl.load(g_ptr + column, mask=column < channels, other=0.0).to(tl.float32)
        total = tl.zeros((BLOCK_C,), dtype=tl.float32)
        for start in range(program * BLOCK_R, rows, programs * BLOCK_R):
            row = start + tl.arange(0, BLOCK_R)
            mask = (row < rows)[:, None] & (column < channels)[None, :]
            here = row.to(tl.int64)[:, None] * channels + column[None, :]
            x = tl.load(x_ptr + here, mask=mask, other=0.0).to(tl.float32)
            place = (row + ahead * (row // clip + 1)).to(tl.int64)
            slope = tl.load(s_ptr + place[:, None] * channels + column[None, :], mask=mask, other=0.0).to(
                tl.float32
            )
            length = tl.maximum(tl.sqrt(tl.sum(x * x, 1)), 1e-12)
            n = x * (root / length)[:, None]
            y = n * gamma[None, :]
            gate = tl.sigmoid(y)
            slope = slope * gate * (1 + y * (1 - gate))
            total += tl.sum(slope * n, 0)
            dn = slope * gamma[None, :]
            along = tl.sum(dn * x, 1) / (length * length)
            dx = (dn - x * along[:, None]) * (root / length)[:, None]
            tl.store(dx_ptr + here, dx, mask=mask)
        tl.store(parts_ptr + program * channels + column, total, mask=column < channels)
