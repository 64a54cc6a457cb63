"""The words of the captions, English and Korean, from `words.json`; the vocabulary is made of these.

In the names of things, {c} stands for the colour. SPARE are words people may type though no caption has them;
ALIASES says which known word stands in for some of those.
"""

from __future__ import annotations

import json
from pathlib import Path

Words = dict[str, tuple[str, ...]]

_tables = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


def _groups(name: str) -> Words:
    return {key: tuple(values) for key, values in _tables[name].items()}


def _list(name: str) -> tuple[str, ...]:
    return tuple(_tables[name])


TERRAINS_EN = _groups("TERRAINS_EN")
TERRAINS_KO = _groups("TERRAINS_KO")
TIMES_EN = _groups("TIMES_EN")
TIMES_KO = _groups("TIMES_KO")
TIME_HEADS_EN = _groups("TIME_HEADS_EN")
WEATHERS_EN = _groups("WEATHERS_EN")
WEATHERS_KO = _groups("WEATHERS_KO")
CAMERAS_EN = _groups("CAMERAS_EN")
CAMERAS_KO = _groups("CAMERAS_KO")
THINGS_EN = _groups("THINGS_EN")
THINGS_KO = _groups("THINGS_KO")
COLOURS_EN = _groups("COLOURS_EN")
COLOURS_KO = _groups("COLOURS_KO")
LIGHTS_EN = _groups("LIGHTS_EN")
LIGHTS_KO = _groups("LIGHTS_KO")
MOODS_EN = _list("MOODS_EN")
MOODS_KO = _list("MOODS_KO")
STYLES_EN = _list("STYLES_EN")
STYLES_KO = _list("STYLES_KO")
PREFIXES_EN = _list("PREFIXES_EN")
SUFFIXES_KO = _list("SUFFIXES_KO")
NIGHT_CITY_EN = _list("NIGHT_CITY_EN")
NIGHT_CITY_KO = _list("NIGHT_CITY_KO")
STARS_EN = _list("STARS_EN")
STARS_KO = _list("STARS_KO")
SUN_EN = _list("SUN_EN")
PICTURES_EN = _list("PICTURES_EN")
PICTURES_KO = _list("PICTURES_KO")
SPARE: str = _tables["SPARE"]
PARTICLES_KO = _list("PARTICLES_KO")
ALIASES: dict[str, str] = _tables["ALIASES"]
