"""The captions the model is judged by, which training never sees."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import cycle
from pathlib import Path

from training.captions import Caption, caption
from training.scenes import CAMERAS, COLOURED, TIMES, Scene, random_scenes

_FILE = Path(__file__).with_name("held_out.json")
_PROMPTS = Path(__file__).with_name("prompts")


def held_out_captions() -> list[str]:
    """As a person would type them."""
    return [entry["caption"] for entry in json.loads(_FILE.read_text(encoding="utf-8"))]


def prompts(name: str) -> list[dict[str, str]]:
    """The prompts of `prompts/<name>.json`, written by hand."""
    return json.loads((_PROMPTS / f"{name}.json").read_text(encoding="utf-8"))


@cache
def forbidden() -> frozenset[str]:
    """Everything training must not see, as it compares it: these, the prompts and the templates."""
    written = [entry["prompt"] for file in sorted(_PROMPTS.glob("*.json")) for entry in prompts(file.stem)]
    made = [said.text for _, said in templates()]
    return frozenset(text.lower() for text in (*held_out_captions(), *written, *made))


def templates(count: int = 400, seed: int = 20_251) -> list[tuple[Scene, Caption]]:
    """Scenes with captions made as training's are, half of them Korean, that cover every attribute."""
    dice = random.Random(seed)
    cameras, times = cycle(CAMERAS), cycle(TIMES)
    found: dict[str, tuple[Scene, Caption]] = {}
    while len(found) < count:
        wanted = _WANTED[len(found) * len(_WANTED) // count]
        scene = _drawn(dice, next(cameras), next(times), wanted)
        made = _full(scene, dice, korean=len(found) // len(TIMES) % 2 == 1)
        found.setdefault(made.text.lower(), (scene, made))
    return list(found.values())


def _drawn(dice: random.Random, camera: str, time: str, wanted: Callable[[Scene], bool]) -> Scene:
    while True:
        (scene,) = random_scenes(dice, 1)
        scene = replace(scene, camera=camera)
        if scene.time == time and wanted(scene):
            return scene
        time = _HOURS.get(wanted, time)


def _full(scene: Scene, dice: random.Random, korean: bool) -> Caption:
    """The one of ten captions that states most."""
    return max((caption(scene, dice, korean) for _ in range(10)), key=lambda made: len(made.said))


def _anything(scene: Scene) -> bool:
    return True


def _two(scene: Scene) -> bool:
    return scene.thing in COLOURED and scene.second in COLOURED


def _rain(scene: Scene) -> bool:
    return scene.weather == "rain"


def _snow(scene: Scene) -> bool:
    return scene.weather == "snow"


def _rainbow(scene: Scene) -> bool:
    return scene.light == "rainbow"


def _city_life(scene: Scene) -> bool:
    return scene.thing in ("flying_cars", "umbrellas", "street_life")


def _aurora(scene: Scene) -> bool:
    return scene.light == "aurora"


_HOURS: dict[Callable[[Scene], bool], str] = {_rainbow: "day", _aurora: "night"}  # their only hours
_SPECIAL = (*[_two] * 8, *[_rain] * 5, *[_snow] * 5, *[_city_life] * 4, _rainbow, _aurora)
_WANTED = (*_SPECIAL, *[_anything] * 16)  # in turn
