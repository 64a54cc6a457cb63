"""The one thing a scene may have: balloon, boat, train, birds, flying cars, people with umbrellas."""

from __future__ import annotations

import torch
from torch import Tensor

from training.scenes import COLOURS
from training.world.canvas import TAU, Canvas, colours, mix, step
from training.world.land import Land, tint

_TONES = {
    "red": "e02b2b",
    "orange": "f58a1c",
    "yellow": "f7d11e",
    "green": "2fa648",
    "blue": "2560dc",
    "purple": "8a3cc8",
    "pink": "f680b4",
    "white": "f6f6f2",
}


def own_colour(canvas: Canvas, land: Land, keep: float = 0.62) -> Tensor:
    """The thing's colour under this light: it stays itself even at night."""
    table = colours([_TONES[c] for c in COLOURS]).to(canvas.device)
    picks = torch.tensor([COLOURS.index(s.colour) for s in canvas.scenes], device=canvas.device)
    colour = table[picks].view(-1, 1, 3, 1, 1)
    return mix(colour * land.sky.light, colour, keep)


def paint_balloon(canvas: Canvas, land: Land) -> None:
    x, y = canvas.at(0.45)
    size = canvas.uniform(0.115, 0.17)
    cx = canvas.uniform(-0.5, 0.5) * canvas.half_width + canvas.seconds * canvas.uniform(-0.05, 0.05)
    cy = canvas.uniform(0.24, 0.36) * canvas.bottom + canvas.uniform(-0.05, 0.02) * (canvas.seconds - 1)
    cy = cy + 0.008 * torch.sin(canvas.seconds * 2.0)
    u, v = (x - cx) / size, (y - cy) / size
    taper = torch.where(v > 0, (1 - 0.34 * v.clamp(0, 1.35) ** 1.6), torch.ones_like(v))
    round_ = torch.sqrt((u / taper) ** 2 + (v / torch.where(v > 0, 1.35, 1.0)) ** 2) - 1
    envelope = canvas.edge(round_ * size * 0.8, 1.5)
    colour = own_colour(canvas, land)
    stripes = torch.sin(
        (u / taper / torch.sqrt((1 - (v / 1.35).clamp(-1, 1) ** 2).clamp(min=0.08))).clamp(-1, 1) * 7.5
    )
    shade = mix(colour * 0.70, colour * 1.06, step(stripes, -0.25, 0.25).unsqueeze(2))
    round_light = (1.0 - 0.30 * step(u * land.light_side, -0.1, 1.0) * -1 - 0.30).clamp(0.6, 1.05)
    canvas.paint(envelope, (shade * round_light.unsqueeze(2)).clamp(max=1), 1.0)
    ropes = canvas.edge((u.abs() - 0.30 + 0.06 * v).abs() * size - 0.0045) * (v > 1.30) * (v < 1.66)
    canvas.paint(ropes * 0.8, tint("4a3526", canvas) * land.sky.light)
    basket = canvas.edge(torch.maximum(u.abs() * size - 0.22 * size, ((v - 1.76).abs() - 0.16) * size))
    canvas.paint(basket, tint("8a5a34", canvas) * land.sky.light.clamp(min=0.45), 1.0)
    flame = torch.exp(-((u * 3.2) ** 2) - ((v - 1.36) * 4.5) ** 2) * (0.25 + 0.6 * land.sky.night)
    canvas.glow(flame, tint("ffb040", canvas))


def paint_boat(canvas: Canvas, land: Land) -> None:
    x, y = canvas.at(0.8)
    size = canvas.uniform(0.21, 0.30)
    heading = torch.sign(canvas.uniform(-1, 1))
    cx = canvas.uniform(-0.4, 0.4) * canvas.half_width + heading * canvas.seconds * canvas.uniform(0.04, 0.10)
    bob = 0.006 * torch.sin(canvas.seconds * 3 + canvas.uniform(0, 6))
    keel = canvas.horizon + canvas.uniform(0.13, 0.20) + bob
    colour = own_colour(canvas, land)
    for reflected in (True, False):
        flip = -0.8 if reflected else 1.0
        u = (x - cx) * heading / size
        v = (keel - y) / (size * flip)  # up is positive
        if reflected:
            u = u + 0.03 * torch.sin(y * 90 + canvas.seconds * 4)
        strength = 0.34 if reflected else 1.0
        hull = torch.maximum(torch.maximum(-v, v - 0.15), u.abs() - 0.36 - 0.55 * v) * size
        main = (
            torch.maximum(torch.maximum(0.20 - v, 0.025 - u), u / 0.46 + (v - 0.20) / 0.90 - 1) * size * 0.6
        )
        jib = (
            torch.maximum(torch.maximum(0.22 - v, u + 0.035), -u / 0.34 + (v - 0.22) / 0.72 - 1) * size * 0.6
        )
        mast = torch.maximum(torch.maximum(-v, v - 1.14), u.abs() - 0.018) * size
        notable = 0.2 if reflected else 1.0
        dark = tint("5a3a2c", canvas) * land.sky.light.clamp(min=0.35)
        canvas.paint(canvas.edge(mast) * strength, dark, notable)
        canvas.paint(canvas.edge(main) * strength, colour, notable)
        canvas.paint(canvas.edge(jib) * strength, mix(colour, torch.ones_like(colour), 0.22), notable)
        canvas.paint(
            canvas.edge(hull) * strength,
            mix(
                dark,
                tint("ffffff", canvas) * land.sky.light.clamp(min=0.4),
                step(v, 0.085, 0.10).unsqueeze(2),
            ),
            notable,
        )


