"""Trains the grader on clips drawn as it learns, then measures it on clips it has not seen.

python -m training.grading.train --seconds 240 --device cuda
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, interpolate

from training.grading.flow import CELLS, CHANNELS, flow, mirrored, shrunk
from training.grading.grader import (
    ACCURACY,
    ATTRIBUTES,
    FILE,
    KINDS,
    PLACES,
    SHORT,
    Grader,
    glimpses,
    kinds,
    right,
)
from training.scenes import (
    CAMERAS,
    COLOURED,
    COLOURS,
    LIGHTS,
    TERRAINS,
    TIMES,
    WEATHERS,
    Scene,
    random_scenes,
)
from training.world import draw

_FRAMES = 25
_WIDTH = 160  # of a glimpse
_CHOICES = {"time": TIMES, "terrain": TERRAINS, "weather": WEATHERS, "light": LIGHTS, "camera": CAMERAS}
_RATE = 3e-3
_JUDGING_SEED = 990_001


def labels(scenes: list[Scene]) -> dict[str, Tensor]:
    """What a grader should answer: indices [B], things [B K] and colours [B COLOURED COLOURS] as 0 or 1."""
    answers = {
        name: torch.tensor([choices.index(getattr(s, name)) for s in scenes])
        for name, choices in _CHOICES.items()
    }
    answers["things"] = torch.zeros(len(scenes), len(KINDS))
    answers["colours"] = torch.zeros(len(scenes), len(COLOURED), len(COLOURS))
    for i, scene in enumerate(scenes):
        for thing, colour in ((scene.thing, scene.colour), (scene.second, scene.second_colour)):
            for kind in kinds(thing):
                answers["things"][i, KINDS.index(kind)] = 1
            if thing in COLOURED:
                answers["colours"][i, COLOURED.index(thing), COLOURS.index(colour)] = 1
    return answers


class Pool:
    """Clips ready to learn from; the oldest are replaced as new ones are drawn."""

    def __init__(self, count: int, device: str, seed: int, height: int) -> None:
        self.device, self.dice, self.height = device, random.Random(seed), height
        self.pairs = torch.zeros(count, PLACES, 2, 3, SHORT, _WIDTH, dtype=torch.uint8, device=device)
        self.flows = torch.zeros(count, CHANNELS, *CELLS, device=device)
        self.answers = {n: t.repeat(count, *(1,) * (t.dim() - 1)).to(device) for n, t in _blank().items()}
        self.drawn = 0

    def add(self, count: int) -> None:
        """Draw `count` clips of one kind of scene."""
        scenes = random_scenes(self.dice, count)
        seed = self.dice.randrange(2**31)
        clips = draw(scenes, _FRAMES, self.height, self.height * 5 // 3, self.device, seed)[..., :3]
        places = (torch.arange(count, device=self.device) + self.drawn) % len(self.pairs)
        frames = shrunk(clips.flatten(0, 1).permute(0, 3, 1, 2).float(), SHORT)
        small = frames.permute(0, 2, 3, 1).unflatten(0, (count, _FRAMES))
        self.pairs[places] = glimpses(small)
        self.flows[places] = flow(_worn_clips(small, 0.5))
        for name, answer in labels(scenes).items():
            self.answers[name][places] = answer.to(self.device)
        self.drawn += count

    def batch(self, count: int, looked_at: int) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Pairs [B N 2 3 H W] in 0..1, flow, and the answers; half of the clips worn, half mirrored."""
        index = torch.randint(min(self.drawn, len(self.pairs)), (count,), device=self.device)
        places = torch.randperm(PLACES, device=self.device)[:looked_at]
        pairs = worn(self.pairs[index][:, places].float() / 255, 0.5)
        found, answers = self.flows[index], {name: t[index] for name, t in self.answers.items()}
        flip = torch.rand(count, device=self.device) < 0.5
        pairs = torch.where(flip.view(-1, 1, 1, 1, 1, 1), pairs.flip(-1), pairs)
        other, camera = mirrored(found, answers["camera"])
        answers["camera"] = torch.where(flip, camera, answers["camera"])
        return pairs, torch.where(flip.view(-1, 1, 1, 1), other, found), answers


def _blank() -> dict[str, Tensor]:
    return labels([Scene(TERRAINS[0], TIMES[0], WEATHERS[0])])


