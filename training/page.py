"""The evaluation's figures as a page, from its JSON.

python -m training.page docs
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from training.held_out import prompts

_BARS = {  # of the attributes, as shares of what their checks see in drawn clips
    "time": 0.95,
    "terrain": 0.95,
    "weather": None,
    "rain": 0.95,
    "snow": 0.95,
    "thing": 0.90,
    "second": None,
    "colour": 0.90,
    "both_colours": 0.80,
    "light": None,
    "camera": 0.90,
}


def write_page(folder: Path) -> None:
    """`mini-evaluation.md` beside `mini-evaluation.json`."""
    figures = json.loads((folder / "mini-evaluation.json").read_text(encoding="utf-8"))
    parts = [
        "# wan-mini, judged\n\nMade by `python -m training.evaluate`; every figure is in "
        "[mini-evaluation.json](mini-evaluation.json). All captions, prompts and clips were kept out of "
        "training.",
        _settings(figures["defaults"]),
        _vae(figures["vae"]),
        _attributes(figures),
        _rest(figures),
        _sheets(),
    ]
    (folder / "mini-evaluation.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _settings(defaults: dict[str, Any]) -> str:
    d = defaults
    return (
        f"Settings: {d['width']}×{d['height']}, {d['frames']} frames at {d['fps']} a second, "
        f"{d['steps']} steps of {d['solver']}, guidance {d['guidance']}, shift {d['shift']}: "
        "the model's defaults."
    )


def _vae(vae: dict[str, Any]) -> str:
    kinds = sorted(vae["psnr"].items(), key=lambda item: -item[1])
    return (
        f"## VAE\n\n{vae['clips']} drawn clips, encoded and decoded: "
        f"PSNR **{vae['psnr']['all']} dB**; by kind "
        + ", ".join(f"{kind} {score}" for kind, score in kinds if kind != "all")
        + f". First, middle and last frame: {', '.join(str(v) for v in vae['psnr_by_frame_0_12_24'])} dB; "
        f"49 frames: {vae['psnr_49_frames']} dB. Motion is {vae['motion_ratio']} of the drawn clips', "
        f"flicker {vae['flicker_ratio']}.\n\n![drawn | decoded](mini-vae.jpg)"
    )


def _attributes(figures: dict[str, Any]) -> str:
    found, checks = figures["attributes"]["right"], figures["checks"]
    lines = [
        f"## Attributes\n\n{figures['attributes']['captions']} held-out captions, half of them Korean, read "
        "from pixels. The last column is the share of the check's own accuracy on drawn clips.\n",
        "| attribute | right | of | share | check on drawn clips | share of that | bar |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, bar in _BARS.items():
        if name not in found:
            continue
        hits, count = found[name]
        share, own = hits / count, checks[name]
        asked = "" if bar is None else f"{bar:.2f}"
        lines.append(
            f"| {name.replace('_', ' ')} | {hits} | {count} | {share:.3f} | {own:.3f} | "
            f"{min(1.0, share / max(own, 0.01)):.3f} | {asked} |"
        )
    lines.append("\n![96 of them: frames 5 and 21 of each, four captions a row](mini-templates.jpg)")
    return "\n".join(lines)


def _rest(figures: dict[str, Any]) -> str:
    small, pictures, seeds, motion = (figures[k] for k in ("small", "pictures", "seeds", "motion"))
    return "\n".join(
        (
            "## The rest\n",
            "- Small things asked for and found by pixels: "
            + ", ".join(f"{k} {hits}/{count}" for k, (hits, count) in small.items())
            + ".",
            f"- Given first frames ({pictures['clips']}): the first frame loses "
            f"{pictures['first_frame_lost_db']['mean']} dB against the VAE alone (worst "
            f"{pictures['first_frame_lost_db']['worst']}); first change over median change "
            f"{pictures['jump']['median']} (median; over 1.5 in {pictures['jump']['over_1.5']}, "
            f"of drawn clips in {pictures['jump_of_drawn_clips']['over_1.5']}); colour kept at the end "
            f"{pictures['colour_kept_at_the_end'][0]} of {pictures['colour_kept_at_the_end'][1]}.",
            f"- {seeds['seeds']} seeds of {seeds['prompts']} prompts: pairwise PSNR "
            f"{seeds['pairwise_psnr']['mean']} dB "
            f"(highest of a prompt {seeds['pairwise_psnr']['highest']}): low is different.",
            f"- Against drawn clips of the same scenes: motion {motion['motion_ratio']}, "
            f"flicker {motion['flicker_ratio']}.",
        )
    )


def _sheets() -> str:
    lists = []
    for name, title in (
        ("free", "Prompts by people (first, middle, last frame; two prompts a row)"),
        ("small", "Small things (middle frames; six a row)"),
        ("seeds", "Eight seeds (middle frames; one prompt a row)"),
    ):
        lines = "\n".join(f"{i}. {p['prompt']}" for i, p in enumerate(prompts(name), start=1))
        lists.append(f"## {title}\n\n![{name}](mini-{name}.jpg)\n\n{lines}")
    lists.append("## Given first frames (frames 1, 9, 17, 25)\n\n![pictures](mini-pictures.jpg)")
    lists.append(
        "## Other sizes\n\n![192×320](mini-192x320x25.jpg)\n\n![256×256](mini-256x256x25.jpg)\n\n"
        "![49 frames](mini-320x192x49.jpg)"
    )
    return "\n\n".join(lists)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    write_page(parser.parse_args().folder)


if __name__ == "__main__":
    main()
