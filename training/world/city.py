"""A skyline with lit windows, neon signs and a street that mirrors them when wet."""

from __future__ import annotations

import torch
from torch import Tensor

from training.world.canvas import Canvas, colours, hashed, mix, step
from training.world.land import Land, tint
from training.world.water import mirror, shore_at

_NEON = ["ff2f9a", "20e6ff", "ff8a1f", "9a4dff", "2dff9a", "ff3b4d"]
_WINDOW = ["ffd98a", "ffe9b8", "8ff0ff", "ffc06a"]


def paint_city(canvas: Canvas, land: Land) -> None:
    dim = (
        canvas.flag("time", "night")
        + 0.55 * canvas.flag("time", "sunset")
        + 0.25 * canvas.flag("time", "dawn")
        + 0.3 * (land.sky.grey > 0.5)
    ).clamp(max=1)
    for depth, foot, tall, wide, face, shade in (
        (0.22, 0.06, 0.46, 0.15, "8fa4c4", "7f95b8"),
        (0.45, 0.09, 0.42, 0.20, "6f83a8", "5d7096"),
        (0.72, 0.13, 0.36, 0.27, "566686", "465676"),
    ):
        _row(canvas, land, depth, foot, tall, wide, face, shade, dim)
    shore = shore_at(canvas, 0.75, 0.125)
    body = land.lit(tint("3c4458", canvas), 0.95, 0.85)
    wet = land.sky.weather == "rain"
    shine = 0.55 + 0.1 * land.sky.night if wet else 0.26 + 0.34 * land.sky.night
    _dusk(canvas, land)
    mirror(canvas, shore, shine.unsqueeze(2), 0.010, body, (8, 2))
    curb = canvas.edge((canvas.rows - shore - 0.006).abs() - 0.007)
    canvas.paint(curb, land.lit(tint("8a93a8", canvas), 0.9).expand(-1, canvas.frames, -1, 1, 1))


def _dusk(canvas: Canvas, land: Land) -> None:
    """The foot of the town lies in shade, so that what passes before it stands out."""
    _, y = canvas.at(0.75)
    shade = step(y, canvas.horizon - 0.10, canvas.horizon + 0.08) * 0.86
    canvas.paint(shade, land.lit(tint("424c66", canvas), 0.9, 0.8))
    canvas.focus = canvas.focus * (1 - shade).unsqueeze(2)


def _row(
    canvas: Canvas,
    land: Land,
    depth: float,
    foot: float,
    tall: float,
    wide: float,
    face: str,
    shade: str,
    dim: Tensor,
) -> None:
    x, y = canvas.at(depth)
    salt = canvas.uniform(0, 60)
    cell = torch.floor(x / wide)
    middle = (cell + 0.5) * wide
    height = tall * (0.38 + 0.62 * hashed(cell, salt))
    half = wide * (0.36 + 0.13 * hashed(cell, salt + 1))
    roof = canvas.horizon + foot - height
    across = x - middle
    # a narrower top on some of the towers, and a mast on others
    setback = (hashed(cell, salt + 2) > 0.5).float()
    narrow = torch.where(y < roof + height * 0.22, half * (1 - 0.38 * setback), half)
    body = canvas.edge(across.abs() - narrow) * canvas.edge(roof - y)
    mast = (hashed(cell, salt + 3) > 0.62).float() * (depth > 0.3)
    body = torch.maximum(body, canvas.edge(across.abs() - 0.006) * canvas.edge(roof - 0.07 - y) * mast)
    tone = mix(
        land.lit(tint(shade, canvas), depth, 0.9),
        land.lit(tint(face, canvas), depth),
        step(across * land.light_side, -0.02, 0.02).unsqueeze(2),
    )
    tone = tone * (0.86 + 0.24 * hashed(cell, salt + 4)).unsqueeze(2)
    canvas.paint(body, tone)

    # windows, few and large: about 8 by 9 pixels
    pitch_x, pitch_y = half / (1.5 if depth > 0.3 else 1.0), 0.062 + 0.02 * depth
    column = torch.floor((across + half) / pitch_x)
    row = torch.floor((y - roof) / pitch_y)
    fx = ((across + half) / pitch_x - column - 0.5).abs() * pitch_x
    fy = ((y - roof) / pitch_y - row - 0.5).abs() * pitch_y
    pane = canvas.edge(fx - pitch_x * 0.30) * canvas.edge(fy - pitch_y * 0.30)
    index = cell * 13.0 + column * 3.7 + row * 7.9
    outer = ((column + 0.5) * pitch_x - half).abs() + pitch_x * 0.30
    inside = (outer < narrow) * (across.abs() < half) * (y > roof) * (y < canvas.horizon + foot)
    on = (hashed(index, salt + 5) < 0.12 + 0.50 * dim).float()
    pane = pane * inside
    kind = (hashed(cell, salt + 6) * 3.99).floor()
    lamp = torch.zeros(1, 1, 3, 1, 1, device=canvas.device)
    for i, name in enumerate(_WINDOW):
        lamp = lamp + (kind == i).unsqueeze(2) * tint(name, canvas)
    glass = mix(tone * 0.80, land.sky.stops[:, 1:2], 0.20)
    canvas.paint(pane * (1 - on), glass, 0.15)
    canvas.paint(pane * on * (0.25 + 0.70 * dim) * (0.5 + 0.5 * depth), lamp, 0.25)
    _neon(canvas, across, y, cell, half, roof, height, salt, depth)


def _neon(
    canvas: Canvas,
    across: Tensor,
    y: Tensor,
    cell: Tensor,
    half: Tensor,
    roof: Tensor,
    height: Tensor,
    salt: Tensor,
    depth: float,
) -> None:
    lit = canvas.flag("time", "night") + 0.45 * canvas.flag("time", "sunset")
    chosen = (hashed(cell, salt + 8) < (0.36 if depth > 0.3 else 0.12)).float() * lit
    kind = (hashed(cell, salt + 9) * 5.99).floor()
    tone = torch.zeros(1, 1, 3, 1, 1, device=canvas.device)
    table = colours(_NEON).to(canvas.device)
    for i in range(len(_NEON)):
        tone = tone + (kind == i).unsqueeze(2) * table[i].view(1, 1, 3, 1, 1)
    upright = (hashed(cell, salt + 10) > 0.35).float()
    side = torch.where(hashed(cell, salt + 12) > 0.5, 1.0, -1.0)
    place = side * half * 0.82
    top, bottom = roof + height * 0.16, roof + height * 0.72
    vertical = (across - place).abs() - 0.019
    vertical = torch.maximum(vertical, torch.maximum(top - y, y - bottom))
    bar = (y - roof - 0.025).abs() - 0.016
    bar = torch.maximum(bar, across.abs() - half * 0.9)
    distance = torch.where(upright > 0.5, vertical, bar)
    pulse = 0.94 + 0.06 * torch.sin(canvas.seconds * 2 + cell)
    halo = torch.exp(-distance.clamp(min=0) * 22) * chosen * pulse
    canvas.glow(halo * 0.42 * (0.5 + 0.5 * depth), tone)
    white = torch.ones(1, 1, 3, 1, 1, device=canvas.device)
    canvas.paint(canvas.edge(distance) * chosen * (0.6 + 0.4 * depth), mix(tone, white, 0.18), 0.4)
