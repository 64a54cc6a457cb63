"""Contact sheets: frames of several clips in one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor


def sheet(
    clips: list[Tensor],
    path: Path,
    picks: tuple[int, ...] = (0, 8, 16, 24),
    across: int = 1,
    scale: float = 1.0,
    numbered: bool = False,
) -> None:
    """The frames `picks` of each clip [T H W 3] uint8 side by side, `across` clips in a row.

    `numbered` writes 1, 2, … in the clips' corners.
    """
    strips = [
        np.concatenate([clip[min(i, len(clip) - 1), :, :, :3].cpu().numpy() for i in picks], 1)
        for clip in clips
    ]
    rows = [np.concatenate(strips[i : i + across], 1) for i in range(0, len(strips), across)]
    widest = max(r.shape[1] for r in rows)
    rows = [np.pad(r, ((0, 0), (0, widest - r.shape[1]), (0, 0))) for r in rows]
    picture = Image.fromarray(np.concatenate(rows, 0))
    if scale != 1.0:
        picture = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
        )
    if numbered:
        pen, tall = ImageDraw.Draw(picture), picture.height / len(rows)
        wide = strips[0].shape[1] * scale
        for i in range(len(clips)):
            corner = (i % across * wide + 3, i // across * tall + 2)
            pen.text(corner, str(i + 1), fill="white", stroke_width=1, stroke_fill="black")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=88)
