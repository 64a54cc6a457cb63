"""Seas, lakes and wet streets: what is above, mirrored and broken by ripples."""

from __future__ import annotations

import torch
from torch import Tensor

from training.world.canvas import TAU, Canvas, hashed, mix, step
from training.world.land import Land, tint
from training.world.sky import Sky

_WATER = {
    "dawn": ["7f8fb8", "40557f"],
    "day": ["3f93cc", "135a94"],
    "sunset": ["a8506a", "2e2450"],
    "night": ["1b2c66", "070d2a"],
}


def mirror(
    canvas: Canvas,
    shore: Tensor,
    strength: Tensor | float,
    ripple: float,
    body: Tensor,
    smear: tuple[int, int] = (1, 1),
) -> None:
    """Below `shore` (screen y) lay the upside-down picture over the colour `body`."""
    depth = (canvas.rows - shore).clamp(min=0)
    wave = torch.sin(canvas.rows / (0.012 + 0.10 * depth) + canvas.seconds * 3.2)
    shift = ripple * wave * (0.15 + depth * 2.2)
    image = canvas.fetch(canvas.columns + shift, shore - depth * 1.12 - 0.004, smear)
    colour = mix(body.expand_as(image), image, strength)
    canvas.paint(canvas.edge(shore - canvas.rows), colour)
    canvas.focus = canvas.focus * (1 - canvas.edge(shore - canvas.rows).unsqueeze(2))


def shore_at(canvas: Canvas, depth: float, foot: float) -> Tensor:
    """Where a level line of the ground stands on the screen, [B T 1 1]."""
    return (foot - canvas.tilt) * canvas.zoom_at(depth) + canvas.horizon


def water_body(canvas: Canvas, sky: Sky, shore: Tensor) -> Tensor:
    """Water's own colour: light far away, deep in front."""
    pair = canvas.chosen(_WATER)
    pair = mix(pair, sky.stops[:, 1:] * 0.72, 0.35 + 0.4 * sky.grey)
    near = ((canvas.rows - shore) / 0.40).clamp(0, 1).unsqueeze(2)
    return mix(pair[:, :1], pair[:, 1:], near)


def glitter(canvas: Canvas, sky: Sky, shore: Tensor, amount: float) -> None:
    """The sun's or the moon's path on the water."""
    if sky.weather in ("rain", "snow"):
        return
    x, _ = canvas.at(0.0)
    depth = (canvas.rows - shore).clamp(min=0)
    wide = 0.05 + 0.30 * depth
    path = torch.exp(-(((x - sky.side) / wide) ** 2))
    bands = torch.sin(
        canvas.rows / (0.010 + 0.055 * depth) * 0.9 - canvas.seconds * 2.4 + torch.sin(x * 9) * 1.2
    )
    sparkle = step(bands, -0.1, 0.75)
    shown = 1 - sky.night + canvas.flag("light", "moon")
    below = canvas.edge(shore - canvas.rows)
    white = torch.ones(1, 1, 3, 1, 1, device=canvas.device)
    canvas.paint(path * sparkle * below * shown * amount, mix(sky.glow, white, 0.3))


def swell(canvas: Canvas, sky: Sky, shore: Tensor) -> None:
    """Long bands of waves that roll toward the viewer."""
    zoom = canvas.zoom_at(0.7)
    depth = (canvas.rows - shore).clamp(min=0.0) / zoom
    nearness = 0.25 + 1.9 * depth  # rows near the viewer move more with the camera
    x = canvas.columns / zoom / nearness + canvas.pan
    level = torch.log(depth + 0.035) * 9.5
    bend = 0.9 * torch.sin(x * 1.9 + canvas.seconds * 0.3) + 0.7 * torch.sin(x * 4.3 + level * 0.4)
    phase = level - canvas.seconds * 1.8 + bend
    band = torch.sin(phase)
    crest = step(band, 0.55, 0.95) * step(depth, 0.0, 0.05)
    trough = step(band, -0.2, -0.95) * step(depth, 0.0, 0.05)
    below = canvas.edge(shore - canvas.rows)
    big = canvas.uniform(0.75, 1.5)
    canvas.paint(crest * below * 0.32 * big, sky.stops[:, 2:] * 0.98)
    canvas.paint(trough * below * 0.30 * big, canvas.chosen(_WATER)[:, 1:] * 0.8)
    wave = torch.floor(phase / TAU + 0.25)  # its number: every crest keeps its own whitecaps
    cell = torch.floor(x / 0.42 + wave * 0.37)
    place = x / 0.42 + wave * 0.37 - cell - 0.5
    foam = step(place.abs(), 0.36, 0.10) * step(band, 0.62, 0.92) * step(depth, 0.012, 0.06)
    foam = foam * (hashed(cell + wave * 19.0, 3.0) < 0.30 + 0.25 * big)
    white = torch.ones(1, 1, 3, 1, 1, device=canvas.device)
    canvas.paint(foam * below * 0.62, mix(sky.stops[:, 2:], white * sky.light, 0.5))


def paint_sea(canvas: Canvas, land: Land) -> None:
    shore = shore_at(canvas, 0.2, 0.0)
    mirror(canvas, shore, 0.38, 0.02, water_body(canvas, land.sky, shore))
    swell(canvas, land.sky, shore)
    glitter(canvas, land.sky, shore, 0.85)


def paint_lake(canvas: Canvas, land: Land) -> None:
    land.peaks(0.18, 0.03, 0.38, 5, "8a93b8", "65719f")
    land.peaks(0.40, 0.06, 0.24, 6, "74879a", "4d5d78")
    bank = ("e8eef6", "c4d2e6") if land.snowy else ("4f8a55", "2c6142")
    land.ridge(0.50, 0.065, 0.035, *bank)
    land.conifers(0.52, 0.06, 0.075, 0.040, "254f40", 0.85)
    shore = shore_at(canvas, 0.52, 0.065)
    mirror(canvas, shore, 0.68, 0.012, water_body(canvas, land.sky, shore))
    glitter(canvas, land.sky, shore, 0.55)
    line = canvas.edge((canvas.rows - shore).abs() - 0.004)
    canvas.paint(line * 0.5, land.lit(tint("e6f2ff", canvas), 0.7).expand(-1, canvas.frames, -1, 1, 1))
