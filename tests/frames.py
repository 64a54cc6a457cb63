"""Videos to write, and what ffmpeg sees in them when they are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wan_core.video import VideoWriter

WIDTH, HEIGHT, FPS = 96, 64, 12
COLORS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128)]

# Another process: writes the snow of so many frames, so many at once.
CHILD = f"""
import sys, time
import numpy as np
from pathlib import Path
from wan_core.video import VideoWriter
frames, at_once = int(sys.argv[2]), int(sys.argv[3])
if len(sys.argv) > 4:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
video = np.random.default_rng(0).integers(0, 256, (frames, {HEIGHT}, {WIDTH}, 3), dtype=np.uint8)
with VideoWriter(Path(sys.argv[1]), {WIDTH}, {HEIGHT}, {FPS}, "m") as writer:
    for start in range(0, frames, at_once):
        writer.write(video[start : start + at_once])
"""
FINISH = CHILD + "    writer.finish()\n"


def bars(frames: int = 9) -> NDArray[np.uint8]:
    """Six bars of colour that do not move."""
    video = np.zeros((frames, HEIGHT, WIDTH, 3), np.uint8)
    for number, color in enumerate(COLORS):
        video[:, :, number * 16 : (number + 1) * 16] = color
    return video


def snow(frames: int = 9) -> NDArray[np.uint8]:
    """Noise, which does not compress."""
    return np.random.default_rng(0).integers(0, 256, (frames, HEIGHT, WIDTH, 3), dtype=np.uint8)


def write(path: Path, video: NDArray[np.uint8], metadata: str = "{}", at_once: int = 4) -> Path:
    with VideoWriter(path, WIDTH, HEIGHT, FPS, metadata) as writer:
        for start in range(0, len(video), at_once):
            writer.write(video[start : start + at_once])
        writer.finish()
    return path


def child(code: str, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True)


def probe(path: Path) -> str:
    """What ffmpeg says of the file: its tags and its stream."""
    return _ffmpeg(path, "-f", "null", "-").stderr.decode()


def read_frames(path: Path, width: int, height: int) -> Tensor:
    """The frames of the video at `path`, uint8 [n, height, width, 3]."""
    levels = _ffmpeg(path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-").stdout
    return torch.from_numpy(np.frombuffer(levels, np.uint8).reshape(-1, height, width, 3).copy())


def _ffmpeg(path: Path, *rest: str) -> subprocess.CompletedProcess[bytes]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-i", f"file:{path}", *rest]
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=True)
