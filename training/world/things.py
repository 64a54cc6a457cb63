"""The things a scene may have: balloon, boat, train, birds, flying cars, people with umbrellas."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from training.scenes import COLOURS
from training.world.canvas import Canvas, colours, mix, step
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


@dataclass(frozen=True)
class Berth:
    """Where a thing may be, and which of the scene's colours is its own."""

    colour: str = "colour"
    side: Tensor | None = None  # -1 or 1 a clip: the half of the picture it keeps to; None is anywhere
    clear_of: Tensor | None = None  # the sign of the moon's side, where there is one: what flies avoids it
    scale: float = 1.0


def paint(canvas: Canvas, land: Land) -> None:
    """Paint the scene's thing, and its second, each in a half of its own."""
    first = canvas.scenes[0]
    moon = canvas.flag("light", "moon") * torch.sign(land.sky.side)
    if first.second == "none":
        if first.thing != "none":
            _PAINTERS[first.thing](canvas, land, Berth(clear_of=moon))
        return
    scale = 0.84 * min(1.0, canvas.half_width / 0.66)
    side = torch.where(canvas.uniform(0, 1) < 0.5, -1.0, 1.0)
    side = torch.where(moon == 0, side, moon if first.thing == "balloon" else -moon)
    along = "train" in (first.thing, first.second)  # a train takes the whole width, low down
    sides = (None, None) if along else (side, -side)
    _PAINTERS[first.second](canvas, land, Berth("second_colour", sides[0], moon, scale))
    _PAINTERS[first.thing](canvas, land, Berth("colour", sides[1], moon, scale))


def place_across(canvas: Canvas, berth: Berth, depth: float, radius: Tensor | float, travel: float) -> Tensor:
    """World x in the middle of the clip, chosen so that all that moves stays in view: [B 1 1 1]."""
    pace = (
        travel * canvas.calm**2 * canvas.narrow * canvas.uniform(0.4, 1.0) * torch.sign(canvas.uniform(-1, 1))
    )
    if berth.side is not None:
        pace = pace * 0.6
    moved = canvas.from_middle * pace
    limit = canvas.room(depth) - 0.85 * radius - moved.abs().amax(1, True)
    if berth.side is None:
        middle = canvas.uniform(-1, 1) * limit.clamp(min=0.02)
        if berth.clear_of is not None and depth < 0.5:
            middle = middle * (1 - 2 * (middle * berth.clear_of > 0).float())
        return middle + moved
    inner = radius + moved.abs().amax(1, True) + 0.03
    return berth.side * (inner + canvas.uniform(0, 1) * (limit - inner).clamp(min=0)) + moved


def own_colour(canvas: Canvas, land: Land, attribute: str, keep: float = 0.74) -> Tensor:
    """The thing's colour under this light: it stays itself even at night."""
    table = colours([_TONES[c] for c in COLOURS]).to(canvas.device)
    picks = torch.tensor([COLOURS.index(getattr(s, attribute)) for s in canvas.scenes], device=canvas.device)
    colour = table[picks].view(-1, 1, 3, 1, 1)
    return mix(colour * land.sky.light, colour, keep)


def paint_balloon(canvas: Canvas, land: Land, berth: Berth) -> None:
    depth = 0.45
    x, y = canvas.at(depth)
    size = canvas.uniform(0.138, 0.19) * berth.scale
    cx = place_across(canvas, berth, depth, size, 0.045)
    cy = canvas.ceiling(depth) + 1.05 * size + canvas.uniform(0.02, 0.13) * canvas.bottom * berth.scale
    cy = cy + canvas.uniform(-0.04, 0.02) * canvas.calm * canvas.from_middle
    cy = cy + 0.006 * torch.sin(canvas.seconds * 2.0)
    u, v = (x - cx) / size, (y - cy) / size
    taper = torch.where(v > 0, (1 - 0.34 * v.clamp(0, 1.35) ** 1.6), torch.ones_like(v))
    round_ = torch.sqrt((u / taper) ** 2 + (v / torch.where(v > 0, 1.35, 1.0)) ** 2) - 1
    envelope = canvas.edge(round_ * size * 0.8, 1.5)
    colour = own_colour(canvas, land, berth.colour)
    stripes = torch.sin(
        (u / taper / torch.sqrt((1 - (v / 1.35).clamp(-1, 1) ** 2).clamp(min=0.08))).clamp(-1, 1) * 7.5
    )
    shade = mix(colour * 0.76, colour * 1.06, step(stripes, -0.25, 0.25).unsqueeze(2))
    round_light = (1.0 - 0.30 * step(u * land.light_side, -0.1, 1.0) * -1 - 0.30).clamp(0.6, 1.05)
    canvas.paint(envelope, (shade * round_light.unsqueeze(2)).clamp(max=1), 1.0)
    ropes = canvas.edge((u.abs() - 0.30 + 0.06 * v).abs() * size - 0.0045) * (v > 1.30) * (v < 1.66)
    canvas.paint(ropes * 0.8, tint("4a3526", canvas) * land.sky.light)
    basket = canvas.edge(torch.maximum(u.abs() * size - 0.22 * size, ((v - 1.76).abs() - 0.16) * size))
    canvas.paint(basket, tint("8a5a34", canvas) * land.sky.light.clamp(min=0.45), 1.0)
    flame = torch.exp(-((u * 3.2) ** 2) - ((v - 1.36) * 4.5) ** 2) * (0.25 + 0.6 * land.sky.night)
    canvas.glow(flame, tint("ffb040", canvas))


