"""Sky, sun, moon, stars, clouds, aurora, rainbow."""

from __future__ import annotations

import torch
from torch import Tensor

from training.world.canvas import Canvas, colours, hashed, mix, step

_SKIES = {  # two moods for each time: zenith, middle, horizon
    "dawn": (["6f86c6", "d7a9cf", "ffe0c4"], ["8fa8dc", "f2bccb", "fff0cf"]),
    "day": (["2273d4", "62b0f0", "cfeaf8"], ["1f86dc", "7cc6f2", "e6f4f4"]),
    "sunset": (["43297a", "dd4f6c", "ffb03f"], ["5a2f78", "f0663f", "ffd257"]),
    "night": (["050a24", "0e1c52", "27418a"], ["0a0a2a", "1b1a58", "3a3f90"]),
}
_LIGHT = {"dawn": ["ffdcd8"], "day": ["fffaf0"], "sunset": ["ffb184"], "night": ["5a6cb4"]}
_CLOUD = {  # lit side, shaded side
    "dawn": ["fff1e6", "c9a3c4"],
    "day": ["ffffff", "a9c1dc"],
    "sunset": ["ffc07a", "8d3f74"],
    "night": ["4a5a9a", "131c48"],
}
_STORM = {"dawn": ["b9adb8"], "day": ["9aa9b8"], "sunset": ["a8727a"], "night": ["232b45"]}
_SNOW_NIGHT = ["3d4a74"]  # light enough for trees to stand out against it
_GLOW = {"dawn": ["ffe9b0"], "day": ["fff6d8"], "sunset": ["ffe07a"], "night": ["c8d4ff"]}


