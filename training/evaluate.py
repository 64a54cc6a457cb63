"""Judges a model folder on what its training never saw: figures, pictures and a page.

    python -m training.evaluate --device cuda --out docs

Clips are made by `training.samples`, with the model's own defaults. What pixels show is read by
`training.grading`, whose accuracy on drawn clips stands beside each figure. `--sweep` compares settings only.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean, median
from typing import Any

import torch
from torch import Tensor

from training import measures
from training.captions import Caption
from training.grading import grader
from training.held_out import prompts, templates
from training.page import write_page
from training.pool import Source, as_video
from training.recipe import FULL
from training.samples import Model
from training.scenes import COLOURED, Scene
from training.sheets import sheet

Figures = dict[str, object]
_BASE = FULL.vae.shapes[0]
_SEEDS = 8


class Drawn:
    """Clips of the world that training does not draw: another seed."""

    def __init__(self, device: str, seed: int) -> None:
        self.source = Source(seed, device)

    def clips(
        self, count: int, frames: int = _BASE.frames, pictures: bool = False
    ) -> Iterable[tuple[list[Scene], Tensor]]:
        """`count` scenes and their clips [B T H W 4], a few at a time."""
        left = count
        while left:
            scenes = self.source.scenes(min(left, 2))
            if scenes[0].terrain == "picture" and not pictures:
                continue
            yield scenes, self.source.clips(scenes, frames, _BASE.height, _BASE.width)
            left -= len(scenes)


def of_vae(model: Model, count: int) -> Figures:
    """How well drawn clips survive the VAE, by kind."""
    scores: dict[str, list[float]] = defaultdict(list)
    rows: list[Tensor] = []
    moved, by_frame = torch.zeros(2, 2, device=model.device), []  # motion and flicker, made and true
    for scenes, stored in Drawn(model.device, 987_654).clips(count):
        true = stored[..., :3]
        made = model.decode(model.encode(as_video(stored.permute(0, 4, 1, 2, 3))))
        by_frame.append(torch.stack([measures.psnr(made[:, i], true[:, i]) for i in (0, 12, 24)], 1))
        moved += torch.stack(
            [torch.stack([m(made).sum(), m(true).sum()]) for m in (measures.motion, measures.flicker)]
        )
        for scene, score in zip(scenes, measures.psnr(made, true).tolist(), strict=True):
            for kind in {scene.terrain, scene.weather, scene.thing, "all"} - {"none"}:
                scores[kind].append(score)
        if len(rows) < 16:
            rows.append(torch.cat((true[0], made[0]), 2))
    model_sheet(rows, "vae", (0, 24), 2)
    long = []
    for _, stored in Drawn(model.device, 55).clips(max(4, count // 10), frames=49):
        made = model.decode(model.encode(as_video(stored.permute(0, 4, 1, 2, 3))))
        long += measures.psnr(made, stored[..., :3]).tolist()
    return {
        "clips": count,
        "psnr": {k: _rounded(mean(v)) for k, v in sorted(scores.items())},
        "psnr_by_frame_0_12_24": [_rounded(v) for v in torch.cat(by_frame).mean(0).tolist()],
        "psnr_49_frames": _rounded(mean(long)),
        "motion_ratio": _rounded((moved[0, 0] / moved[0, 1]).item(), 3),
        "flicker_ratio": _rounded((moved[1, 0] / moved[1, 1]).item(), 3),
    }


def of_attributes(model: Model, judge: grader.Grader, count: int, settings: dict[str, Any]) -> Figures:
    """Share of held-out captions whose attributes are in the picture."""
    asked = templates(count)
    clips = model.generate([c.text for _, c in asked], list(range(1, count + 1)), **settings)
    readings = judge.read(clips)
    hits: dict[str, list[bool]] = defaultdict(list)
    missed = []
    for (scene, caption), reading in zip(asked, readings, strict=True):
        wrong = []
        for name, right in graded(scene, caption, reading).items():
            hits[name].append(right)
            if not right:
                wrong.append(name)
        if wrong:
            missed.append({"caption": caption.text, "wrong": wrong})
    if not settings:
        model_sheet(list(clips[:96]), "templates", (4, 20), 4)
    return {
        "captions": count,
        "right": {k: [sum(v), len(v)] for k, v in sorted(hits.items())},
        "missed": missed,
    }


def graded(scene: Scene, caption: Caption, reading: grader.Reading) -> dict[str, bool]:
    """Each attribute that the caption names, and whether the pixels show it."""
    found: dict[str, bool] = {}
    for name in ("time", "terrain", "camera", "light"):
        if name in caption.said:
            found[name] = bool(grader.right(reading, scene, name))
    if "weather" in caption.said:
        found["weather"] = bool(grader.right(reading, scene, "weather"))
        if scene.weather in ("rain", "snow"):
            found[scene.weather] = bool(grader.right(reading, scene, "weather"))
    if "thing" in caption.said and scene.thing != "none":
        found["thing"] = bool(grader.right(reading, scene, "thing"))
    if "second" in caption.said and scene.second != "none":
        found["second"] = bool(grader.right(reading, scene, "second"))
    if "colour" in caption.said and scene.second not in COLOURED:
        found["colour"] = bool(grader.right(reading, scene, "colour"))
    if {"colour", "second_colour"} <= caption.said and scene.second in COLOURED:
        found["both_colours"] = bool(grader.right(reading, scene, "both_colours"))
    return found


def of_small_things(model: Model, judge: grader.Grader, most: int | None) -> Figures:
    """Whether things asked for are there, by pixels; the sheet is for eyes."""
    asked = prompts("small")[:most]
    clips = model.generate([p["prompt"] for p in asked], [42] * len(asked))
    model_sheet(list(clips), "small", (12,), 6)
    seen: dict[str, list[bool]] = defaultdict(list)
    for wish, reading in zip(asked, judge.read(clips), strict=True):
        seen[wish["thing"]].append(wish["thing"] in {*reading.things, reading.light})
    return {k: [sum(v), len(v)] for k, v in sorted(seen.items())}


def of_free_prompts(model: Model, most: int | None) -> Figures:
    """Prompts by people; the sheet is for eyes."""
    asked = prompts("free")[:most]
    clips = model.generate([p["prompt"] for p in asked], [42] * len(asked))
    model_sheet(list(clips), "free", (0, 12, 24), 2)
    return {"prompts": len(asked)}


def of_pictures(model: Model, judge: grader.Grader, count: int) -> Figures:
    """Given first frames: kept, and moved on from without a jump."""
    drawn, scenes, truth, words = Drawn(model.device, 4_321), [], [], []
    for group, stored in drawn.clips(count):
        scenes += group
        truth.append(stored[..., :3])
        words += [model.tokenizer.decode(row.tolist()) for row in drawn.source.tokens(group)[:, 0]]
    true = torch.cat(truth)
    first = as_video(true[:, :1].permute(0, 4, 1, 2, 3))
    clips = model.generate(words, list(range(1, count + 1)), first=first)
    alone = model.decode(model.encode(first))
    lost = measures.psnr(alone[:, 0], true[:, 0]) - measures.psnr(clips[:, 0], true[:, 0])
    jumps, moved = measures.jump(clips), measures.motion(clips) / measures.motion(true).clamp(min=0.05)
    end = clips[:, -9:]
    kept = [
        bool(grader.right(reading, scene, "colour"))
        for scene, reading in zip(scenes, judge.read(end), strict=True)
        if scene.thing in COLOURED and scene.second not in COLOURED
    ]
    model_sheet(list(clips[:24]), "pictures", (0, 8, 16, 24), 2)
    return {
        "clips": count,
        "first_frame_lost_db": {
            "mean": _rounded(lost.mean().item(), 3),
            "worst": _rounded(lost.max().item(), 3),
        },
        "jump": {"median": _rounded(jumps.median().item(), 3), "over_1.5": int((jumps > 1.5).sum())},
        "jump_of_drawn_clips": {
            "median": _rounded(measures.jump(true).median().item(), 3),
            "over_1.5": int((measures.jump(true) > 1.5).sum()),
        },
        "motion_ratio": _rounded(median(moved.tolist()), 3),
        "colour_kept_at_the_end": [sum(kept), len(kept)],
    }


def of_seeds(model: Model, most: int | None) -> Figures:
    """Eight seeds of each prompt: do they differ?"""
    asked = prompts("seeds")[:most]
    seeds = [100 + i for i in range(_SEEDS)]
    clips = model.generate([p["prompt"] for p in asked for _ in seeds], seeds * len(asked))
    groups = clips.split(_SEEDS)
    model_sheet(list(clips), "seeds", (12,), _SEEDS)
    found = [measures.apart(group) for group in groups]
    return {
        "prompts": len(asked),
        "seeds": _SEEDS,
        "pairwise_psnr": {"mean": _rounded(mean(found)), "highest": _rounded(max(found))},
    }


def of_motion(model: Model, count: int) -> Figures:
    """Movement of made clips against drawn ones of the same scenes."""
    asked = templates(count)
    made = model.generate([c.text for _, c in asked], list(range(1, count + 1)))
    source = Source(77, model.device)
    true = torch.cat([source.clips([s], _BASE.frames, _BASE.height, _BASE.width)[..., :3] for s, _ in asked])
    return {
        "clips": count,
        "motion_ratio": _rounded((measures.motion(made).mean() / measures.motion(true).mean()).item(), 3),
        "flicker_ratio": _rounded((measures.flicker(made).mean() / measures.flicker(true).mean()).item(), 3),
    }


def of_sizes(model: Model) -> Figures:
    """Other sizes and lengths, on a sheet each."""
    words = [p["prompt"] for p in prompts("free")[:6]]
    for width, height, frames in ((192, 320, 25), (256, 256, 25), (320, 192, 49)):
        clips = model.generate(words, [42] * 6, width=width, height=height, frames=frames)
        model_sheet(list(clips), f"{width}x{height}x{frames}", (0, frames // 2, frames - 1), 2)
    return {"prompts": 6}


_out = Path("docs")


def model_sheet(clips: list[Tensor], name: str, picks: tuple[int, ...], across: int) -> None:
    """A contact sheet beside the page, numbered from 1."""
    sheet(clips, _out / f"mini-{name}.jpg", picks, across, 0.5, numbered=True)


def _rounded(value: float, digits: int = 2) -> float:
    return round(value, digits)


def main() -> None:
    global _out
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=Path("models/wan-mini"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, default=Path("docs"))
    parser.add_argument("--captions", type=int, default=400)
    parser.add_argument("--clips", type=int, default=200, help="held-out clips for the VAE")
    parser.add_argument("--prompts", type=int, help="only the first so many of each list")
    parser.add_argument("--sweep", nargs="*", help="compare guidance:shift pairs, such as 3:5 4:5, and stop")
    given = parser.parse_args()
    _out = given.out
    began = time.monotonic()
    model, judge = Model(given.model, given.device), grader.Grader.load(device=given.device)
    if given.sweep is not None:
        for pair in given.sweep:
            guidance, shift = (float(v) for v in pair.split(":"))
            settings = {"guidance": guidance, "shift": shift}
            found = of_attributes(model, judge, given.captions, settings)
            print(pair, json.dumps(found["right"]), flush=True)
        return
    figures: Figures = {"model": given.model.name, "defaults": model.defaults}
    works: dict[str, Callable[[], Figures]] = {
        "vae": lambda: of_vae(model, given.clips),
        "attributes": lambda: of_attributes(model, judge, given.captions, {}),
        "small": lambda: of_small_things(model, judge, given.prompts),
        "free": lambda: of_free_prompts(model, given.prompts),
        "pictures": lambda: of_pictures(model, judge, given.clips // 2),
        "seeds": lambda: of_seeds(model, given.prompts),
        "motion": lambda: of_motion(model, given.clips // 2),
        "sizes": lambda: of_sizes(model),
    }
    for name, work in works.items():
        figures[name] = work()
        print(f"{time.monotonic() - began:4.0f} s  {name}", flush=True)
    figures["checks"] = grader.accuracy()
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "mini-evaluation.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    write_page(given.out)


if __name__ == "__main__":
    main()
