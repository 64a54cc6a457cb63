"""What a scene is made of, and how scenes are drawn at random."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

TERRAINS = ("mountains", "lake", "sea", "forest", "desert", "city", "snowfield", "hills")
TIMES = ("dawn", "day", "sunset", "night")
WEATHERS = ("clear", "clouds", "fog", "rain", "snow")
CAMERAS = ("still", "pan_left", "pan_right", "zoom_in", "zoom_out", "tilt_up", "tilt_down")
THINGS = ("none", "balloon", "boat", "train", "birds", "flying_cars", "umbrellas", "street_life")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
SECONDS = ("none", "balloon", "boat", "train", "birds")  # what may be there beside the first thing
LIGHTS = ("none", "moon", "aurora", "rainbow")  # one remarkable thing in the sky

COLOURED = ("balloon", "boat", "train")  # the things whose colour a caption may name
_CAMERA_WEIGHTS = (5, 2, 2, 2, 1.7, 1.3, 1.3)
_WEATHER_WEIGHTS = {
    "mountains": (3, 4, 1.5, 1, 2),
    "lake": (3, 3, 2, 1, 1),
    "sea": (3.5, 3, 1.2, 1.2, 0.5),
    "forest": (2.5, 2, 1.7, 1.6, 2.5),
    "desert": (4, 3, 0.8, 0.3, 0.2),
    "city": (2.5, 2, 1.2, 3, 1.5),
    "snowfield": (3, 2, 1, 0.2, 3),
    "hills": (3, 3, 1.5, 1.7, 0.8),
}
_ON_LAND = (
    ("balloon", "none"),
    ("balloon", "none"),
    ("train", "none"),
    ("train", "none"),
    ("birds", "none"),
    ("birds", "none"),
    ("balloon", "balloon"),
    ("train", "balloon"),
    ("balloon", "birds"),
)
_ON_WATER = (
    ("boat", "none"),
    ("boat", "none"),
    ("birds", "none"),
    ("birds", "none"),
    ("balloon", "none"),
    ("boat", "boat"),
    ("boat", "balloon"),
    ("boat", "birds"),
    ("balloon", "balloon"),
)
_THINGS_BY_TERRAIN = {
    "mountains": _ON_LAND,
    "lake": _ON_WATER,
    "sea": _ON_WATER,
    "forest": _ON_LAND,
    "desert": _ON_LAND,
    "city": (
        ("flying_cars", "none"),
        ("flying_cars", "none"),
        ("umbrellas", "none"),
        ("umbrellas", "none"),
        ("umbrellas", "none"),
        ("street_life", "none"),
        ("street_life", "none"),
        ("balloon", "none"),
        ("train", "none"),
        ("train", "balloon"),
    ),
    "snowfield": _ON_LAND,
    "hills": _ON_LAND,
}


@dataclass(frozen=True)
class Scene:
    """One clip's attributes; everything else about it is left to chance.

    With two things, `second` and `second_colour` tell of the other; two of a kind always differ in colour.
    """

    terrain: str
    time: str
    weather: str
    camera: str = "still"
    thing: str = "none"
    colour: str = "red"
    light: str = "none"
    second: str = "none"
    second_colour: str = "red"


PICTURE = Scene("picture", "day", "clear")  # shapes and textures instead of a landscape


def random_scenes(dice: random.Random, count: int) -> list[Scene]:
    """`count` scenes that share terrain, weather and things, so that they can be drawn together."""
    terrain = dice.choice(TERRAINS)
    weather = dice.choices(WEATHERS, _WEATHER_WEIGHTS[terrain])[0]
    thing, second = dice.choice(_THINGS_BY_TERRAIN[terrain]) if dice.random() < 0.8 else ("none", "none")
    base = Scene(terrain, "day", weather, thing=thing, second=second)
    return [_varied(dice, base) for _ in range(count)]


def random_pictures(dice: random.Random, count: int) -> list[Scene]:
    """`count` abstract pictures under a moving camera."""
    return [replace(PICTURE, camera=dice.choice(CAMERAS[1:])) for _ in range(count)]


def _varied(dice: random.Random, base: Scene) -> Scene:
    night_weight = 2.2 if base.terrain == "city" else 1.0
    time = dice.choices(TIMES, (0.9, 1, 1.15, night_weight))[0]
    light = "none"
    open_sky = base.weather in ("clear", "clouds")
    if time == "night" and open_sky:
        light = dice.choices(("none", "moon", "aurora"), (3, 5, 0 if base.terrain == "city" else 3))[0]
    elif time == "day" and base.weather in ("clear", "rain") and base.terrain != "city":
        light = dice.choices(("none", "rainbow"), (4, 1))[0]
    camera = dice.choices(CAMERAS, _CAMERA_WEIGHTS)[0]
    colour, other = dice.sample(COLOURS, 2)
    return replace(base, time=time, light=light, camera=camera, colour=colour, second_colour=other)
