"""English sentences for a scene."""

from __future__ import annotations

import re

from training import words as w
from training.captions.writer import Writer
from training.scenes import COLOURED


class English(Writer):
    """Tags, short phrases and prose, as people write prompts."""

    def text(self) -> str:
        form = self.dice.random()
        if form < 0.13:
            text = self.tags()
        elif form < 0.2 and self.said <= {"terrain", "time", "weather"}:
            text = self.short()
        else:
            text = self.prose()
        return text if self.chance(0.5) else text[:1].upper() + text[1:]

    def short(self) -> str:
        where, _ = self.place(w.TERRAINS_EN, (), 0)
        place = re.sub(r"^(an?|the) ", "", where)
        when = self.timed(w.TIME_TAGS_EN).removeprefix("at ") if "time" in self.said else ""
        weather = self.pick(w.WEATHER_LOOKS_EN[self.scene.weather]) if "weather" in self.said else ""
        if when and self.chance(0.4):
            return f"{weather} {place} {self.pick(('', 'at '))}{when}"
        return f"{weather} {when} {place}"

    def tags(self) -> str:
        where, mood = self.place(w.TERRAINS_EN, w.MOODS_EN, 0.15)
        parts = [_mooded(where, mood) if self.chance(0.3) else re.sub(r"^(an?|the) ", "", where)]
        if mood and mood not in parts[0]:
            parts.append(mood)
        said, scene = self.said, self.scene
        if "time" in said:
            parts.append(self.timed(w.TIME_TAGS_EN))
        if "weather" in said:
            parts.append(self.pick(w.WEATHER_TAGS_EN[scene.weather]))
        if "light" in said:
            parts.append(self.pick(w.LIGHT_TAGS_EN[scene.light]))
        if "camera" in said:
            parts.append(self.pick(w.CAMERAS_EN[scene.camera]))
        article = self.chance(0.4)
        things = [self.thing(*each, article) for each in self.things]
        parts += [", ".join(things)] if self.alike else things
        parts += [re.sub("^(with|under|beneath) ", "", e) for e in self.extras(w.STARS_EN, w.NIGHT_CITY_EN)]
        return ", ".join([*self.shuffled(parts), *self.styles(w.STYLES_EN)])

    def thing(self, kind: str, colour: str, article: bool = True) -> str:
        tone = self.pick(w.COLOURS_EN[colour]) if colour else ""
        one = "a" if article and kind in COLOURED else ""
        return f"{one} {tone} {self.pick(w.THINGS_EN[kind])}".strip()

    def both(self) -> str:
        """The two things as one noun phrase."""
        (kind, colour), (other, other_colour) = self.things
        form = self.dice.random()
        if self.alike and colour and other_colour and form < 0.35:
            first, second = self.pick(w.COLOURS_EN[colour]), self.pick(w.COLOURS_EN[other_colour])
            name = self.pick(w.THINGS_EN[kind])
            if form < 0.15:
                return f"two {name}s, one {first} and one {second},"
            if form < 0.25:
                return f"a {first} {name} and a {second} one"
            return f"a {first} and a {second} {name}"
        pair = [self.thing(kind, colour), self.thing(other, other_colour)]
        if not self.alike and self.chance(0.4):
            pair.reverse()
        return self.pick(("{} and {}", "{} and {}", "{} beside {}", "{} together with {}")).format(*pair)

    def with_other(self) -> str:
        kind, colour = self.things[1]
        name, how = self.thing(kind, colour), self.pick(w.WITHS_EN[kind])
        return self.pick((f"with {name} {how}", f"with {name} {how}", f"and {name} {how}"))

    def prose(self) -> str:
        said, scene = self.said, self.scene
        where, mood = self.place(w.TERRAINS_EN, w.MOODS_EN, 0.3)
        place = _mooded(where, mood)
        when = self.timed(w.TIMES_EN) if "time" in said else ""
        weather = self.pick(w.WEATHERS_EN[scene.weather]) if "weather" in said else ""
        light = self.pick(w.LIGHTS_EN[scene.light]) if "light" in said else ""
        white = scene.weather == "snow" and scene.terrain in ("mountains", "snowfield", "desert")
        if weather and not white and self.chance(0.15):
            place, weather = _mooded(where, self.pick(w.WEATHER_LOOKS_EN[scene.weather])), ""
        rest: list[str] = []
        stop, headed = False, False
        if self.things:
            core, stop, rest = self.about_things(place)
        else:
            form = self.dice.random()
            if weather and form < 0.25:
                core, weather, stop = f"{self.pick(w.WEATHER_CLAUSES_EN[scene.weather])} {place}", "", True
            elif when and form < 0.45:
                core, when, stop = f"{self.timed(w.TIME_CLAUSES_EN)} {place}", "", True
            elif light and form < 0.65:
                core, light, stop = f"{self.pick(w.LIGHT_CLAUSES_EN[scene.light])} {place}", "", True
            elif when and form < 0.75:
                head = self.timed(w.TIME_HEADS_EN)
                core, when, headed = f"{head} {self.pick(('over', 'over', 'in', 'at'))} {place}", "", True
            else:
                core = place
        after = ""
        if weather and self.chance(0.2):  # a sentence or clause of its own
            clause = self.pick(w.WEATHER_SENTENCES_EN[scene.weather])
            if stop and self.chance(0.5):
                after = f". {clause.capitalize()}"
            else:
                rest.append(f"{self.pick(('while', 'as', 'where'))} {clause}")
            weather = ""
        phrases = [weather, light, *self.extras(w.STARS_EN, w.NIGHT_CITY_EN)]
        if scene.time in ("dawn", "sunset") and scene.weather == "clear" and self.chance(0.1):
            phrases.append(self.pick(w.SUN_EN))
        phrases = self.shuffled(phrases)
        if when and self.chance(0.22):
            core = f"{when}{self.pick((', ', ' '))}{core}" if stop or self.chance(0.6) else f"{core}, {when}"
        elif when:
            phrases.insert(0 if self.chance(0.75) else len(phrases), when)
        text = " ".join([core, *phrases]) if self.chance(0.7) else ", ".join([core, *phrases])
        text = " ".join([text, *rest])
        led = bool(when) and core.startswith(when)
        return self.framed(text + after, stop, not stop and not led, headed)

    def about_things(self, place: str) -> tuple[str, bool, list[str]]:
        """The sentence around what is there: itself, whether it has a verb, and what must end it."""
        kind, colour = self.things[0]
        adverb = self.pick(w.ADVERBS_EN) if self.chance(0.25) else ""
        form = self.dice.random()
        if len(self.things) == 2:
            other, other_colour = self.things[1]
            if form < 0.3:
                return f"{self.both()} {self.pick(('in', 'over', 'near', 'in'))} {place}", False, []
            if form < 0.42:
                return f"{place} with {self.both()}", False, []
            if form < 0.5:
                both, near = self.both(), self.pick(("in", "over", "near"))
                verb = "is" if both.startswith("a ") else "are"
                return f"there {verb} {both} {near} {place}", True, []
            name = self.thing(kind, colour)
            if form < 0.75:
                return f"{name} {self.pick(w.DOINGS_EN[kind])} {place}, {self.with_other()}", False, []
            by = f"{self.pick(('while', 'and', 'as'))} {self.thing(other, other_colour)}"
            by = f"{by} {self.pick(w.BYS_EN[other])}"
            return f"{name} {self.pick(w.MOVES_EN[kind])} {place} {by}", True, []
        name = self.thing(kind, colour)
        if form < 0.38:
            doing = self.pick(w.DOINGS_EN[kind])
            adverb = adverb if re.match(r"\w+ing\b", doing) else ""
            return f"{name} {adverb} {doing} {place}", False, []
        if form < 0.68:
            return f"{name} {adverb} {self.pick(w.MOVES_EN[kind])} {place}", True, []
        if form < 0.76:
            verb = "is" if kind in COLOURED else "are"
            return f"there {verb} {name} {self.pick(w.DOINGS_EN[kind])} {place}", True, []
        if form < 0.86:
            return place, False, [f"{self.pick(('with', 'and', 'with'))} {name}"]
        return f"{place}, {name}", False, []

    def framed(self, text: str, stop: bool, lead: bool, headed: bool) -> str:
        """With what asks for a video before it, the camera and styles after it."""
        camera = "camera" in self.said
        if lead and camera and not headed and self.chance(0.15):
            text, camera = f"{self.pick(w.CAMERA_LEADS_EN[self.scene.camera])} {text}", False
        elif lead and self.chance(0.2):
            text = f"{self.pick(w.PREFIXES_EN)} {text}"
        tail = self.styles(w.STYLES_EN)
        if camera:
            clause = self.pick(w.CAMERA_CLAUSES_EN[self.scene.camera])
            form = self.dice.random()
            if stop and form < 0.4 and not re.search(r"[.]|\b(while|as)\b", text):
                text = f"{text.rstrip(' ,')} {self.pick(('while', 'as', 'and'))} {clause}"
            elif stop and form < 0.6:
                text = f"{text.rstrip(' ,')}. {clause.capitalize()}"
            elif form < 0.7:
                text = f"{text}, {clause}"
            else:
                tail.insert(self.dice.randrange(len(tail) + 1), self.pick(w.CAMERAS_EN[self.scene.camera]))
        text = ", ".join([text.rstrip(" ,"), *tail])
        return text + "." if self.chance(0.6 if stop and not tail else 0.08) else text


def _mooded(place: str, mood: str) -> str:
    """A place with the mood between its article and its name."""
    article, _, name = place.partition(" ")
    return f"{article} {mood} {name}" if article in ("a", "an", "the") else f"{mood} {place}".strip()
