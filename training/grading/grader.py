"""A small network that tells what a clip shows, so that what was asked for can be checked.

Letters: B clips, N places in time, H rows, W columns, K kinds of things, C colours.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from training.grading.flow import CameraReader, flow, shrunk
from training.scenes import CAMERAS, COLOURED, COLOURS, LIGHTS, TERRAINS, TIMES, WEATHERS, Scene

FILE = Path(__file__).with_name("grader.safetensors")
ACCURACY = FILE.with_name("accuracy.json")
KINDS = ("balloon", "boat", "train", "birds", "flying_cars", "umbrellas")
ATTRIBUTES = (
    "time",
    "terrain",
    "weather",
    "rain",
    "snow",
    "light",
    "thing",
    "colour",
    "second",
    "second_colour",
    "both_colours",
    "camera",
)
SHORT = 96  # pixels of the shorter side
PLACES = 5
_WIDTHS = (24, 48, 96, 128)
_GRID = (3, 5)
_SKETCH = 24
_HIDDEN = 96
_AT_ONCE = 16
_SELDOM = 2.0  # logits start from here, since most things are absent
_SEEN = 0.5  # a thing or a further colour counts as seen from here


def kinds(thing: str) -> tuple[str, ...]:
    """The kinds of things that a scene's `thing` stands for."""
    return {"none": (), "street_life": ("flying_cars", "umbrellas")}.get(thing, (thing,))


def accuracy(file: Path = ACCURACY) -> dict[str, float]:
    """The share of drawn clips that a trained grader read rightly, by check."""
    report = json.loads(file.read_text(encoding="utf-8"))
    return {name: entry["right"] for name, entry in report["accuracy"].items()}


@dataclass(frozen=True)
class Reading:
    """What the pixels show. `colours` has the clearest colour of a kind first."""

    time: str
    terrain: str
    weather: str
    camera: str
    things: frozenset[str]
    colours: dict[str, tuple[str, ...]]
    light: str


def right(reading: Reading, scene: Scene, attribute: str) -> bool | None:
    """Whether the reading agrees with the scene in one of ATTRIBUTES; None where the scene says nothing."""
    first, second = scene.thing, scene.second
    twins = first == second != "none"
    match attribute:
        case "time" | "terrain" | "weather" | "light" | "camera":
            return getattr(reading, attribute) == getattr(scene, attribute)
        case "rain" | "snow":
            return (reading.weather == attribute) == (scene.weather == attribute)
        case "thing":
            return reading.things.issuperset(kinds(first)) if first != "none" else not reading.things
        case "second" if twins:
            return len(reading.colours.get(second, ())) == 2
        case "second" if second != "none":
            return second in reading.things
        case "colour" if first in COLOURED:
            return scene.colour in reading.colours.get(first, ())[: 2 if twins else 1]
        case "second_colour" if second in COLOURED:
            return scene.second_colour in reading.colours.get(second, ())[: 2 if twins else 1]
        case "both_colours" if twins:
            return set(reading.colours.get(first, ())) == {scene.colour, scene.second_colour}
        case "both_colours" if first in COLOURED and second in COLOURED:
            return bool(right(reading, scene, "colour") and right(reading, scene, "second_colour"))
    return None


def glimpses(clips: Tensor) -> Tensor:
    """Frames from PLACES in time, each with the next: [B N 2 3 H W] uint8, of clips [B T H W 3] uint8."""
    last = clips.shape[1] - 1
    starts = torch.linspace(0, max(0, last - 1), PLACES).round().long()
    index = torch.stack((starts, (starts + 1).clamp(max=last)), 1).to(clips.device)  # [N 2]
    images = clips[:, index].flatten(0, 2).permute(0, 3, 1, 2).float()
    small = shrunk(images, SHORT).round().clamp(0, 255).to(torch.uint8)
    return small.unflatten(0, (len(clips), PLACES, 2))