def worn(pairs: Tensor, share: float) -> Tensor:
    """A share of the clips [B N 2 3 H W] as a codec or a video model might give them back."""
    b, device = len(pairs), pairs.device

    def chance() -> Tensor:
        return torch.rand(b, 1, 1, 1, 1, 1, device=device)

    def some(often: float) -> Tensor:
        return (chance() < often) * chance()

    x = pairs
    x = x + (_softened(x) - x) * some(0.6)
    x = x + (_quantised(x, 0.06) - x) * some(0.5)
    x = x + (x.mean(2, keepdim=True) - x) * some(0.3) * 0.5  # little is left between neighbouring frames
    x = x * (1 + 0.1 * (some(1) - 0.5)) + 0.1 * (some(1) - 0.5)
    x = (x - 0.5) * (1 + 0.1 * (some(1) - 0.5)) + 0.5
    x = x + torch.randn_like(x) * some(0.6) * 0.025
    x = x.clamp(0, 1)
    return torch.where(chance() < share, x, pairs)


def _worn_clips(clips: Tensor, share: float) -> Tensor:
    """The same for whole clips [B T H W 3], in 0..255."""
    frames = clips.permute(0, 1, 4, 2, 3).unsqueeze(2).float() / 255  # [B T 1 3 H W]
    return worn(frames, share).squeeze(2).permute(0, 1, 3, 4, 2) * 255


def _softened(x: Tensor) -> Tensor:
    flat = x.flatten(0, 2)
    small = interpolate(flat, scale_factor=0.5, mode="area")
    return interpolate(small, size=flat.shape[-2:], mode="bilinear").view_as(x)