class Sky:
    """The painted sky's colours, which the land below borrows."""

    def __init__(self, canvas: Canvas) -> None:
        self.weather = canvas.scenes[0].weather
        mood = canvas.uniform(0, 1).unsqueeze(1)
        first, second = ({k: v[i] for k, v in _SKIES.items()} for i in (0, 1))
        stops = mix(canvas.chosen(first), canvas.chosen(second), mood)
        self.light = canvas.chosen(_LIGHT)[:, :1]
        self.glow = canvas.chosen(_GLOW)[:, :1]
        storms = _STORM | ({"night": _SNOW_NIGHT} if self.weather == "snow" else {})
        storm = canvas.chosen(storms)[:, :1] * (0.80 if self.weather == "rain" else 1.0)
        self.grey = {"clear": 0.0, "clouds": 0.0, "fog": 0.55, "rain": 0.86, "snow": 0.65}[self.weather]
        self.stops = mix(
            stops, storm * torch.tensor([0.8, 0.9, 1.08], device=canvas.device).view(1, 3, 1, 1, 1), self.grey
        )
        self.haze = mix(self.stops[:, 2:], self.stops[:, 1:2], 0.25)
        self.light = self.light * (1 - (0.30 if self.weather == "rain" else 0.22) * self.grey)
        self.night = canvas.flag("time", "night")
        self.low_sun = canvas.flag("time", "dawn", "sunset")
        self.side = canvas.uniform(-0.55, 0.55) * min(1.0, canvas.half_width / 0.83)
        high = canvas.ceiling(0.0) * 0.9 + 0.06 + canvas.uniform(0.05, 0.13) * canvas.bottom
        self.sun_y = mix(high, canvas.horizon - canvas.uniform(0.045, 0.14), self.low_sun)

    def paint(self, canvas: Canvas) -> None:
        """Everything behind the land."""
        x, y = canvas.at(0.0)
        height = ((canvas.horizon - y) / canvas.horizon).clamp(-0.2, 1.3).unsqueeze(2)
        top, middle, low = self.stops[:, :1], self.stops[:, 1:2], self.stops[:, 2:]
        gradient = torch.where(
            height < 0.42,
            mix(low, middle, step(height, -0.05, 0.46)),
            mix(middle, top, step(height, 0.30, 1.0)),
        )
        canvas.image = gradient.expand_as(canvas.image).contiguous()
        if self.weather in ("clear", "clouds"):
            self._stars(canvas, x, y)
        if self.weather != "rain":
            self._disc(canvas, x, y)
        for name, painter in (("aurora", self._aurora), ("rainbow", self._rainbow)):
            if bool(canvas.flag("light", name).any()):
                painter(canvas, x, y, canvas.flag("light", name))
        self._clouds(canvas, x, y)

    def _stars(self, canvas: Canvas, x: Tensor, y: Tensor) -> None:
        cell = 0.145
        i, j = torch.floor(x / cell), torch.floor(y / cell)
        salt = canvas.uniform(0, 50)
        index = i * 7.0 + j * 57.0
        near_x = (hashed(index, salt) * 0.7 + 0.15 + i) * cell
        near_y = (hashed(index, salt + 3) * 0.7 + 0.15 + j) * cell
        distance = ((x - near_x) ** 2 + (y - near_y) ** 2).sqrt()
        size = 0.0075 + 0.0065 * hashed(index, salt + 5) ** 2
        twinkle = 0.85 + 0.15 * torch.sin(canvas.seconds * 2 + hashed(index, salt + 7) * 6)
        star = step(distance, size * 1.7, size * 0.5) * twinkle * (hashed(index, salt + 9) > 0.08)
        high = step(y, canvas.horizon * 0.95, canvas.horizon * 0.6)
        canvas.paint(
            star * high * self.night * 0.95, colours(["f4f6ff"]).to(canvas.device).view(1, 1, 3, 1, 1)
        )

    def _disc(self, canvas: Canvas, x: Tensor, y: Tensor) -> None:
        distance = ((x - self.side) ** 2 + (y - self.sun_y) ** 2).sqrt()
        veil = {"clear": 1.0, "clouds": 0.9, "fog": 0.45, "snow": 0.0}[self.weather]
        moon = canvas.flag("light", "moon")
        shown = (1 - self.night + moon) * veil
        halo = torch.exp(-distance * mix(torch.tensor(3.2, device=canvas.device), 5.5, self.night)) * shown
        canvas.paint(halo * mix(torch.tensor(0.62, device=canvas.device), 0.35, self.night), self.glow)
        radius = 0.058 + 0.03 * self.low_sun + 0.036 * self.night
        disc = canvas.edge(distance - radius, 2)
        crescent = ((x - self.side - 0.070) ** 2 + (y - self.sun_y + 0.035) ** 2).sqrt()
        bitten = 1 - canvas.edge(crescent - radius, 2) * self.night * (canvas.uniform(0, 1) > 0.55)
        white = torch.ones(1, 1, 3, 1, 1, device=canvas.device)
        canvas.paint(disc * bitten * shown, mix(self.glow, white, 0.55))
        canvas.focus = torch.maximum(canvas.focus, (disc * bitten * moon).unsqueeze(2))
        self.moonlit = step(distance, radius * 2.4, radius * 1.1) * moon

    def _aurora(self, canvas: Canvas, x: Tensor, y: Tensor, shown: Tensor) -> None:
        tints = colours(["39f0a0", "8a5cf0", "30d8d0"]).to(canvas.device)
        for band in range(2):
            foot = canvas.horizon * (0.62 - 0.22 * band) + 0.07 * canvas.waves(
                x + canvas.seconds * 0.03, 0.55, 3, 1.6
            )
            above = foot - y
            curtain = step(above, -0.012, 0.03) * torch.exp(-above.clamp(min=0) * 5.0)
            folds = 0.68 + 0.32 * torch.sin(
                x * 13 + canvas.seconds * 0.9 + canvas.uniform(0, 6) + 2 * canvas.waves(x, 0.5, 2, 2.0)
            )
            tint = mix(tints[0], tints[1 + band], 0.5 * band).view(1, 1, 3, 1, 1)
            canvas.glow(curtain * folds * shown * (0.62 - 0.2 * band), tint)

    def _rainbow(self, canvas: Canvas, x: Tensor, y: Tensor, shown: Tensor) -> None:
        radius = 0.62 * min(1.0, canvas.half_width / 0.83 + 0.25)
        centre = canvas.uniform(-0.25, 0.25)
        distance = ((x - centre) ** 2 + (y - canvas.horizon - 0.06) ** 2).sqrt()
        band = ((distance - radius) / 0.085).clamp(0, 1)
        hue = (1 - band).unsqueeze(2) * 0.80
        offsets = torch.tensor([0.0, 2 / 3, 1 / 3], device=canvas.device).view(1, 1, 3, 1, 1)
        rainbow = (((hue + offsets) % 1 - 0.5).abs() * 6 - 1).clamp(0, 1) * 0.75 + 0.25
        opacity = step(band, 0.0, 0.16) * step(band, 1.0, 0.84) * shown * 0.62
        canvas.paint(opacity, rainbow)

    def _clouds(self, canvas: Canvas, x: Tensor, y: Tensor) -> None:
        usual = {"clear": 0.20, "clouds": 0.62, "fog": 0.35, "rain": 0.86, "snow": 0.74}[self.weather]
        cover = usual + canvas.uniform(-0.05, 0.05)
        height = (canvas.horizon - y).clamp(min=0.02)
        stretch = 0.55 + 0.75 * height / canvas.horizon  # clouds lie flatter near the horizon
        wind = canvas.seconds * canvas.uniform(0.008, 0.022) * torch.sign(canvas.uniform(-1, 1))
        u = (x * 0.9 + wind) / stretch + canvas.uniform(0, 4)
        v = torch.log(height + 0.25) * 1.9 + canvas.uniform(0, 4) + canvas.seconds * 0.006
        density = canvas.cloudy(u, v)
        toward = canvas.cloudy(u - 0.05 * torch.sign(self.side), v + 0.11)
        opacity = step(density, 1 - cover, 1 - cover + 0.26 + 0.2 * self.grey)
        opacity = opacity * step(height, 0.0, 0.10)
        if self.weather in ("clear", "clouds"):
            opacity = opacity * (1 - 0.9 * self.moonlit)  # the moon shines through
        lit = (0.55 + (density - toward) * 2.6).clamp(0, 1).unsqueeze(2)
        pair = canvas.chosen(_CLOUD)
        shade = mix(pair[:, 1:], self.stops[:, :1] * 0.82, self.grey)
        bright = mix(pair[:, :1], self.stops[:, 2:], self.grey)
        shade = mix(shade, bright, 0.62 * self.grey)  # an overcast sky is soft
        canvas.paint(opacity * (0.92 - 0.25 * (self.weather == "fog")), mix(shade, bright, lit))
