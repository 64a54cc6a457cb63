"""Pictures of nothing in particular, under a moving camera, so that any given picture can move."""

from __future__ import annotations

import torch

from training.world.canvas import Canvas, hashed, mix, step


def paint_picture(canvas: Canvas) -> None:
    """A gradient or texture with shapes and lines that look like text."""
    x, y = canvas.at(0.75)
    pair = [canvas.uniform(0, 1, 3).view(canvas.batch, 1, 3, 1, 1) for _ in range(4)]
    slant = canvas.uniform(-1, 1)
    ramp = (0.5 + 0.6 * (y - canvas.horizon + slant * x)).clamp(0, 1)
    canvas.image = mix(pair[0], pair[1], ramp.unsqueeze(2)).expand_as(canvas.image).contiguous()
    scale = canvas.uniform(0.5, 3.0)
    noise = canvas.cloudy(x * scale + canvas.uniform(0, 4), y * scale + canvas.uniform(0, 4))
    sharp = canvas.uniform(0.03, 0.4)
    canvas.paint(step(noise, 0.5 - sharp, 0.5 + sharp) * canvas.uniform(0, 1), pair[2])
    cells = canvas.uniform(0.06, 0.3)
    checks = torch.remainder(torch.floor(x / cells) + torch.floor(y / cells), 2)
    canvas.paint(checks * (canvas.uniform(0, 1) > 0.8) * 0.6, pair[3])
    for _ in range(7):
        cx, cy = canvas.uniform(-1, 1) * canvas.half_width, canvas.uniform(0, 1) * canvas.bottom
        size, round_ = canvas.uniform(0.03, 0.26), canvas.uniform(0, 1)
        turn = canvas.uniform(0, 3.1)
        u = (x - cx) * torch.cos(turn) + (y - cy) * torch.sin(turn)
        v = (y - cy) * torch.cos(turn) - (x - cx) * torch.sin(turn)
        disc = (u**2 + v**2).sqrt() - size
        box = torch.maximum(u.abs() - size, v.abs() - size * 0.55)
        wedge = torch.maximum(torch.maximum(u * 0.87 + v * 0.5, v * 0.5 - u * 0.87), -v) - size * 0.5
        shape = torch.where(round_ < 0.4, disc, torch.where(round_ < 0.75, box, wedge))
        tone = canvas.uniform(0, 1, 3).view(canvas.batch, 1, 3, 1, 1)
        shade = mix(tone, tone * 0.6, (0.5 + v / (2 * size)).clamp(0, 1).unsqueeze(2))
        canvas.paint(canvas.edge(shape) * (canvas.uniform(0, 1) > 0.3), shade, 0.5)
    _lettering(canvas, x, y)


def _lettering(canvas: Canvas, x: torch.Tensor, y: torch.Tensor) -> None:
    tall = canvas.uniform(0.04, 0.09)
    left, top = canvas.uniform(-0.6, 0.0), canvas.uniform(0.1, 0.6)
    u, v = (x - left) / (tall * 0.7), (y - top) / (tall * 1.5)
    column, row = torch.floor(u), torch.floor(v)
    index = column * 3.0 + row * 41.0
    a, b = u - column, (v - row) * 1.5
    ink = torch.zeros_like(canvas.focus[:, :, 0])
    for stroke, (low, high, upright) in enumerate(
        ((0.12, 0.30, 1), (0.62, 0.80, 1), (0.05, 0.20, 0), (0.42, 0.57, 0), (0.82, 0.97, 0))
    ):
        place = a if upright else b
        line = ((place > low) & (place < high) & (a > 0.1) & (a < 0.82) & (b > 0.05) & (b < 0.97)).float()
        ink = torch.maximum(ink, line * (hashed(index, stroke * 3.0) > 0.42))
    block = ((column >= 0) & (column < 9) & (row >= 0) & (row < 3)).float() * (hashed(index, 77.0) > 0.15)
    dark = (canvas.uniform(0, 1) > 0.5).float().unsqueeze(2)
    tone = (dark * 0.06 + (1 - dark) * 0.95).expand(-1, -1, 3, -1, -1)
    canvas.paint(ink * block * (canvas.uniform(0, 1) > 0.45), tone, 0.5)
