"""Draws a training's loss as an SVG, from its log.

python -m training.curve training/state/log.jsonl docs/mini-loss.svg
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

_WIDTH, _HEIGHT, _LEFT, _BELOW = 720, 300, 50, 36
_MOST = 0.98  # share of the losses that the picture shows; the first few are far above


def drawn(losses: list[tuple[float, float]], title: str) -> str:
    """An SVG of the loss [(progress from 0 to 1, loss)]."""
    values = sorted(loss for _, loss in losses)
    low, high = values[0], values[int(_MOST * (len(values) - 1))]
    high += low == high
    across, down = _WIDTH - _LEFT - 10, _HEIGHT - _BELOW - 30

    def place(progress: float, loss: float) -> tuple[float, float]:
        share = min(1.0, (loss - low) / (high - low))
        return _LEFT + progress * across, 30 + (1 - share) * down

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*each) for each in losses))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="18">{title}</text>',
    ]
    for n in range(5):
        loss, progress = low + (high - low) * n / 4, n / 4
        y, x = place(0, loss)[1], place(progress, low)[0]
        parts += [
            f'<path d="M{_LEFT} {y:.1f}h{across}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{loss:.2f}</text>',
            f'<text x="{x:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{100 * progress:.0f} %</text>',
        ]
    parts.append(f'<polyline points="{line}" fill="none" stroke="#3459b3" stroke-width="1.5"/></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--stage", default="dit", help="as the log calls it: vae, decoder, dit")
    given = parser.parse_args()
    notes = [json.loads(line) for line in given.log.read_text(encoding="utf-8").splitlines()]
    losses = [(note["progress"], note["loss"]) for note in notes if note["stage"] == given.stage]
    title = f"loss of stage {given.stage}, by share of its time"
    given.picture.write_text(drawn(losses, title), encoding="utf-8")


if __name__ == "__main__":
    main()
