"""Makes `models/wan-mini` anew: text encoder, VAE, DiT, then the files.

    python -m training.run

It uses every GPU of the machine. `--minutes 10` stops in time and leaves its state; the same command goes on.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from pathlib import Path

import torch

from training import checkpoints as files
from training import train_dit, train_vae
from training.group import Group, together
from training.recipe import RECIPES
from training.shipping import ship

_ENDING = 20.0  # seconds for the files of a piece
_SHIPPING = 400.0  # seconds in which the text encoder learns to pass over words, on two CPU cores


def _texts(given: argparse.Namespace) -> subprocess.Popen[bytes] | None:
    """The text encoder's own training, on the CPU, while the VAE has the GPUs."""
    if (given.state / files.FIRST_TEXT).exists():
        return None
    text = RECIPES[given.recipe].text
    command = [sys.executable, "-m", "training.train_text", "--state", str(given.state)]
    command += ["--steps", str(text.steps), "--batch", str(text.batch), "--seed", str(given.seed)]
    return subprocess.Popen(command)


def _pictures(group: Group, given: argparse.Namespace, deadline: float) -> None:
    """VAE and DiT, as far as the deadline allows; in each of the group's processes."""
    recipe, drawn = RECIPES[given.recipe], []
    if not (given.state / files.VAE).exists():
        clips = train_vae.run(recipe, group, given.state, given.seed, deadline)
        if clips is None:
            return
        drawn.append(clips)
        del clips
    words = given.state / files.FIRST_TEXT
    while not group.agree(words.exists() or time.monotonic() > deadline):
        time.sleep(1)
    if not group.agree(words.exists()):
        return
    if train_dit.run(recipe, group, given.state, given.seed, deadline, drawn) and group.first:
        (given.state / "trained").touch()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop by then; run again to go on")
    parser.add_argument("--state", type=Path, default=Path("training/state"))
    parser.add_argument("--model", type=Path, default=Path("models/wan-mini"), help="where the files go")
    parser.add_argument("--recipe", choices=RECIPES, default="full", help="toy: tiny networks, for tests")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=max(1, torch.cuda.device_count()))
    given = parser.parse_args()
    deadline = time.monotonic() + given.minutes * 60 - _ENDING
    given.state.mkdir(parents=True, exist_ok=True)
    earlier = (given.state / "trained").exists()
    if not earlier:
        texts = _texts(given)
        try:
            together(_pictures, (given, deadline), given.processes, given.state / "meeting")
        finally:
            if texts is not None:
                texts.terminate()
                texts.wait()
    trained = (given.state / "trained").exists()
    if not trained or not (earlier or deadline - time.monotonic() > _SHIPPING):
        print("not done yet: run the same command again")
        return
    ship(RECIPES[given.recipe], given.state, given.model)


if __name__ == "__main__":
    main()