def paint_boat(canvas: Canvas, land: Land, berth: Berth) -> None:
    depth = 0.8
    x, y = canvas.at(depth)
    size = canvas.uniform(0.23, 0.31) * berth.scale
    cx = place_across(canvas, berth, depth, 0.46 * size, 0.09)
    heading = torch.sign(cx[:, -1:] - cx[:, :1] + 1e-6)
    bob = 0.006 * torch.sin(canvas.seconds * 2.4 + canvas.uniform(0, 6))
    keel = canvas.horizon + canvas.uniform(0.13, 0.20) + bob
    colour = own_colour(canvas, land, berth.colour)
    for reflected in (True, False):
        flip = -0.8 if reflected else 1.0
        u = (x - cx) * heading / size
        v = (keel - y) / (size * flip)  # up is positive
        if reflected:
            u = u + 0.03 * torch.sin(y * 60 + canvas.seconds * 3)
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


def paint_train(canvas: Canvas, land: Land, berth: Berth) -> None:
    depth = 0.82
    x, y = canvas.at(depth)
    city = canvas.scenes[0].terrain == "city"
    rail = canvas.horizon + (0.095 if city else 0.215)
    tall = canvas.uniform(0.120, 0.150)
    heading = torch.sign(canvas.uniform(-1, 1))
    speed = canvas.uniform(0.14, 0.24) * canvas.calm
    nose = canvas.uniform(-0.2, 0.4) * canvas.narrow + speed * canvas.from_middle
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
    colour = own_colour(canvas, land, berth.colour)
    roof = step(up, tall * 0.80, tall * 0.86).unsqueeze(2)
    skirt = step(up, tall * 0.20, tall * 0.14).unsqueeze(2)
    painted = mix(mix(colour, colour * 0.62, roof), colour * 0.45, skirt)
    canvas.paint(canvas.edge(box) * present, painted, 1.0)
    pane = torch.frac((s - index) * 3)
    window = canvas.edge(
        torch.maximum((pane - 0.5).abs() * car / 3 - car * 0.110, (up - tall * 0.57).abs() - tall * 0.155)
    )
    glass = mix(
        tint("d6ecff", canvas) * land.sky.light.clamp(min=0.5),
        tint("ffe9a0", canvas),
        canvas.flag("time", "night", "sunset").unsqueeze(2),
    )
    canvas.paint(window * present * canvas.edge(box + 0.012), glass, 0.8)
    wheel = ((torch.frac((s - index) * 3) - 0.5) * car / 3) ** 2 + (up + 0.002) ** 2
    canvas.paint(canvas.edge(wheel.sqrt() - 0.014) * present, tint("2a2a30", canvas))
    lamp = torch.exp(-(((s * car) ** 2 + (up - tall * 0.3) ** 2).sqrt()) * 26) * land.sky.night
    canvas.glow(lamp * 0.8, tint("ffe6a0", canvas))


def paint_birds(canvas: Canvas, land: Land, berth: Berth) -> None:
    depth = 0.3
    x, y = canvas.at(depth)
    flock: tuple[tuple[float, float], ...] = ((0.0, 0.0), (-0.27, 0.10), (0.25, 0.13), (-0.02, 0.21))
    if berth.side is not None:
        flock = flock[:3]
    spread = berth.scale if berth.side is not None else canvas.narrow
    span = 0.105 * max(berth.scale, 0.8) * canvas.narrow**0.3
    cx = place_across(canvas, berth, depth, 0.24 * spread + span, 0.10)
    cy = canvas.ceiling(depth) + (0.09 + canvas.uniform(0, 0.08)) * canvas.bottom
    dark, pale = tint("161a28", canvas), tint("eef2ff", canvas)
    tone = mix(dark, pale, land.sky.night.unsqueeze(2) * 0.92)
    for i, (dx, dy) in enumerate(flock):
        size = span * canvas.uniform(0.88, 1.08)
        beat = canvas.seconds * canvas.uniform(7.5, 11.0) + i * 1.7
        near, far = torch.sin(beat), torch.sin(beat - 0.8)  # the wing's tip follows its arm
        u = (x - cx - dx * spread) / size
        v = (y - cy - dy - 0.010 * torch.sin(canvas.seconds * 1.6 + i)) / size
        a = u.abs()
        arm, hand = a.clamp(max=0.46), (a - 0.46).clamp(min=0)
        lift = (0.42 + 0.46 * near) * arm + (-0.30 + 0.62 * far) * hand
        wing = torch.maximum((v + lift).abs() - 0.135 * (1.04 - a).clamp(min=0.1) - 0.012, a - 1)
        body = (torch.sqrt((u / 0.24) ** 2 + ((v - 0.03) / 0.15) ** 2) - 1) * 0.15
        canvas.paint(canvas.edge(torch.minimum(wing, body) * size), tone, 1.0)