def paint_train(canvas: Canvas, land: Land) -> None:
    depth = 0.82
    x, y = canvas.at(depth)
    city = canvas.scenes[0].terrain == "city"
    rail = canvas.horizon + (0.095 if city else 0.215)
    tall = canvas.uniform(0.088, 0.115)
    heading = torch.sign(canvas.uniform(-1, 1))
    speed = canvas.uniform(0.14, 0.24)
    nose = canvas.uniform(-0.25, 0.35) + speed * (canvas.seconds - 1)
    bank = canvas.edge(torch.maximum(rail - y, y - rail - 0.028))
    canvas.paint(bank, land.lit(tint("4a4038", canvas), 0.95, 0.9))
    car = tall * 3.1
    s = (nose - x * heading) / car  # 0 at the nose, one unit a car
    index = torch.floor(s)
    along = ((s - index) - 0.5).abs() * car
    up = rail - 0.014 - y
    box = torch.maximum(along - car * 0.468, (up - tall / 2).abs() - tall / 2)
    slant = (up - 0.35 * tall) - (s - index) * car * 1.15  # a sloping front
    box = torch.where(index == 0, torch.maximum(box, slant), box)
    present = ((index >= 0) & (index < 4)).float()
    colour = own_colour(canvas, land)
    roof = step(up, tall * 0.80, tall * 0.86).unsqueeze(2)
    skirt = step(up, tall * 0.20, tall * 0.14).unsqueeze(2)
    painted = mix(mix(colour, colour * 0.62, roof), colour * 0.45, skirt)
    canvas.paint(canvas.edge(box) * present, painted, 1.0)
    pane = torch.frac((s - index) * 4)
    window = canvas.edge(
        torch.maximum((pane - 0.5).abs() * car / 4 - car * 0.078, (up - tall * 0.58).abs() - tall * 0.145)
    )
    glass = mix(
        tint("d6ecff", canvas) * land.sky.light.clamp(min=0.5),
        tint("ffe9a0", canvas),
        canvas.flag("time", "night", "sunset").unsqueeze(2),
    )
    canvas.paint(window * present * canvas.edge(box + 0.012), glass, 0.8)
    wheel = ((torch.frac((s - index) * 4) - 0.5) * car / 4) ** 2 + (up + 0.002) ** 2
    canvas.paint(canvas.edge(wheel.sqrt() - 0.011) * present, tint("2a2a30", canvas))
    lamp = torch.exp(-(((s * car) ** 2 + (up - tall * 0.3) ** 2).sqrt()) * 26) * land.sky.night
    canvas.glow(lamp * 0.8, tint("ffe6a0", canvas))


def paint_birds(canvas: Canvas, land: Land) -> None:
    x, y = canvas.at(0.3)
    heading = torch.sign(canvas.uniform(-1, 1))
    cx = canvas.uniform(-0.35, 0.35) * canvas.half_width + heading * (canvas.seconds - 1) * canvas.uniform(
        0.09, 0.16
    )
    cy = canvas.uniform(0.18, 0.34) * canvas.bottom
    tone = mix(tint("1e2230", canvas), tint("c8d2f0", canvas), land.sky.night.unsqueeze(2) * 0.8)
    for i, (dx, dy) in enumerate(((0, 0), (-0.15, -0.05), (-0.16, 0.07), (-0.31, -0.09), (-0.33, 0.13))):
        size = canvas.uniform(0.058, 0.075)
        flap = torch.sin(canvas.seconds * canvas.uniform(6.0, 8.0) + i * 1.7)
        u = (x - cx - dx * heading) / size
        v = (y - cy - dy - 0.012 * torch.sin(canvas.seconds * 2 + i)) / size
        a = u.abs()
        lift = (0.30 + 0.42 * flap) * a - (0.16 + 0.34 * flap) * a * a * 1.1
        wing = (v + lift).abs() - 0.15 * (1.05 - a).clamp(min=0.1)
        shape = torch.maximum(wing, a - 1) * size
        body = torch.sqrt((u / 0.42) ** 2 + (v / 0.17) ** 2) - 1
        shape = torch.minimum(shape, body * size * 0.17)
        canvas.paint(canvas.edge(shape), tone, 1.0)


