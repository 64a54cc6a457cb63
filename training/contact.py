"""Makes the held-out captions with the shipped pipeline, with its defaults, and lays their frames on a sheet.

python -m training.contact --sheet /tmp/contact.jpg
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
import msgspec
import numpy as np
import torch

from training.held_out import held_out_captions
from training.sheets import sheet
from wan_core.checkpoint import inspect
from wan_core.events import finish
from wan_core.loading import load
from wan_core.request import VideoRequest, resolve


def frames_of(path: Path) -> torch.Tensor:
    """The video as [T H W 3] uint8."""
    reader = imageio_ffmpeg.read_frames(str(path))
    width, height = next(reader)["size"]
    return torch.stack(
        [torch.from_numpy(np.frombuffer(f, np.uint8).reshape(height, width, 3).copy()) for f in reader]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=Path("models/wan-mini"))
    parser.add_argument("--sheet", type=Path, default=Path("/tmp/contact.jpg"))
    parser.add_argument("--videos", type=Path, default=Path("/tmp/held_out"))
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of captions, from 0")
    given = parser.parse_args()
    given.videos.mkdir(parents=True, exist_ok=True)
    checkpoint = inspect(given.model)
    pipeline = finish(load(checkpoint))
    clips = []
    for number, caption in enumerate(held_out_captions()):
        if given.only and number not in given.only:
            continue
        request = resolve(
            msgspec.convert({"prompt": caption}, VideoRequest),
            checkpoint.variant,
            model=checkpoint.name,
            image=None,
            image_size=None,
            drawn_seed=given.seed,
        )
        path = given.videos / f"{number:02d}.mp4"
        began = time.monotonic()
        with TemporaryDirectory() as work:
            for _ in pipeline.generate(request, out=path, work=Path(work)):
                pass
        print(f"{number:2d}  {time.monotonic() - began:5.1f} s  {caption}", flush=True)
        clips.append(frames_of(path))
        sheet(clips, given.sheet, (0, 12, 24), 2, 0.75)


if __name__ == "__main__":
    main()
