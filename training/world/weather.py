"""What lies between the viewer and the land: fog, rain, snow."""

from __future__ import annotations

import torch

from training.world.canvas import Canvas, hashed, mix, step
from training.world.land import Land, tint


def paint_fog(canvas: Canvas, land: Land) -> None:
    x, y = canvas.at(0.6)
    drift = canvas.seconds * canvas.uniform(0.01, 0.025)
    banks = canvas.cloudy(x * 0.8 + drift + canvas.uniform(0, 4), y * 2.2 + canvas.uniform(0, 4))
    low = step(y, canvas.horizon - 0.42, canvas.horizon + 0.02)
    near = step(y, canvas.horizon + 0.04, canvas.horizon + 0.34)
    opacity = (0.26 + 0.42 * low - 0.30 * near) * (0.60 + 0.65 * banks)
    opacity = opacity * (1 - 0.55 * canvas.focus[:, :, 0])  # things stay themselves, though paler
    pale = mix(land.sky.haze, land.sky.light, 0.28)
    canvas.paint(opacity.clamp(max=0.9), pale)


def paint_rain(canvas: Canvas, land: Land) -> None:
    tone = mix(land.sky.haze, tint("ffffff", canvas), 0.45)
    for layer, (cell, length, thick, speed, strength) in enumerate(
        ((0.130, 0.26, 0.0085, 0.80, 0.46), (0.230, 0.38, 0.0125, 1.05, 0.66))
    ):
        salt = canvas.uniform(0, 70) + layer
        x = canvas.columns + canvas.rows * 0.16 + canvas.pan * 0.6
        index = torch.floor(x / cell)
        centre = (index + 0.25 + 0.5 * hashed(index, salt)) * cell
        period = 0.72 + 0.3 * hashed(index, salt + 1)
        fall = canvas.rows - canvas.seconds * speed * (0.9 + 0.2 * hashed(index, salt + 2))
        place = torch.remainder(fall + hashed(index, salt + 3) * 3, period)
        along = step(place, 0.0, length * 0.35) * step(place, length, length * 0.8)
        across = canvas.edge((x - centre).abs() - thick / 2, 1.8)
        canvas.paint(across * along * strength, tone, 0.35)


def paint_snow(canvas: Canvas, land: Land) -> None:
    white = mix(tint("ffffff", canvas), land.sky.light, 0.35 * land.sky.night.unsqueeze(2))
    for layer, (cell, size, speed, strength) in enumerate(
        ((0.225, 0.0200, 0.10, 0.86), (0.370, 0.0290, 0.16, 0.95))
    ):
        salt = canvas.uniform(0, 70) + layer
        x = canvas.columns + canvas.pan * (0.4 + 0.2 * layer) + 0.03 * canvas.seconds
        y = canvas.rows - canvas.seconds * speed
        i, j = torch.floor(x / cell), torch.floor(y / cell)
        index = i * 17.0 + j * 31.0
        sway = 0.10 * torch.sin(canvas.seconds * 1.6 + hashed(index, salt) * 6.3)
        cx = (i + 0.5 + 0.23 * (hashed(index, salt + 1) * 2 - 1) + sway) * cell
        cy = (j + 0.5 + 0.30 * (hashed(index, salt + 2) * 2 - 1)) * cell
        distance = ((x - cx) ** 2 + (y - cy) ** 2).sqrt()
        radius = size * (0.8 + 0.4 * hashed(index, salt + 3))
        flake = step(distance, radius * 1.45, radius * 0.45) * (hashed(index, salt + 4) > 0.1)
        canvas.paint(flake * strength, white, 0.35)


PAINTERS = {"fog": paint_fog, "rain": paint_rain, "snow": paint_snow}