class Grader(nn.Module):
    """Looks at each place in time alone, then weighs what was seen over the whole clip."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = _WIDTHS
        self.fine = nn.Sequential(
            _convolved(4, a, 2), _convolved(a, b, 2), _convolved(b, b), _convolved(b, c, 2), _convolved(c, c)
        )
        self.coarse = _convolved(c, d, 2)
        self.sketch = nn.Conv2d(d, _SKETCH, 1)
        self.summary = nn.Sequential(
            nn.Linear(_SKETCH * _GRID[0] * _GRID[1] + 2 * d, _HIDDEN), nn.GELU(), nn.Dropout(0.1)
        )
        self.time = nn.Linear(_HIDDEN, len(TIMES))
        self.terrain = nn.Linear(_HIDDEN, len(TERRAINS))
        self.weather = nn.Linear(_HIDDEN, len(WEATHERS))
        self.light = nn.Linear(_HIDDEN, len(LIGHTS))
        self.likely = nn.Linear(_HIDDEN, len(KINDS))
        self.things = nn.Conv2d(c, len(KINDS), 1)
        self.colours = nn.Conv2d(c, len(COLOURED) * len(COLOURS), 1)
        self.camera = CameraReader()

    @classmethod
    def load(cls, file: Path = FILE, device: str = "cpu") -> Grader:
        """A trained grader."""
        grader = cls()
        grader.load_state_dict({name: t.float() for name, t in load_file(file).items()}, strict=False)
        return grader.eval().to(device)

    def save(self, file: Path = FILE) -> None:
        """Write the weights in float16."""
        weights = {n: t.detach().cpu() for n, t in self.state_dict().items() if t.is_floating_point()}
        save_file({n: t.half().contiguous() for n, t in weights.items()}, file)

    def forward(self, pairs: Tensor) -> dict[str, Tensor]:
        """Logits of everything but the camera; `pairs` [B N 2 3 H W] in 0..1."""
        b, n = pairs.shape[:2]
        change = (pairs[:, :, 1] - pairs[:, :, 0]).mean(2, keepdim=True)
        images = torch.cat((pairs[:, :, 0] * 2 - 1, change * 4), 2).flatten(0, 1)  # [BN 4 H W]
        fine = self.fine(images)
        coarse = self.coarse(fine)
        layout = adaptive_avg_pool2d(self.sketch(coarse), _GRID).flatten(1)
        whole = torch.cat((layout, coarse.mean((2, 3)), coarse.amax((2, 3))), 1)
        hidden = self.summary(whole.unflatten(0, (b, n)).mean(1))
        things = _anywhere(self.things(fine).unflatten(0, (b, n)))  # [B K]
        colours = _anywhere(self.colours(fine).unflatten(0, (b, n)))
        return {
            "time": self.time(hidden),
            "terrain": self.terrain(hidden),
            "weather": self.weather(hidden),
            "light": self.light(hidden),
            "things": things + self.likely(hidden),
            "colours": colours.unflatten(1, (len(COLOURED), len(COLOURS))),
        }

    @torch.inference_mode()
    def read(self, clips: Tensor) -> list[Reading]:
        """One reading for each of the clips [B T H W 3] uint8."""
        device = self.time.weight.device
        readings = []
        for part in clips[..., :3].split(_AT_ONCE):
            part = part.to(device)
            answers = self(glimpses(part).float() / 255)
            answers["camera"] = self.camera(flow(part))
            plain = {name: logits.float().cpu() for name, logits in answers.items()}
            readings += [_reading({name: t[i] for name, t in plain.items()}) for i in range(len(part))]
        return readings


def _reading(answers: dict[str, Tensor]) -> Reading:
    seen = answers["things"].sigmoid()
    things = frozenset(kind for kind, p in zip(KINDS, seen.tolist(), strict=True) if p > _SEEN)
    colours = {}
    for kind, row in zip(COLOURED, answers["colours"].sigmoid(), strict=True):
        if kind in things:
            (_, best), (sure, other) = zip(*(t.tolist() for t in row.topk(2)), strict=True)
            colours[kind] = tuple(COLOURS[i] for i in ((best, other) if sure > _SEEN else (best,)))
    return Reading(
        time=TIMES[answers["time"].argmax()],
        terrain=TERRAINS[answers["terrain"].argmax()],
        weather=WEATHERS[answers["weather"].argmax()],
        camera=CAMERAS[answers["camera"].argmax()],
        things=things,
        colours=colours,
        light=LIGHTS[answers["light"].argmax()],
    )


def _convolved(channels: int, out: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.GELU())


def _anywhere(maps: Tensor) -> Tensor:
    """A soft maximum over place and time, however many there are: [B K] of [B N K H W]."""
    flat = maps.float().transpose(1, 2).flatten(2)
    return flat.logsumexp(2) - math.log(flat.shape[2]) - _SELDOM
