"""Sentences for a scene, as people would write them, in English or Korean."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from training import words as w
from training.captions.english import English
from training.captions.korean import Korean
from training.scenes import COLOURED, Scene

_KOREAN_SHARE = 0.45


@dataclass(frozen=True)
class Caption:
    """A sentence, and the attributes of its scene that it really states."""

    text: str
    said: frozenset[str]


def caption(scene: Scene, dice: random.Random, korean: bool | None = None) -> Caption:
    """One caption: attributes dropped, reworded and reordered at random."""
    if korean is None:
        korean = dice.random() < _KOREAN_SHARE
    if scene.terrain == "picture":
        return _picture(scene, dice, korean)
    said = _said(scene, dice)
    text = (Korean if korean else English)(scene, said, dice).text()
    return Caption(_tidy(text), said)


def _picture(scene: Scene, dice: random.Random, korean: bool) -> Caption:
    head = dice.choice(w.PICTURES_KO if korean else w.PICTURES_EN)
    if dice.random() < 0.3:
        return Caption(head, frozenset({"terrain"}))
    camera = dice.choice((w.CAMERAS_KO if korean else w.CAMERAS_EN)[scene.camera])
    return Caption(f"{head}, {camera}", frozenset({"terrain", "camera"}))


def _said(scene: Scene, dice: random.Random) -> frozenset[str]:
    """What the sentence will state; things nearly always, or it would teach phantoms."""
    short = dice.random() < 0.12
    chances = {
        "time": 0.6 if short else 0.92,
        "weather": (0.5 if scene.weather == "clear" else 0.93) * (0.6 if short else 1),
        "camera": (0.12 if scene.camera == "still" else 0.75) * (0.3 if short else 1),
        "light": 0.0 if scene.light == "none" else 0.5 if short else 0.9,
        "thing": 0.0 if scene.thing == "none" else 0.97,
        "second": 0.0 if scene.second == "none" else 0.97,
    }
    said = {"terrain", *(name for name, chance in chances.items() if dice.random() < chance)}
    named = 0.98 if scene.second in COLOURED else 0.95
    for thing, colour in (("thing", "colour"), ("second", "second_colour")):
        if thing in said and getattr(scene, thing) in COLOURED and dice.random() < named:
            said.add(colour)
    return frozenset(said)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\b([\w가-힣]+) \1\b", r"\1", text)  # 화창한 화창한 날
    text = re.sub(r" (?=[,.])", "", text)
    text = re.sub(r",(?:,| ,)+", ",", text).strip(" ,")
    text = re.sub(r"\b(a)n(?= [^aeiou])", r"\1", text, flags=re.I)
    return re.sub(r"\b(a)(?= [aeiou])", r"\1n", text, flags=re.I)
