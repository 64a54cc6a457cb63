"""Mountains, hills, dunes, forests, snowfields and their far ridges."""

from __future__ import annotations

import torch
from torch import Tensor

from training.world.canvas import Canvas, colours, hashed, mix, step
from training.world.sky import Sky


def tint(name: str, canvas: Canvas) -> Tensor:
    """One hex colour, ready to be painted with."""
    return colours([name]).to(canvas.device).view(1, 1, 3, 1, 1)


class Land:
    """Paints ground in daylight colours, lit by the sky."""

    def __init__(self, canvas: Canvas, sky: Sky) -> None:
        self.canvas, self.sky = canvas, sky
        self.snowy = sky.weather == "snow" or canvas.scenes[0].terrain == "snowfield"
        self.light_side = torch.sign(sky.side)
        whiter = 0.65 * sky.low_sun.unsqueeze(2) if canvas.scenes[0].terrain == "snowfield" else 0.0
        self.light = mix(sky.light, torch.ones_like(sky.light), whiter)  # snow is no sand, also at sunset

    def lit(self, colour: Tensor, depth: float, brightness: Tensor | float = 1.0) -> Tensor:
        """A ground colour under this sky's light, fading into haze with distance."""
        colour = colour * self.light * brightness
        fade = (1 - depth) ** 1.5 * (0.78 + 0.1 * self.sky.grey)
        return mix(colour, self.sky.haze * 0.96, fade)

    def peaks(self, depth: float, foot: float, size: float, count: int, rock: str, rock_shade: str) -> None:
        """A row of triangular mountains with snow on top, one face lit and one in shade."""
        canvas = self.canvas
        x, y = canvas.at(depth)
        span = canvas.half_width + 0.55
        slots = torch.linspace(-span, span, count, device=canvas.device).view(1, count, 1, 1, 1)
        jitter = canvas.uniform(-0.45, 0.45, count) * (2 * span / count)
        centres = slots + jitter  # [B n 1 1 1]
        heights = size * canvas.uniform(0.55, 1.1, count)
        slopes = canvas.uniform(0.75, 1.15, count)
        ripple = canvas.waves(x * 2.2, 0.6, 3, 5.0) * 0.018
        crest = heights - (x.unsqueeze(1) - centres).abs() * slopes  # [B n T 1 W]
        crest, owner = crest.max(1)
        take = owner.unsqueeze(1)
        centre = torch.gather(centres.expand(-1, -1, *x.shape[1:]), 1, take).squeeze(1)
        summit = torch.gather(heights.expand(-1, -1, *x.shape[1:]), 1, take).squeeze(1)
        base = canvas.horizon + foot
        above = base - y
        inside = canvas.edge(above - crest - ripple)
        wiggle = 0.035 * torch.sin(above * 24 + summit * 40) + 0.02 * torch.sin(above * 55 + summit * 90)
        face = step((x - centre) * self.light_side + wiggle, -0.012, 0.012)
        rock_colour = mix(
            self.lit(tint(rock_shade, canvas), depth),
            self.lit(tint(rock, canvas), depth, 1.1),
            face.unsqueeze(2),
        )
        line = 0.42 if self.snowy else 0.62
        jag = 0.035 * torch.sin(x * 34 + summit * 70) + 0.022 * torch.sin(x * 71)
        snow = step(above + jag, summit * line - 0.012, summit * line + 0.012) * (summit > 0.13)
        snow_colour = mix(
            self.lit(tint("9fb4dc", canvas), depth, 1.05),
            self.lit(tint("ffffff", canvas), depth, 1.08),
            face.unsqueeze(2),
        )
        colour = mix(rock_colour, snow_colour, snow.unsqueeze(2))
        mist = step(above, 0.16, -0.02).unsqueeze(2) * 0.55 * (1 - depth)
        canvas.paint(inside, mix(colour, self.sky.haze, mist))

    def ridge(
        self,
        depth: float,
        foot: float,
        size: float,
        near: str,
        far: str,
        rough: float = 0.42,
        base: float = 2.2,
    ) -> Tensor:
        """Rolling ground: `near` colour at its crest, `far` below; gives back its height over x."""
        canvas = self.canvas
        x, y = canvas.at(depth)
        crest = canvas.horizon + foot - size * (0.5 + 0.5 * canvas.waves(x, rough, 4, base))
        below = y - crest
        colour = mix(
            self.lit(tint(near, canvas), depth, 1.06),
            self.lit(tint(far, canvas), depth, 0.92),
            step(below, 0.0, 0.22).unsqueeze(2),
        )
        canvas.paint(canvas.edge(-below), colour)
        return crest

    def dunes(self, depth: float, foot: float, size: float) -> None:
        """Sand with sharp crests: a lit face and a shaded one."""
        canvas = self.canvas
        x, y = canvas.at(depth)
        phase = x * canvas.uniform(1.5, 2.3) + canvas.uniform(0, 6) + 0.5 * canvas.waves(x, 0.5, 2, 1.3)
        bump = 1 - torch.sin(phase).abs() ** 1.25
        slow = 0.5 + 0.5 * canvas.waves(x, 0.5, 2, 1.1)
        crest = canvas.horizon + foot - size * (0.25 + bump * (0.35 + 0.65 * slow))
        below = y - crest
        slanted = phase + self.light_side * below * (
            3.0 + torch.sin(below * 16)
        )  # the crest line winds downhill
        away = -torch.sin(slanted) * torch.cos(slanted) * self.light_side
        shade = step(away, -0.02, 0.03) * step(away, -0.02, 0.35) ** 0.3 * step(below, size * 1.3, 0.0) * 0.8
        sand = mix(
            self.lit(tint("f6c878", canvas), depth, 1.08),
            self.lit(tint("d9964e", canvas), depth),
            step(below, 0.0, 0.3).unsqueeze(2),
        )
        if self.snowy:
            sand = mix(sand, self.lit(tint("f4f4fa", canvas), depth), 0.55)
        colour = mix(sand, self.lit(tint("8f5836", canvas), depth), shade.unsqueeze(2))
        canvas.paint(canvas.edge(-below), colour)

    def conifers(
        self, depth: float, foot: Tensor | float, tall: float, spacing: float, dark: str, share: float = 1.0
    ) -> None:
        """A row of pointed trees standing on `foot` (below the horizon)."""
        canvas = self.canvas
        x, y = canvas.at(depth)
        salt = canvas.uniform(0, 60)
        cell = torch.floor(x / spacing)
        cover = torch.zeros(canvas.batch, canvas.frames, canvas.height, canvas.width, device=canvas.device)
        snow = torch.zeros_like(cover)
        for neighbour in (-1, 0, 1):
            index = cell + neighbour
            present = (hashed(index, salt + 11) < share).float()
            height = tall * (0.62 + 0.5 * hashed(index, salt)) * present
            middle = (index + 0.25 + 0.5 * hashed(index, salt + 2)) * spacing
            root = canvas.horizon + foot + 0.03 * tall
            part = ((y - root + height) / height.clamp(min=1e-3)).clamp(min=0)  # 0 at the tip, 1 at the root
            tier = torch.frac(part * 3.6)
            half = height * 0.25 * (0.10 + 0.90 * part) * (0.74 + 0.32 * tier)
            distance = (x - middle).abs() - half
            inside = canvas.edge(distance) * step(y, root - height - 0.004, root - height + 0.004) * present
            inside = inside * (part < 1.05)
            cover = torch.maximum(cover, inside)
            if self.snowy:
                snow = torch.maximum(
                    snow, inside * step(tier + 0.5 * (distance / half.clamp(min=1e-4) + 1), 0.44, 0.30)
                )
        colour = self.lit(tint(dark, canvas), depth)
        canvas.paint(cover, colour)
        if self.snowy:
            canvas.paint(snow * 0.85, self.lit(tint("f2f6ff", canvas), min(1.0, depth + 0.1)))

    def scatter(
        self, depth: float, foot: float, size: float, spacing: float, colour: str, share: float
    ) -> None:
        """Low round bushes or stones here and there on the ground."""
        canvas = self.canvas
        x, y = canvas.at(depth)
        salt = canvas.uniform(0, 60)
        y = y[:, :, canvas.height // 2 :]  # the ground is never above
        cell = torch.floor(x / spacing)
        wide = size * (0.7 + 0.6 * hashed(cell, salt)) * (hashed(cell, salt + 1) < share)
        u = x - (cell + 0.3 + 0.4 * hashed(cell, salt + 2)) * spacing
        up = canvas.horizon + foot + 0.05 * hashed(cell, salt + 3) - y
        wide = wide.clamp(min=1e-3)
        bulge = torch.sqrt((u / wide) ** 2 + (up / (0.62 * wide)) ** 2) - 1
        body = canvas.edge(torch.maximum(bulge * wide * 0.7, -up)) * (wide > 2e-3)
        top = step(up / wide - 0.3 * u / wide * self.light_side, 0.1, 0.5).unsqueeze(2)
        paint = self.lit(tint(colour, canvas), depth)
        crown = self.lit(tint("f4f8ff", canvas), depth) if self.snowy else paint * 1.25
        canvas.paint(body, mix(paint, crown, top))


def paint_mountains(canvas: Canvas, land: Land) -> None:
    land.peaks(0.18, 0.02, 0.40, 5, "8a93b8", "6a75a4")
    land.peaks(0.42, 0.08, 0.30, 6, "7d8a9c", "55617e")
    near, far = ("e8eef6", "c4d2e6") if land.snowy else ("5f9e58", "2f6b3e")
    land.ridge(0.66, 0.12, 0.09, near, far)
    land.conifers(0.72, 0.155, 0.085, 0.055, "2c5a44", 0.8)
    land.ridge(0.92, 0.24, 0.09, near, far, base=1.7)
    land.scatter(0.95, 0.29, 0.045, 0.34, "2f6a44", 0.7)


def paint_hills(canvas: Canvas, land: Land) -> None:
    if land.snowy:
        tones = [("e6edf4", "cdd9e8"), ("e4ebf2", "c2d2c8"), ("dfe8ee", "a9c0aa"), ("e8eef2", "9ab898")]
    else:
        tones = [("93c49a", "6fae84"), ("8fcf6e", "5aa552"), ("7cc656", "459343"), ("6dbb48", "36803a")]
    for i, (near, far) in enumerate(tones):
        land.ridge(0.3 + 0.22 * i, 0.0 + 0.085 * i, 0.13 - 0.012 * i, near, far, 0.36, 2.6 - 0.4 * i)
        if i == 1:
            land.conifers(0.56, 0.055, 0.07, 0.16, "3f7d48", 0.5)
        if i == 2:
            land.scatter(0.8, 0.20, 0.045, 0.30, "2f7a3c", 0.7)


def paint_desert(canvas: Canvas, land: Land) -> None:
    land.dunes(0.35, 0.015, 0.09)
    land.dunes(0.62, 0.11, 0.13)
    land.scatter(0.7, 0.15, 0.032, 0.30, "7c7a44", 0.6)
    land.dunes(0.92, 0.27, 0.17)
    land.scatter(0.96, 0.30, 0.05, 0.42, "6f6a38", 0.65)


def paint_forest(canvas: Canvas, land: Land) -> None:
    land.ridge(0.2, -0.02, 0.12, "6f9a86", "5a8a78")
    ground = ("eef2f8", "cfdcec") if land.snowy else ("4f7d40", "2c5a34")
    for depth, foot, tall, spacing, dark in (
        (0.38, 0.02, 0.20, 0.070, "4f8a68"),
        (0.60, 0.09, 0.31, 0.115, "34704e"),
        (0.90, 0.24, 0.50, 0.210, "1c4a34"),
    ):
        land.conifers(depth, foot, tall, spacing, dark, 0.92)
        land.ridge(depth + 0.03, foot + 0.04, 0.03, *ground, base=1.5)


def paint_snowfield(canvas: Canvas, land: Land) -> None:
    land.peaks(0.15, 0.0, 0.17, 5, "9fb0d0", "7c8fbc")
    land.ridge(0.45, 0.05, 0.07, "f6f9ff", "d3e0f2", 0.36, 1.9)
    land.conifers(0.52, 0.045, 0.10, 0.20, "3d6660", 0.55)
    land.ridge(0.70, 0.14, 0.08, "fafcff", "cfdcf0", 0.36, 1.6)
    land.conifers(0.80, 0.15, 0.17, 0.42, "2f5850", 0.5)
    land.ridge(0.95, 0.27, 0.09, "ffffff", "c6d6ee", 0.36, 1.3)
    land.scatter(0.97, 0.30, 0.05, 0.38, "6c7a94", 0.65)
