"""What both languages share: words for what is to be said, each at most once."""

from __future__ import annotations

import random
import re

from training.scenes import Scene
from training.words import Words

_ON_FOOT = ("umbrellas", "street_life")
_ASHORE = re.compile("shore|beach|coast|side|해변|해안|모래사장|가$")  # no boat sails here


class Writer:
    """Writes about one scene; each language makes its sentences of this."""

    def __init__(self, scene: Scene, said: frozenset[str], dice: random.Random) -> None:
        self.scene, self.said, self.dice = scene, said, dice
        self.things = [
            (kind, getattr(scene, colour) if colour in said else "")
            for name, colour, kind in (
                ("thing", "colour", scene.thing),
                ("second", "second_colour", scene.second),
            )
            if name in said
        ]
        self.alike = len(self.things) == 2 and scene.thing == scene.second

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def pick(self, options: tuple[str, ...]) -> str:
        return self.dice.choice(options)

    def timed(self, table: Words) -> str:
        """Words for the time that also fit the weather."""
        time, weather = self.scene.time, self.scene.weather
        options = table[time]
        if time == "day" and (weather == "clear" or (weather == "clouds" and self.chance(0.25))):
            options += table.get("day_fair", ())
        if time == "night" and weather == "clear":
            options += table.get("night_clear", ())
        return self.pick(options)

    def place(self, table: Words, moods: tuple[str, ...], share: float) -> tuple[str, str]:
        """The terrain's name and perhaps a mood."""
        kinds = {kind for kind, _ in self.things}
        names = table["street" if kinds & set(_ON_FOOT) else self.scene.terrain]
        if "boat" in kinds:
            names = tuple(name for name in names if not _ASHORE.search(name))
        name = self.pick(names)
        mood = self.pick(moods) if self.chance(share) else ""
        return name, "" if mood in name.split() else mood

    def extras(self, stars: tuple[str, ...], neon: tuple[str, ...]) -> list[str]:
        """What belongs to a night but is no attribute."""
        if self.scene.time != "night":
            return []
        if self.scene.terrain == "city":
            return [self.pick(neon)] if self.chance(0.5) else []
        clear = self.scene.weather == "clear"
        return [self.pick(stars)] if clear and self.chance(0.4) else []

    def styles(self, table: tuple[str, ...]) -> list[str]:
        return self.dice.sample(table, self.dice.choices((0, 1, 2, 3), (65, 20, 10, 5))[0])

    def shuffled(self, parts: list[str]) -> list[str]:
        self.dice.shuffle(parts)
        return [part for part in parts if part]