def _quantised(x: Tensor, coarseness: float) -> Tensor:
    """As a JPEG would: cosines over blocks of 8 by 8, the fine ones rounded more."""
    height, width = x.shape[-2:]
    turn, steps = _cosines(x.device)
    blocks = x.unflatten(-1, (width // 8, 8)).unflatten(-3, (height // 8, 8)).transpose(-3, -2)
    waves = turn @ blocks @ turn.T  # [.. 8 8]
    blocks = turn.T @ ((waves / (steps * coarseness)).round() * steps * coarseness) @ turn
    return blocks.transpose(-3, -2).flatten(-4, -3).flatten(-2)


@cache
def _cosines(device: torch.device) -> tuple[Tensor, Tensor]:
    k = torch.arange(8, device=device, dtype=torch.float32)
    turn = torch.cos((k + 0.5) * k[:, None] * torch.pi / 8) / 2
    turn[0] /= 2**0.5
    return turn, 0.3 + (k + k[:, None]) * 0.6


def loss_of(answers: dict[str, Tensor], truth: dict[str, Tensor]) -> Tensor:
    """One number for all questions; an absent thing's colours hardly count."""
    total = sum(cross_entropy(answers[name].float(), truth[name]) for name in _CHOICES)
    things = binary_cross_entropy_with_logits(answers["things"].float(), truth["things"])
    wanted = truth["colours"]
    weights = (wanted.amax(2, keepdim=True) + 0.03).expand_as(wanted)
    colours = binary_cross_entropy_with_logits(answers["colours"].float(), wanted, weights, reduction="sum")
    return total + 4 * things + 4 * colours / weights.sum()


def run(
    seconds: float = 240,
    device: str = "cuda",
    judged: int = 800,
    file: Path = FILE,
    pool: int | None = None,
    seed: int = 1,
    height: int | None = None,
) -> dict[str, float]:
    """Train for `seconds`, write the grader and its accuracies, and give the accuracies back."""
    fast = device != "cpu"
    height = height or (2 * SHORT if fast else SHORT)
    torch.manual_seed(seed)
    clips = Pool(pool or (3072 if fast else 600), device, seed, height)
    began = time.monotonic()
    together, batch, looked_at, replaced_every = (16, 96, 3, 3) if fast else (4, 24, 1, 4)
    while clips.drawn < len(clips.pairs) and time.monotonic() - began < 0.3 * seconds:
        clips.add(together)
    grader = Grader().to(device).train()
    optimizer = torch.optim.AdamW(grader.parameters(), _RATE, betas=(0.9, 0.98), weight_decay=0.02)
    learning, steps = time.monotonic(), 0
    left = seconds - (learning - began)
    while (progress := (time.monotonic() - learning) / left) < 1:
        if steps % replaced_every == 0:
            clips.add(together)
        for group in optimizer.param_groups:
            group["lr"] = _RATE * _pace(progress)
        pairs, found, truth = clips.batch(batch, looked_at)
        with torch.autocast("cuda", torch.bfloat16, enabled=fast):
            answers = grader(pairs)
            answers["camera"] = grader.camera(found)
        loss = loss_of(answers, truth)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(grader.parameters(), 2.0)
        optimizer.step()
        if steps % (500 if fast else 20) == 0:
            passed = time.monotonic() - began
            print(f"{passed:6.0f} s  step {steps}  {clips.drawn} clips  loss {loss:.3f}", flush=True)
        steps += 1
    file.parent.mkdir(parents=True, exist_ok=True)
    grader.save(file)
    accuracy = judge(Grader.load(file, device), judged, device, height)
    report = {"clips": judged, "trained_on": clips.drawn, "steps": steps, "accuracy": accuracy}
    file.with_name(ACCURACY.name).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return {name: entry["right"] for name, entry in accuracy.items()}


def _pace(progress: float) -> float:
    """One cycle: up in the first tenth, then down a cosine."""
    if progress < 0.1:
        return 0.04 + 9.6 * progress
    return 0.5 + 0.5 * math.cos(math.pi * (progress - 0.1) / 0.9)


def judge(
    grader: Grader, count: int, device: str, height: int, together: int = 4
) -> dict[str, dict[str, float]]:
    """For each check, the share of fresh clips read rightly and of how many; printed as a table.

    Beside ATTRIBUTES: each kind of thing and colour by itself, clips worn as generated ones may be
    ("worn: time"), and what counts in a clip that does have it ("rain, when it rains").
    """
    dice = random.Random(_JUDGING_SEED)
    hits: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for _ in range(-(-count // together)):
        scenes = random_scenes(dice, together)
        clips = draw(scenes, _FRAMES, height, height * 5 // 3, device, dice.randrange(2**31))[..., :3]
        for prefix, seen in (("", clips), ("worn: ", _worn_clips(clips, 1).round().to(torch.uint8))):
            for reading, scene in zip(grader.read(seen), scenes, strict=True):
                for attribute in ATTRIBUTES:
                    agrees = right(reading, scene, attribute)
                    if agrees is None:
                        continue
                    for name in (attribute, *_closer(scene, attribute)):
                        if not prefix or name in ATTRIBUTES:
                            hits[prefix + name] += agrees
                            asked[prefix + name] += 1
                hits[prefix + "things, none more or less"] += reading.things == _present(scene)
                asked[prefix + "things, none more or less"] += 1
    names = sorted(asked, key=lambda name: (ATTRIBUTES.index(name) if name in ATTRIBUTES else 99, name))
    table = {n: {"right": round(hits[n] / asked[n], 4), "of": asked[n]} for n in names}
    for name, entry in table.items():
        print(f"{name:32} {entry['right']:.3f}  of {entry['of']}", flush=True)
    return table


def _present(scene: Scene) -> set[str]:
    return {*kinds(scene.thing), *kinds(scene.second)}


def _closer(scene: Scene, attribute: str) -> list[str]:
    """Narrower questions that the same answer counts toward."""
    names = []
    twins = scene.thing == scene.second != "none"
    if attribute in ("rain", "snow"):
        names.append(f"{attribute}, {'present' if scene.weather == attribute else 'absent'}")
    if attribute in ("terrain", "time", "weather", "light", "camera", "thing"):
        names.append(f"{attribute}: {getattr(scene, attribute)}")
    if attribute == "colour" and not twins:
        names.append(f"colour of one {scene.thing}")
        names.append(f"colour: {scene.colour}")
    if attribute == "both_colours":
        names.append(f"both colours of two {scene.thing}s" if twins else "both colours of two kinds")
    if attribute == "camera" and scene.camera.startswith("pan") and scene.terrain != "sea":
        names.append("camera: pan, away from the sea")
    return names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--judged", type=int, default=800, help="clips to measure it on")
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--pool", type=int, help="clips held at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--height", type=int, help="at which clips are drawn")
    args = vars(parser.parse_args())
    if args["device"] == "cpu":
        torch.set_num_threads(1)
    run(**args)


if __name__ == "__main__":
    main()
