"""Korean sentences for a scene."""

from __future__ import annotations

import re

from training import words as w
from training.captions.writer import Writer

_LINKS = re.compile(r"(?:을|의|이|에|에서)(?= |$)")  # what a Korean noun takes without a space


class Korean(Writer):
    """Tags, short phrases and prose, as people write prompts."""

    def text(self) -> str:
        form = self.dice.random()
        if form < 0.13:
            return self.tags()
        if form < 0.22 and self.said <= {"terrain", "time", "weather"}:
            return self.short()
        return self.prose()

    def short(self) -> str:
        name, _ = self.place(w.TERRAINS_KO, (), 0)
        when = self.timed(w.TIME_TAGS_KO) if "time" in self.said else ""
        weather = self.pick(w.WEATHERS_KO[self.scene.weather]) if "weather" in self.said else ""
        if when and self.scene.time == "night" and self.scene.terrain == "city" and self.chance(0.6):
            return f"{weather} {name} 야경"
        return f"{weather} {self.pick((f'{when} {name}', f'{name} {when}'))}"

    def tags(self) -> str:
        said, scene = self.said, self.scene
        name, mood = self.place(w.TERRAINS_KO, w.MOODS_KO, 0.15)
        parts = [f"{mood} {name}".strip()]
        if "time" in said:
            parts.append(self.timed(w.TIME_TAGS_KO))
        if "weather" in said:
            parts.append(self.pick(w.WEATHER_TAGS_KO[scene.weather]))
        if "light" in said:
            parts.append(self.pick(w.LIGHT_TAGS_KO[scene.light]))
        if "camera" in said:
            parts.append(self.pick(w.CAMERAS_KO[scene.camera]))
        things = [self.thing(*each) for each in self.things]
        parts += [", ".join(things)] if self.alike else things
        return ", ".join([*self.shuffled(parts), *self.styles(w.STYLES_KO)])

    def thing(self, kind: str, colour: str) -> str:
        tone = self.pick(w.COLOURS_KO[colour]) if colour else ""
        return f"{tone} {self.pick(w.THINGS_KO[kind])}".strip()

    def both(self) -> str:
        """The two things as one noun phrase."""
        (kind, colour), (other, other_colour) = self.things
        form = self.dice.random()
        if self.alike and colour and other_colour and form < 0.15:
            name = re.sub(" (하나|한 척)$", "", self.pick(w.THINGS_KO[kind]))
            tones = [self.pick(w.COLOUR_NOUNS_KO[c]) for c in (colour, other_colour)]
            count = "두 척" if kind == "boat" else "두 개"
            return f"{tones[0]} 하나와 {tones[1]} 하나, {name} {count}"
        pair = [self.thing(kind, colour), self.thing(other, other_colour)]
        if form < 0.4:
            return f"{pair[0]} {self.pick(w.BESIDES_KO['boat' if self.alike else other])} {pair[1]}"
        if not self.alike and self.chance(0.4):
            pair.reverse()
        return f"{josa(pair[0], '와')} {pair[1]}"

    def prose(self) -> str:
        said, scene = self.said, self.scene
        name, mood = self.place(w.TERRAINS_KO, w.MOODS_KO, 0.28)
        when = "time" in said
        weather = self.pick(w.WEATHERS_KO[scene.weather]) if "weather" in said else ""
        light = self.pick(w.LIGHTS_KO[scene.light]) if "light" in said else ""
        lead = clause = end = ""
        form = self.dice.random()
        if (when and form < 0.25) or (when and weather and light):  # three before one noun are too many
            lead, when = self.timed(w.TIMES_KO), False
        elif when and weather and form < 0.42:
            lead, when, weather = f"{weather} {self.timed(w.TIMES_KO)}", False, ""
        elif weather and form < 0.52:
            clause, weather = self.pick(w.WEATHER_CLAUSES_KO[scene.weather]), ""
        elif light and form < 0.6:
            clause, light = self.pick(w.LIGHT_CLAUSES_KO[scene.light]), ""
        elif when and form < 0.66:
            clause, when = self.timed(w.TIME_CLAUSES_KO), False
        elif when and not self.things and form < 0.74:
            when, end = False, self.timed(w.TIMES_KO)
        mods = [part for part in (self.timed(w.TIME_MODS_KO) if when else "", weather, light) if part]
        if len(mods) < 2:
            mods += self.extras(w.STARS_KO, w.NIGHT_CITY_KO)
        place = " ".join([*self.shuffled(mods), *([mood] if mood else []), name])
        if end:
            text, stop = self.pick((f"{place}의 {end}", f"{place}, {end}")), False
        elif self.things:
            text, stop = self.about_things(place)
        else:
            text, stop = self.about_place(place)
        if lead:
            link = self.pick((", ", "에 ")) if stop else ", " if self.things else self.pick((", ", "의 "))
            text = f"{lead}{link}{text}"
        if clause:
            going = f"{w.stem(clause)}고{self.pick(('', ','))}" if stop else f"{clause}."
            text = f"{going} {text}"
        return self.framed(text, stop)

    def about_place(self, place: str) -> tuple[str, bool]:
        form = self.dice.random()
        if form < 0.25:
            end = self.pick(w.PLACE_ENDS_KO)
            return _linked(place, end), end.endswith("다")
        if form < 0.45:
            end = self.pick(w.NOUN_ENDS_KO)
            return _linked(place, end), end.endswith("다")
        return place, False

    def about_things(self, place: str) -> tuple[str, bool]:
        """The sentence around what is there, and whether it ends with a verb."""
        kind, colour = self.things[0]
        adverb = f"{self.pick(w.ADVERBS_KO)} " if self.chance(0.25) else ""
        form = self.dice.random()
        if len(self.things) == 2:
            other, other_colour = self.things[1]
            if form < 0.3:
                by = self.pick(w.BYS_KO[other]).format(t=josa(self.thing(other, other_colour), "이"))
                going = self.pick(w.ANDS_KO[kind])
                return f"{josa(self.thing(kind, colour), '이')} {_linked(place, going)} {by}", True
            if form < 0.6:
                link = self.pick(("의", "에 있는", "위의", "에 보이는"))
                return f"{_linked(place, link)} {self.both()}", False
            if form < 0.75:
                return f"{josa(self.both(), '이')} 있는 {place}", False
            if form < 0.85:
                return f"{place}, {self.both()}", False
            if form < 0.93:
                return f"{place}에 {josa(self.both(), '이')} {self.pick(('보인다', '함께 있다'))}", True
            return f"{place}에서 {josa(self.both(), '을')} {self.pick(('보여줘', '비춘다'))}", True
        name = self.thing(kind, colour)
        move, doing = self.pick(w.MOVES_KO[kind]), self.pick(w.DOINGS_KO[kind])
        if not move.endswith("있다") and self.chance(0.25):
            move = f"{w.stem(move)}고 있다"
        if form < 0.28:
            return f"{_linked(place, doing, adverb)} {name}", False
        if form < 0.42:
            return f"{josa(name, '이')} {_linked(place, move, adverb)}", True
        if form < 0.56:
            link, _, verb = move.partition(" ")
            adverb = "" if verb == "떠 있다" else adverb
            return f"{_linked(place, link)} {josa(name, '이')} {adverb}{verb}", True
        if form < 0.68 and doing[-1] != "의":
            return f"{josa(name, '이')} {_linked(place, doing, adverb)} {self.pick(w.SCENES_KO)}", False
        if form < 0.8:
            end = self.pick(w.NOUN_ENDS_KO)
            return _linked(f"{_linked(place, doing)} {name}", end), end.endswith("다")
        if form < 0.9:
            return f"{josa(name, '이')} {self.pick(('있는', '있는', '보이는'))} {place}", False
        return f"{name}, {place}" if self.chance(0.5) else f"{place}, {name}", False

    def framed(self, text: str, stop: bool) -> str:
        """With what asks for a video, the camera and styles after it."""
        asks = re.search("(줘|주세요|장면|모습|영상|풍경)$", text)
        if not stop and not asks and self.chance(0.2):
            text = f"{text} {self.pick(w.SUFFIXES_KO)}"
        tail = self.styles(w.STYLES_KO)
        dot = False
        if "camera" in self.said:
            form = self.dice.random()
            clause = self.pick(w.CAMERA_CLAUSES_KO[self.scene.camera])
            noun = not stop and not re.search("(줘|주세요|부탁해|싶어)$", text)
            if stop and form < 0.45:
                text, dot = f"{text.rstrip(' ,')}{self.pick(('. ', ', ', '. '))}{clause}", self.chance(0.6)
            elif noun and form < 0.15:
                leads = self.pick(w.CAMERA_LEADS_KO[self.scene.camera])
                text = f"카메라가 {leads} {josa(text, '을')} {self.pick(('비춘다', '보여 준다', '담는다'))}"
            elif form < 0.4:
                text = f"{text}, {clause}"
            else:
                tail.insert(self.dice.randrange(len(tail) + 1), self.pick(w.CAMERAS_KO[self.scene.camera]))
        elif stop:
            dot = self.chance(0.45)
        text = ", ".join([text, *tail])
        return text + "." if dot and not tail else text


def josa(noun: str, particle: str) -> str:
    """The noun with the form of 이, 을 or 와 that its last sound asks for."""
    code = ord(noun[-1]) - 0xAC00
    final = code % 28 if 0 <= code < 11172 else 0
    forms = {"이": "이가", "을": "을를", "와": "과와"}
    return noun + forms[particle][0 if final else 1] if particle in forms else noun + particle


def _linked(noun: str, end: str, adverb: str = "") -> str:
    """Noun and ending, joined by the particle that the ending begins with or by a space."""
    link, _, verb = end.partition(" ")
    noun = josa(noun, link) if _LINKS.match(end) else f"{noun} {link}"
    if not verb:
        return noun
    return f"{noun} {verb}" if verb.startswith("떠 있") else f"{noun} {adverb}{verb}"
