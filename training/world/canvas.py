"""A batch of clips being painted, and the camera that looks at them.

Letters: B clips, T frames, H rows, W columns. Lengths are in units of the shorter side; y grows downwards.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from training.scenes import Scene

TAU = 2 * math.pi


def step(x: Tensor, low: float | Tensor, high: float | Tensor) -> Tensor:
    """A smooth 0-to-1 ramp between `low` and `high` (which may be the larger)."""
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def mix(a: Tensor, b: Tensor | float, t: Tensor | float) -> Tensor:
    """`a` where t is 0, `b` where it is 1."""
    return a + (b - a) * t


def parallax(depth: float) -> float:
    """The share of the camera's move that shows at a depth."""
    return 0.25 + 0.75 * depth


def colours(names: list[str]) -> Tensor:
    """Hex colours as [n 3] in 0..1."""
    return torch.tensor([[int(n[i : i + 2], 16) / 255 for i in (0, 2, 4)] for n in names])


class Canvas:
    """`image` [B T 3 H W] and `focus` [B T 1 H W] (where small things are), with a camera of its own."""

    def __init__(
        self, scenes: list[Scene], frames: int, height: int, width: int, device: str, seed: int
    ) -> None:
        self.scenes, self.device = scenes, device
        self.batch, self.frames, self.height, self.width = len(scenes), frames, height, width
        self.random = torch.Generator(device).manual_seed(seed)
        self.unit = min(height, width)
        self.bottom = height / self.unit
        self.half_width = width / self.unit / 2
        self.horizon = 0.62 * self.bottom
        self.seconds = torch.arange(frames, device=device).view(1, -1, 1, 1) / 12
        self.from_middle = self.seconds - (frames - 1) / 24
        self.calm = max(1.0, (frames - 1) / 24) ** -0.4  # what crosses a longer clip goes slower
        self.narrow = min(1.0, self.half_width / 0.83)
        columns = (torch.arange(width, device=device) + 0.5 - width / 2) / self.unit
        rows = (torch.arange(height, device=device) + 0.5) / self.unit
        self.columns, self.rows = columns.view(1, 1, 1, -1), rows.view(1, 1, -1, 1)
        self._aim()
        shape = (self.batch, frames, 3, height, width)
        self.image = torch.zeros(shape, device=device)
        self.focus = torch.zeros((self.batch, frames, 1, height, width), device=device)

    def _aim(self) -> None:
        moves = {
            "pan_left": (-1, 0, 0),
            "pan_right": (1, 0, 0),
            "zoom_in": (0, 0, 1),
            "zoom_out": (0, 0, -1),
            "tilt_up": (0, -1, 0),
            "tilt_down": (0, 1, 0),
        }
        aim = torch.tensor([moves.get(s.camera, (0, 0, 0)) for s in self.scenes], device=self.device)
        aim = aim.view(self.batch, 3, 1, 1, 1).float()
        progress = self.from_middle / 2 * self.calm
        pace = self.uniform(0.9, 1.15)
        self.pan = aim[:, 0] * progress * 0.64 * self.narrow**0.5 * pace
        self.tilt = aim[:, 1] * progress * 0.24 * pace
        self.zoom = torch.exp(aim[:, 2] * progress * 0.50 * pace)
        spread = aim[:, 2].abs() * 0.16 * pace
        self.zoom = self.zoom * torch.exp(spread)  # zooms stay inside the picture

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """One number a clip, [B 1 1 1], or [B *shape 1 1 1]."""
        size = (self.batch, *shape, 1, 1, 1)
        return torch.rand(size, generator=self.random, device=self.device) * (high - low) + low

    def chosen(self, names: dict[str, list[str]], attribute: str = "time") -> Tensor:
        """Per clip the colours listed under its attribute: [B n 3 1 1]."""
        table = torch.stack([colours(names[getattr(s, attribute)]) for s in self.scenes])
        return table.to(self.device)[..., None, None]

    def flag(self, attribute: str, *values: str) -> Tensor:
        """1 for the clips whose attribute is one of `values`, [B 1 1 1]."""
        hits = [float(getattr(s, attribute) in values) for s in self.scenes]
        return torch.tensor(hits, device=self.device).view(-1, 1, 1, 1)

    def at(self, depth: float) -> tuple[Tensor, Tensor]:
        """World x [B T 1 W] and y [B T H 1] at a depth: 0 is the sky, 1 the nearest ground."""
        zoom = self.zoom_at(depth)
        x = self.columns / zoom + self.pan * parallax(depth)
        y = (self.rows - self.horizon) / zoom + self.horizon + self.tilt
        return x, y

    def zoom_at(self, depth: float) -> Tensor:
        """How much larger things at a depth look, [B T 1 1]."""
        return 1 + (self.zoom - 1) * parallax(depth)

    def room(self, depth: float) -> Tensor:
        """How far from the middle, in world x, the camera sees all clip long: [B 1 1 1]."""
        zoom = self.zoom_at(depth).amax(1, True).clamp(min=1)
        return self.half_width / zoom - self.pan.abs().amax(1, True) * parallax(depth)

    def ceiling(self, depth: float) -> Tensor:
        """The highest world y that the camera sees all clip long: [B 1 1 1]."""
        top = self.horizon - self.horizon / self.zoom_at(depth) + self.tilt
        return top.amax(1, True).clamp(min=0)

    def edge(self, distance: Tensor, soft: float = 1.0) -> Tensor:
        """Opacity of a shape from its signed distance, about a pixel soft."""
        return (0.5 - distance * (self.unit / soft)).clamp(0, 1)

    def paint(self, opacity: Tensor, colour: Tensor, notable: float = 0.0) -> None:
        """Lay `colour` [.. 3 ..] over the image where `opacity` [B T H W] says; fewer rows are the lowest."""
        cover = opacity.unsqueeze(2)
        self.image[..., self.height - opacity.shape[2] :, :].lerp_(colour, cover)
        if notable:
            self.focus = torch.maximum(self.focus * (1 - cover), cover * notable)

    def glow(self, amount: Tensor, colour: Tensor) -> None:
        """Add light."""
        self.image.addcmul_(amount.unsqueeze(2), colour)

    def waves(self, x: Tensor, roughness: float, octaves: int = 5, base: float = 2.0) -> Tensor:
        """A smooth random line over x, about -1..1."""
        total = torch.zeros_like(x)
        for octave in range(octaves):
            frequency = base * 1.83**octave
            phase = self.uniform(0, TAU)
            pace = self.uniform(0.85, 1.15) * frequency
            total = total + torch.sin(x * pace + phase) * roughness**octave
        return total * (1 - roughness)

    def cloudy(self, x: Tensor, y: Tensor) -> Tensor:
        """Soft noise in 0..1 over the plane, [B T H W]; one period is 4 units."""
        texture = _texture(self.device)
        grid = torch.stack(torch.broadcast_tensors(x / 4, y / 4), -1)
        grid = (grid % 1) * 2 - 1
        grid = grid * (1 - 2 / texture.shape[-1])
        flat = grid.flatten(0, 1)
        sampled = grid_sample(texture.expand(len(flat), -1, -1, -1), flat, align_corners=True)
        return sampled.view(self.batch, self.frames, self.height, self.width)

    def fetch(self, x: Tensor, y: Tensor, smear: tuple[int, int] = (1, 1)) -> Tensor:
        """The image so far, read at screen positions x, y (units): [B T 3 H W]."""
        x, y = torch.broadcast_tensors(x / self.half_width, y / self.bottom * 2 - 1)
        grid = torch.stack((x, y), -1).expand(self.batch, self.frames, -1, -1, -1).flatten(0, 1)
        image = self.image.flatten(0, 1)
        if smear != (1, 1):
            image = avg_pool2d(image, smear)
        flat = grid_sample(image, grid, padding_mode="border", align_corners=False)
        return flat.view_as(self.image)


def hashed(x: Tensor, salt: float | Tensor = 0.0) -> Tensor:
    """A fixed random number in 0..1 for each whole number."""
    return torch.frac(torch.sin(x * 12.9898 + salt * 4.1414 + 0.37) * 4375.5453).abs()


_textures: dict[str, Tensor] = {}


def _texture(device: str) -> Tensor:
    """Tiling noise [1 1 513 513]: five octaves from random spectra, spread to 0..1."""
    if device not in _textures:
        size = 512
        generator = torch.Generator().manual_seed(5)
        f = torch.fft.fftfreq(size) * size
        radius = torch.sqrt(f[:, None] ** 2 + f[None] ** 2).clamp(min=1)
        spectrum = radius**-1.75 * (radius >= 4) * torch.exp(-((radius / 70) ** 2))
        noise = torch.fft.ifft2(torch.fft.fft2(torch.randn(size, size, generator=generator)) * spectrum).real
        ranks = noise.flatten().argsort().argsort().view(size, size) / size**2
        tiled = torch.cat((ranks, ranks[:1]), 0)
        tiled = torch.cat((tiled, tiled[:, :1]), 1)
        _textures[device] = tiled[None, None].to(device)
    return _textures[device]
