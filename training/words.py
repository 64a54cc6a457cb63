"""The words of the captions, English and Korean, from `words.json`; the vocabulary is made of these.

Of TIMES and their like, `day_fair` and `night_clear` are words that fit only such weather; `street` among the
TERRAINS are city places where people walk. MOVES, DOINGS, ANDS and BYS are what things do: finite, as
participles, before an "and", and beside something else; Korean ones begin with what links them to a place.
FREE words go with any place and show nowhere. GLUE are words that only sentence patterns hold, SPARE words
people may type though no caption has them; ALIASES says which known word stands in for some of those.
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
TIME_HEADS_EN = _groups("TIME_HEADS_EN")
TIME_TAGS_EN = _groups("TIME_TAGS_EN")
TIME_CLAUSES_EN = _groups("TIME_CLAUSES_EN")
WEATHERS_EN = _groups("WEATHERS_EN")
WEATHER_TAGS_EN = _groups("WEATHER_TAGS_EN")
WEATHER_LOOKS_EN = _groups("WEATHER_LOOKS_EN")
WEATHER_CLAUSES_EN = _groups("WEATHER_CLAUSES_EN")
WEATHER_SENTENCES_EN = _groups("WEATHER_SENTENCES_EN")
CAMERAS_EN = _groups("CAMERAS_EN")
CAMERA_CLAUSES_EN = _groups("CAMERA_CLAUSES_EN")
CAMERA_LEADS_EN = _groups("CAMERA_LEADS_EN")
THINGS_EN = _groups("THINGS_EN")
MOVES_EN = _groups("MOVES_EN")
DOINGS_EN = _groups("DOINGS_EN")
BYS_EN = _groups("BYS_EN")
WITHS_EN = _groups("WITHS_EN")
COLOURS_EN = _groups("COLOURS_EN")
LIGHTS_EN = _groups("LIGHTS_EN")
LIGHT_TAGS_EN = _groups("LIGHT_TAGS_EN")
LIGHT_CLAUSES_EN = _groups("LIGHT_CLAUSES_EN")
MOODS_EN = _list("MOODS_EN")
ADVERBS_EN = _list("ADVERBS_EN")
STYLES_EN = _list("STYLES_EN")
PREFIXES_EN = _list("PREFIXES_EN")
NIGHT_CITY_EN = _list("NIGHT_CITY_EN")
STARS_EN = _list("STARS_EN")
SUN_EN = _list("SUN_EN")
PICTURES_EN = _list("PICTURES_EN")
GLUE_EN = _list("GLUE_EN")
TIMES_KO = _groups("TIMES_KO")
TIME_MODS_KO = _groups("TIME_MODS_KO")
TIME_TAGS_KO = _groups("TIME_TAGS_KO")
TIME_CLAUSES_KO = _groups("TIME_CLAUSES_KO")
WEATHERS_KO = _groups("WEATHERS_KO")
WEATHER_TAGS_KO = _groups("WEATHER_TAGS_KO")
WEATHER_CLAUSES_KO = _groups("WEATHER_CLAUSES_KO")
CAMERAS_KO = _groups("CAMERAS_KO")
CAMERA_CLAUSES_KO = _groups("CAMERA_CLAUSES_KO")
CAMERA_LEADS_KO = _groups("CAMERA_LEADS_KO")
THINGS_KO = _groups("THINGS_KO")
MOVES_KO = _groups("MOVES_KO")
DOINGS_KO = _groups("DOINGS_KO")
ANDS_KO = _groups("ANDS_KO")
BYS_KO = _groups("BYS_KO")
BESIDES_KO = _groups("BESIDES_KO")
COLOURS_KO = _groups("COLOURS_KO")
COLOUR_NOUNS_KO = _groups("COLOUR_NOUNS_KO")
LIGHTS_KO = _groups("LIGHTS_KO")
LIGHT_TAGS_KO = _groups("LIGHT_TAGS_KO")
LIGHT_CLAUSES_KO = _groups("LIGHT_CLAUSES_KO")
MOODS_KO = _list("MOODS_KO")
ADVERBS_KO = _list("ADVERBS_KO")
STYLES_KO = _list("STYLES_KO")
SUFFIXES_KO = _list("SUFFIXES_KO")
NOUN_ENDS_KO = _list("NOUN_ENDS_KO")
PLACE_ENDS_KO = _list("PLACE_ENDS_KO")
SCENES_KO = _list("SCENES_KO")
NIGHT_CITY_KO = _list("NIGHT_CITY_KO")
STARS_KO = _list("STARS_KO")
PICTURES_KO = _list("PICTURES_KO")
GLUE_KO = _list("GLUE_KO")
SPARE: str = _tables["SPARE"]
PARTICLES_KO = _list("PARTICLES_KO")
FREE = _list("FREE")
ALIASES: dict[str, str] = _tables["ALIASES"]


def stem(verb: str) -> str:
    """A Korean verb without its ending, which 고 can follow: 내린다 → 내리, 떠 있다 → 떠 있."""
    if verb.endswith("는다"):
        return verb[:-2]
    code = ord(verb[-2]) - 0xAC00
    return verb[:-2] + chr(0xAC00 + code - 4) if code % 28 == 4 else verb[:-1]
