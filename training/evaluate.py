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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
Asked = list[tuple[Scene, Caption]]
_BASE = FULL.vae.shapes[0]
_SEEDS = 8
_PLAIN: list[str] = ["time", "terrain", "weather", "camera", "light", "thing", "second"]


@dataclass(frozen=True)
class Sheets:
    """Contact sheets beside the page, their clips numbered from 1."""

    folder: Path

    def add(self, name: str, clips: Iterable[Tensor], picks: tuple[int, ...], across: int) -> None:
        """The frames `picks` of each clip [T H W 3], `across` clips in a row."""
        sheet(list(clips), self.folder / f"mini-{name}.jpg", picks, across, 0.5, numbered=True)


def drawn(source: Source, count: int, frames: int = _BASE.frames) -> Iterator[tuple[list[Scene], Tensor]]:
    """`count` scenes of the world and their clips [B T H W 4], two at a time."""
    left = count
    while left:
        scenes = source.scenes(min(left, 2))
        if scenes[0].terrain == "picture":
            continue
        yield scenes, source.clips(scenes, frames, _BASE.height, _BASE.width)
        left -= len(scenes)


def of_vae(sheets: Sheets, model: Model, count: int) -> Figures:
    """How well drawn clips survive the VAE, by kind."""
    scores: dict[str, list[float]] = defaultdict(list)
    rows: list[Tensor] = []
    moved, by_frame = torch.zeros(2, 2, device=model.device), []  # motion and flicker, made and true
    for scenes, stored in drawn(Source(987_654, model.device), count):
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
    sheets.add("vae", rows, (0, 24), 2)
    long = []
    for _, stored in drawn(Source(55, model.device), max(4, count // 10), frames=49):
        made = model.decode(model.encode(as_video(stored.permute(0, 4, 1, 2, 3))))
        long += measures.psnr(made, stored[..., :3]).tolist()
    return {
        "clips": count,
        "psnr": {k: round(mean(v), 2) for k, v in sorted(scores.items())},
        "psnr_by_frame_0_12_24": [round(v, 2) for v in torch.cat(by_frame).mean(0).tolist()],
        "psnr_49_frames": round(mean(long), 2),
        "motion_ratio": round((moved[0, 0] / moved[0, 1]).item(), 3),
        "flicker_ratio": round((moved[1, 0] / moved[1, 1]).item(), 3),
    }


def of_attributes(asked: Asked, clips: Tensor, judge: grader.Grader) -> Figures:
    """Share of held-out captions whose attributes are in the picture."""
    hits: dict[str, list[bool]] = defaultdict(list)
    missed = []
    for (scene, caption), reading in zip(asked, judge.read(clips), strict=True):
        found = {name: bool(grader.right(reading, scene, name)) for name in named(scene, caption)}
        for name, right in found.items():
            hits[name].append(right)
        if not all(found.values()):
            missed.append({"caption": caption.text, "wrong": [n for n, right in found.items() if not right]})
    return {
        "captions": len(asked),
        "right": {k: [sum(v), len(v)] for k, v in sorted(hits.items())},
        "missed": missed,
    }


def clips_of(model: Model, asked: Asked, **settings: Any) -> Tensor:
    """A clip of each caption."""
    return model.generate([caption.text for _, caption in asked], list(range(1, len(asked) + 1)), **settings)


def named(scene: Scene, caption: Caption) -> list[str]:
    """What of a scene its caption names, as `grader.right` calls it."""
    names = [name for name in _PLAIN if name in caption.said]
    if "weather" in names and scene.weather in ("rain", "snow"):
        names.append(scene.weather)
    if scene.second not in COLOURED:
        names += ["colour"] if "colour" in caption.said else []
    elif {"colour", "second_colour"} <= caption.said:
        names.append("both_colours")
    return names


def of_motion(asked: Asked, clips: Tensor, device: str) -> Figures:
    """Movement of made clips against drawn ones of the same scenes."""
    source = Source(77, device)
    true = torch.cat([source.clips([scene], *_BASE.size)[..., :3] for scene, _ in asked])
    ratios = {m.__name__: m(clips).mean() / m(true).mean() for m in (measures.motion, measures.flicker)}
    return {"clips": len(asked), **{f"{name}_ratio": round(v.item(), 3) for name, v in ratios.items()}}


def of_small_things(sheets: Sheets, model: Model, judge: grader.Grader, most: int | None) -> Figures:
    """Whether things asked for are there, by pixels; the sheet is for eyes."""
    asked = prompts("small")[:most]
    clips = model.generate([p["prompt"] for p in asked], [42] * len(asked))
    sheets.add("small", clips, (12,), 6)
    seen: dict[str, list[bool]] = defaultdict(list)
    for wish, reading in zip(asked, judge.read(clips), strict=True):
        seen[wish["thing"]].append(wish["thing"] in {*reading.things, reading.light})
    return {k: [sum(v), len(v)] for k, v in sorted(seen.items())}


def of_free_prompts(sheets: Sheets, model: Model, most: int | None) -> Figures:
    """Prompts by people; the sheet is for eyes."""
    asked = prompts("free")[:most]
    clips = model.generate([p["prompt"] for p in asked], [42] * len(asked))
    sheets.add("free", clips, (0, 12, 24), 2)
    return {"prompts": len(asked)}


def of_pictures(sheets: Sheets, model: Model, judge: grader.Grader, count: int) -> Figures:
    """Given first frames: kept, and moved on from without a jump."""
    source, scenes, truth, words = Source(4_321, model.device), [], [], []
    for group, stored in drawn(source, count):
        scenes += group
        truth.append(stored[..., :3])
        words += [model.tokenizer.decode(row.tolist()) for row in source.tokens(group)[:, 0]]
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
    sheets.add("pictures", clips[:24], (0, 8, 16, 24), 2)
    return {
        "clips": count,
        "first_frame_lost_db": {
            "mean": round(lost.mean().item(), 3),
            "worst": round(lost.max().item(), 3),
        },
        "jump": {"median": round(jumps.median().item(), 3), "over_1.5": int((jumps > 1.5).sum())},
        "jump_of_drawn_clips": {
            "median": round(measures.jump(true).median().item(), 3),
            "over_1.5": int((measures.jump(true) > 1.5).sum()),
        },
        "motion_ratio": round(median(moved.tolist()), 3),
        "colour_kept_at_the_end": [sum(kept), len(kept)],
    }


def of_seeds(sheets: Sheets, model: Model, most: int | None) -> Figures:
    """Eight seeds of each prompt: do they differ?"""
    asked = prompts("seeds")[:most]
    seeds = [100 + i for i in range(_SEEDS)]
    clips = model.generate([p["prompt"] for p in asked for _ in seeds], seeds * len(asked))
    groups = clips.split(_SEEDS)
    sheets.add("seeds", clips, (12,), _SEEDS)
    found = [measures.apart(group) for group in groups]
    return {
        "prompts": len(asked),
        "seeds": _SEEDS,
        "pairwise_psnr": {"mean": round(mean(found), 2), "highest": round(max(found), 2)},
    }


def of_sizes(sheets: Sheets, model: Model) -> Figures:
    """Other sizes and lengths, on a sheet each."""
    words = [p["prompt"] for p in prompts("free")[:6]]
    for width, height, frames in ((192, 320, 25), (256, 256, 25), (320, 192, 49)):
        clips = model.generate(words, [42] * 6, width=width, height=height, frames=frames)
        sheets.add(f"{width}x{height}x{frames}", clips, (0, frames // 2, frames - 1), 2)
    return {"prompts": 6}


def main() -> None:
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
    began = time.monotonic()
    model, judge = Model(given.model, given.device), grader.Grader.load(device=given.device)
    asked = templates(given.captions)
    if given.sweep is not None:
        for pair in given.sweep:
            guidance, shift = (float(v) for v in pair.split(":"))
            found = of_attributes(asked, clips_of(model, asked, guidance=guidance, shift=shift), judge)
            print(pair, json.dumps(found["right"]), flush=True)
        return
    sheets = Sheets(given.out)
    clips = clips_of(model, asked)
    sheets.add("templates", clips[:96], (4, 20), 4)
    some = given.clips // 2
    figures: Figures = {"model": given.model.name, "defaults": model.defaults}
    works: dict[str, Callable[[], Figures]] = {
        "attributes": lambda: of_attributes(asked, clips, judge),
        "motion": lambda: of_motion(asked[:some], clips[:some], given.device),
        "vae": lambda: of_vae(sheets, model, given.clips),
        "small": lambda: of_small_things(sheets, model, judge, given.prompts),
        "free": lambda: of_free_prompts(sheets, model, given.prompts),
        "pictures": lambda: of_pictures(sheets, model, judge, some),
        "seeds": lambda: of_seeds(sheets, model, given.prompts),
        "sizes": lambda: of_sizes(sheets, model),
    }
    for name, work in works.items():
        figures[name] = work()
        print(f"{time.monotonic() - began:4.0f} s  {name}", flush=True)
    figures["checks"] = grader.accuracy()
    (given.out / "mini-evaluation.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    write_page(given.out)


if __name__ == "__main__":
    main()