def paint_flying_cars(canvas: Canvas, land: Land) -> None:
    night = canvas.flag("time", "night", "sunset")
    tones = ("e8483c", "38b6e8", "f2c230", "c8d0dc")
    for i, name in enumerate(tones):
        depth = 0.35 + 0.13 * i
        x, y = canvas.at(depth)
        size = (0.125 + 0.026 * i) * canvas.uniform(0.9, 1.15)
        heading = torch.sign(canvas.uniform(-1, 1))
        span = 2 * canvas.half_width + 0.7
        travel = canvas.uniform(0, span) + canvas.seconds * canvas.uniform(0.16, 0.30)
        cx = (torch.remainder(travel, span) - span / 2) * heading
        cy = (
            canvas.horizon * (0.17 + 0.15 * i)
            + canvas.uniform(-0.04, 0.04)
            + 0.006 * torch.sin(canvas.seconds * 3 + i)
        )
        u, v = (x - cx) * heading / size, (y - cy) / size
        trail = (
            torch.exp(-((v * 7.5) ** 2)) * step(u, -0.45, -0.55) * torch.exp(-(-u - 0.5).clamp(min=0) * 1.7)
        )
        canvas.glow(trail * (0.18 + 0.62 * night), tint("ff5a3c", canvas))
        body = torch.sqrt((u / 0.5) ** 2 + ((v - 0.03) / 0.145) ** 2) - 1
        cabin = torch.sqrt(((u - 0.02) / 0.25) ** 2 + ((v + 0.09) / 0.14) ** 2) - 1
        dim = land.sky.light.clamp(min=0.55)
        canvas.paint(canvas.edge(cabin * size * 0.14), tint("bfe8ff", canvas) * dim, 1.0)
        canvas.paint(canvas.edge(body * size * 0.145), tint(name, canvas) * dim, 1.0)
        under = torch.exp(-((u / 0.4) ** 2) - ((v - 0.22) * 9) ** 2)
        canvas.glow(under * (0.15 + 0.5 * night), tint("30e0ff", canvas))
        lamp = torch.exp(-(((u - 0.5) * 6) ** 2) - (v * 8) ** 2)
        canvas.glow(lamp * (0.3 + 0.7 * night), tint("fff4c8", canvas))


def paint_umbrellas(canvas: Canvas, land: Land) -> None:
    x, y = canvas.at(1.0)
    table = colours(list(_TONES.values())).to(canvas.device)
    for i in range(4):
        size = canvas.uniform(0.095, 0.125)
        heading = torch.sign(canvas.uniform(-1, 1))
        start = (-0.62 + 0.41 * i + canvas.uniform(-0.09, 0.09)) * canvas.half_width / 0.83
        cx = start + heading * (canvas.seconds - 1) * canvas.uniform(0.05, 0.10)
        ground = canvas.horizon + 0.335 + canvas.uniform(-0.03, 0.02)
        bob = 0.006 * torch.sin(canvas.seconds * 7 + i).abs()
        u, v = (x - cx) / size, (ground - bob - y) / size
        pick = (canvas.uniform(0, 1) * 7.99).long().view(-1)
        colour = table[pick].view(-1, 1, 3, 1, 1)
        colour = mix(colour * land.sky.light, colour, 0.55)
        coat = tint("2b3044", canvas) * land.sky.light.clamp(min=0.5)
        stride = 0.16 * torch.sin(canvas.seconds * 7 + i)
        for leg in (-1, 1):
            lean = (u - leg * (0.10 + stride * leg * 0 + stride * (0.6 - v).clamp(0, 0.6))).abs() - 0.085
            canvas.paint(canvas.edge(torch.maximum(torch.maximum(lean, -v), v - 0.6) * size), coat * 0.8, 1.0)
        torso = torch.maximum(u.abs() - 0.30 + 0.10 * v, (v - 0.95).abs() - 0.42) * size
        canvas.paint(canvas.edge(torso), coat, 1.0)
        head = (torch.sqrt(u**2 + (v - 1.52) ** 2) - 0.20) * size
        canvas.paint(canvas.edge(head), tint("e0b090", canvas) * land.sky.light.clamp(min=0.5), 1.0)
        dome = (
            torch.maximum(torch.sqrt((u / 0.98) ** 2 + ((v - 1.62) / 0.78) ** 2) - 1, 1.62 - v) * size * 0.8
        )
        ribs = step(torch.sin(u * TAU * 1.0), -0.3, 0.3).unsqueeze(2)
        canvas.paint(canvas.edge(dome), mix(colour * 0.78, colour, ribs), 1.0)


def paint_street_life(canvas: Canvas, land: Land) -> None:
    paint_flying_cars(canvas, land)
    paint_umbrellas(canvas, land)


PAINTERS = {
    "balloon": paint_balloon,
    "boat": paint_boat,
    "train": paint_train,
    "birds": paint_birds,
    "flying_cars": paint_flying_cars,
    "umbrellas": paint_umbrellas,
    "street_life": paint_street_life,
}
