"""What lies between the viewer and the land: fog, rain, snow."""

from __future__ import annotations

import torch

from training.world.canvas import Canvas, hashed, mix, step
from training.world.land import Land, tint


def paint_fog(canvas: Canvas, land: Land) -> None:
    x, y = canvas.at(0.6)
    drift = canvas.seconds * canvas.uniform(0.05, 0.12)
    banks = canvas.cloudy(x * 0.8 + drift + canvas.uniform(0, 4), y * 2.2 + canvas.uniform(0, 4))
    low = step(y, canvas.horizon - 0.42, canvas.horizon + 0.02)
    opacity = (0.30 + 0.45 * low) * (0.55 + 0.75 * banks)
    pale = mix(land.sky.haze, land.sky.light, 0.28)
    canvas.paint(opacity.clamp(max=0.9), pale)
    canvas.focus = canvas.focus * 0.6


def paint_rain(canvas: Canvas, land: Land) -> None:
    tone = mix(land.sky.haze, tint("ffffff", canvas), 0.45)
    for layer, (cell, length, thick, speed, strength) in enumerate(
        ((0.085, 0.17, 0.0052, 0.85, 0.50), (0.150, 0.26, 0.0078, 1.15, 0.72))
    ):
        salt = canvas.uniform(0, 70) + layer
        x = canvas.columns + canvas.rows * 0.16 + canvas.pan * 0.6
        index = torch.floor(x / cell)
        centre = (index + 0.25 + 0.5 * hashed(index, salt)) * cell
        period = 0.62 + 0.3 * hashed(index, salt + 1)
        fall = canvas.rows - canvas.seconds * speed * (0.9 + 0.2 * hashed(index, salt + 2))
        place = torch.remainder(fall + hashed(index, salt + 3) * 3, period)
        along = step(place, 0.0, length * 0.35) * step(place, length, length * 0.8)
        across = canvas.edge((x - centre).abs() - thick / 2, 1.2)
        canvas.paint(across * along * strength, tone, 0.35)


def paint_snow(canvas: Canvas, land: Land) -> None:
    white = mix(tint("ffffff", canvas), land.sky.light, 0.35 * land.sky.night.unsqueeze(2))
    for layer, (cell, size, speed, strength) in enumerate(
        ((0.165, 0.0135, 0.11, 0.88), (0.31, 0.0215, 0.18, 0.96))
    ):
        salt = canvas.uniform(0, 70) + layer
        x = canvas.columns + canvas.pan * (0.4 + 0.2 * layer) + 0.03 * canvas.seconds
        y = canvas.rows - canvas.seconds * speed
        i, j = torch.floor(x / cell), torch.floor(y / cell)
        index = i * 17.0 + j * 31.0
        sway = 0.12 * torch.sin(canvas.seconds * 2.2 + hashed(index, salt) * 6.3)
        cx = (i + 0.5 + 0.24 * (hashed(index, salt + 1) * 2 - 1) + sway) * cell
        cy = (j + 0.5 + 0.30 * (hashed(index, salt + 2) * 2 - 1)) * cell
        distance = ((x - cx) ** 2 + (y - cy) ** 2).sqrt()
        radius = size * (0.8 + 0.4 * hashed(index, salt + 3))
        flake = step(distance, radius * 1.25, radius * 0.65) * (hashed(index, salt + 4) > 0.15)
        canvas.paint(flake * strength, white, 0.35)


PAINTERS = {"fog": paint_fog, "rain": paint_rain, "snow": paint_snow}
