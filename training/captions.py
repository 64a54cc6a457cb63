"""Sentences for a scene, as people would write them, in English or Korean."""

from __future__ import annotations

import random
import re

from training import words as w
from training.scenes import COLOURED, Scene


def caption(scene: Scene, dice: random.Random) -> str:
    """One caption: attributes dropped, reworded and reordered at random."""
    if scene.terrain == "picture":
        return _picture(scene, dice)
    text = _korean(scene, dice) if dice.random() < 0.45 else _english(scene, dice)
    return re.sub(r"\s+", " ", text).strip(" ,")


def _picture(scene: Scene, dice: random.Random) -> str:
    korean = dice.random() < 0.45
    head = dice.choice(w.PICTURES_KO if korean else w.PICTURES_EN)
    cameras = w.CAMERAS_KO if korean else w.CAMERAS_EN
    return f"{head}, {dice.choice(cameras[scene.camera])}" if dice.random() < 0.7 else head


def _named(scene: Scene, dice: random.Random, things: w.Words, tones: w.Words) -> str:
    colour = dice.choice(tones[scene.colour]) if scene.thing in COLOURED and dice.random() < 0.9 else ""
    return dice.choice(things[scene.thing]).replace("{c}", colour)


def _english(scene: Scene, dice: random.Random) -> str:
    place = dice.choice(w.TERRAINS_EN[scene.terrain])
    mood = dice.choice(w.MOODS_EN) if dice.random() < 0.35 else ""
    if mood:
        article, _, rest = place.partition(" ")
        place = f"{article} {mood} {rest}" if article in ("a", "an", "the") else f"{mood} {place}"
    when = dice.choice(w.TIMES_EN[scene.time]) if dice.random() < 0.86 else ""
    said = 0.55 if scene.weather == "clear" else 0.9
    weather = dice.choice(w.WEATHERS_EN[scene.weather]) if dice.random() < said else ""
    thing = (
        _named(scene, dice, w.THINGS_EN, w.COLOURS_EN)
        if scene.thing != "none" and dice.random() < 0.9
        else ""
    )
    extras = [weather, *_sky_words(scene, dice, w.LIGHTS_EN, w.STARS_EN, w.NIGHT_CITY_EN)]
    if scene.time in ("dawn", "sunset") and scene.weather in ("clear", "clouds") and dice.random() < 0.12:
        extras.append(dice.choice(w.SUN_EN))
    dice.shuffle(extras)
    form = dice.random()
    if thing and form < 0.6:
        link = dice.choice(("over", "in", "above", "near", "across", "on", "through"))
        text = " ".join((thing, link, place, when, *extras))
    elif thing:
        text = " ".join((place, when, *extras)) + dice.choice((", ", " with ", " and ")) + thing
    elif when and form < 0.3:
        head = dice.choice(w.TIME_HEADS_EN[scene.time])
        mooded = f"a {mood} {head.removeprefix('a ').removeprefix('an ')}" if mood else head
        text = " ".join(
            (mooded, dice.choice(("over", "in", "at", "on")), place.replace(mood + " ", ""), *extras)
        )
    elif form < 0.45 and weather:
        text = " ".join((*extras, place, when))
        text = re.sub(r"^(with|in|under|as) ", "", text) if dice.random() < 0.5 else text
    else:
        text = " ".join((place, when, *extras))
    if dice.random() < 0.16:
        text = f"{dice.choice(w.PREFIXES_EN)} {text}"
    tail = _tail(scene, dice, w.CAMERAS_EN, w.STYLES_EN)
    text = ", ".join((text, *tail))
    return text if dice.random() < 0.5 else text.capitalize()


def _korean(scene: Scene, dice: random.Random) -> str:
    place = dice.choice(w.TERRAINS_KO[scene.terrain])
    when = dice.choice(w.TIMES_KO[scene.time]) if dice.random() < 0.86 else ""
    said = 0.5 if scene.weather == "clear" else 0.9
    weather = dice.choice(w.WEATHERS_KO[scene.weather]) if dice.random() < said else ""
    mood = dice.choice(w.MOODS_KO) if dice.random() < 0.3 else ""
    thing = (
        _named(scene, dice, w.THINGS_KO, w.COLOURS_KO)
        if scene.thing != "none" and dice.random() < 0.9
        else ""
    )
    before = [when, weather, mood, *_sky_words(scene, dice, w.LIGHTS_KO, w.STARS_KO, w.NIGHT_CITY_KO)]
    dice.shuffle(before)
    form = dice.random()
    if when and not thing and form < 0.2:
        before.remove(when)
        text = f"{' '.join(before)} {place}, {when}"
    elif when and not thing and form < 0.32:
        before.remove(when)
        text = f"{' '.join(before)} {place}의 {when}"
    elif thing and form < 0.6:
        link = dice.choice((" 위를 나는", " 위의", "에", "에서", "와", " 위로", "을 지나는", ","))
        text = f"{' '.join(before)} {place}{link} {thing}"
    elif thing:
        text = f"{thing}, {' '.join(before)} {place}"
    else:
        text = f"{' '.join(before)} {place}"
    if dice.random() < 0.14:
        text = f"{text} {dice.choice(w.SUFFIXES_KO)}"
    return ", ".join((text, *_tail(scene, dice, w.CAMERAS_KO, w.STYLES_KO)))


def _sky_words(
    scene: Scene, dice: random.Random, lights: w.Words, stars: tuple[str, ...], neon: tuple[str, ...]
) -> list[str]:
    found = []
    if scene.light != "none" and dice.random() < 0.88:
        found.append(dice.choice(lights[scene.light]))
    if scene.time == "night" and scene.terrain == "city" and dice.random() < 0.55:
        found.append(dice.choice(neon))
    elif scene.time == "night" and scene.weather == "clear" and dice.random() < 0.45:
        found.append(dice.choice(stars))
    return found


def _tail(scene: Scene, dice: random.Random, cameras: w.Words, styles: tuple[str, ...]) -> list[str]:
    tail = [dice.choice(styles) for _ in range(dice.choices((0, 1, 2), (7, 2, 1))[0])]
    if dice.random() < (0.12 if scene.camera == "still" else 0.72):
        tail.insert(dice.randrange(len(tail) + 1), dice.choice(cameras[scene.camera]))
    return tail