def paint_flying_cars(canvas: Canvas, land: Land, berth: Berth) -> None:
    night = canvas.flag("time", "night", "sunset")
    tones = ("e8483c", "f2c230", "38b6e8")
    for i, name in enumerate(tones):
        depth = 0.35 + 0.17 * i
        x, y = canvas.at(depth)
        size = (0.165 + 0.036 * i) * canvas.uniform(0.92, 1.12) * canvas.narrow**0.4
        heading = torch.sign(canvas.uniform(-1, 1))
        reach = canvas.room(depth).clamp(min=0.2)
        cx = canvas.uniform(-0.9, 0.7) * reach + canvas.from_middle * canvas.uniform(0.14, 0.26) * canvas.calm
        cx = cx * heading
        cy = (
            canvas.ceiling(depth)
            + canvas.horizon * (0.13 + 0.175 * i)
            + canvas.uniform(-0.012, 0.012)
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


def paint_umbrellas(canvas: Canvas, land: Land, berth: Berth) -> None:
    depth = 0.9
    x, y = canvas.at(depth)
    table = colours(list(_TONES.values())).to(canvas.device)
    people = 4 if canvas.half_width > 0.7 else 3
    slot = 2 * canvas.half_width / people
    dark, pale = tint("20263a", canvas), tint("525c84", canvas)  # against a dark street at night
    coat = mix(dark, pale, land.sky.night.unsqueeze(2))
    skin = tint("e8b896", canvas) * land.sky.light.clamp(min=0.6)
    steel = tint("c4ccdc", canvas) * land.sky.light.clamp(min=0.5)
    for i in range(people):
        size = canvas.uniform(0.112, 0.140)
        heading = torch.sign(canvas.uniform(-1, 1))
        start = (i + 0.5 - people / 2 + canvas.uniform(-0.06, 0.06)) * slot
        cx = start + heading * canvas.from_middle * canvas.uniform(0.030, 0.055) * canvas.calm
        ground = canvas.horizon + 0.350 + canvas.uniform(-0.025, 0.015)
        bob = 0.006 * torch.sin(canvas.seconds * 6 + i).abs()
        u, v = (x - cx) * heading / size, (ground - bob - y) / size
        pick = (canvas.uniform(0, 1) * 7.99).long().view(-1)
        colour = table[pick].view(-1, 1, 3, 1, 1)
        colour = mix(colour * land.sky.light, colour, 0.65)
        stride = 0.20 * torch.sin(canvas.seconds * 6 + i) * (0.7 - v).clamp(0, 0.7)
        legs = torch.minimum((u - 0.10 - stride).abs(), (u + 0.10 + stride).abs()) - 0.085
        legs = torch.maximum(legs, (v - 0.35).abs() - 0.35)
        torso = torch.maximum(u.abs() - 0.36 + 0.14 * v, (v - 0.93).abs() - 0.40)
        canvas.paint(canvas.edge(torch.minimum(legs, torso) * size), coat, 1.0)
        handle = torch.maximum((u - 0.24).abs() - 0.030, (v - 1.30).abs() - 0.50)
        canvas.paint(canvas.edge(handle * size), steel, 1.0)
        head = torch.sqrt(u**2 + (v - 1.50) ** 2) - 0.21
        canvas.paint(canvas.edge(head * size), skin, 1.0)
        w = u - 0.12
        scallop = 1.74 - 0.07 * torch.cos(w * 6.2).abs()
        dome = torch.maximum((torch.sqrt((w / 1.02) ** 2 + ((v - 1.70) / 0.74) ** 2) - 1) * 0.8, scallop - v)
        ribs = step(torch.cos(w * 6.2), -0.35, 0.35).unsqueeze(2)
        canvas.paint(canvas.edge(dome * size), mix(colour * 0.80, colour, ribs), 1.0)


def paint_street_life(canvas: Canvas, land: Land, berth: Berth) -> None:
    paint_flying_cars(canvas, land, berth)
    paint_umbrellas(canvas, land, berth)


_PAINTERS = {
    "balloon": paint_balloon,
    "boat": paint_boat,
    "train": paint_train,
    "birds": paint_birds,
    "flying_cars": paint_flying_cars,
    "umbrellas": paint_umbrellas,
    "street_life": paint_street_life,
}
