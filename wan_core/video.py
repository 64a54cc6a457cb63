"""Frames into an mp4, through ffmpeg. The same frames and metadata give the same bytes.

n frames, H, W rows and columns (pixels).
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, TYPE_CHECKING

import imageio_ffmpeg
import numpy as np

from wan_core.errors import OutputDenied
from wan_core.partial import FULL, cannot_write, partial

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_QUALITY = 12  # constant rate factor: what is lost beside chroma subsampling is under 0.1 dB
_THREADS = 4  # x264 gives other bytes for another number
_BT709 = "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


class VideoWriter:
    """Writes one H.264 mp4: `with` it, `write` frames in order, `finish`.

    Until `finish` returns there is nothing under the final name; leaving the `with` before that stops
    ffmpeg and leaves nothing behind. `width` and `height` are even; `metadata` becomes the `comment` tag.
    Raises DiskFull or OutputDenied from any of its methods.
    """

    def __init__(self, path: Path, width: int, height: int, fps: int, metadata: str) -> None:
        self._path = Path(os.path.abspath(path))
        self._shape = (height, width, 3)
        self._fps = fps
        self._metadata = metadata
        self._part, self._tags = partial(self._path)
        self._process: subprocess.Popen[bytes] | None = None
        self._words: IO[bytes] | None = None

    def __enter__(self) -> VideoWriter:
        if self._path.is_dir():
            raise OutputDenied(
                f"{self._path} is a folder.",
                "Give the video a name that is not taken.",
                case="name_taken",
                file=self._path.name,
            )
        try:
            self._part.write_bytes(b"")  # so that a refusal is known by its cause, before any work
            self._tags.write_text(_as_tags(self._metadata), encoding="utf-8", newline="\n")
        except OSError as error:
            self._tidy()
            raise cannot_write(self._path, error) from error
        try:
            self._words = TemporaryFile()
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except BaseException:
            self._tidy()
            raise
        return self

    def write(self, frames: Tensor | NDArray[np.uint8]) -> None:
        """Add `frames`, uint8 [n H W 3] in RGB, in the CPU's memory."""
        levels = np.ascontiguousarray(frames)
        if levels.dtype != np.uint8 or levels.shape[1:] != self._shape:
            raise ValueError(f"frames are uint8 [n, {self._shape}], got {levels.dtype} {levels.shape}")
        try:
            self._pipe.write(levels.reshape(-1).data)
            self._pipe.flush()
        except OSError as error:  # ffmpeg is gone
            raise self._failure() from error

    def finish(self) -> None:
        """Complete the file and give it its final name, in one step."""
        try:
            self._pipe.close()
        except OSError as error:
            raise self._failure() from error
        assert self._process is not None
        if self._process.wait() != 0:
            raise self._failure()
        try:
            with self._part.open("r+b") as file:
                os.fsync(file.fileno())
            self._part.replace(self._path)
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tidy()

    @property
    def _pipe(self) -> IO[bytes]:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("write and finish belong inside the with")
        return self._process.stdin

    def _command(self) -> list[str]:
        height, width, _ = self._shape
        return [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y"),
            *("-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}"),
            *("-framerate", str(self._fps), "-i", "pipe:0"),
            *("-f", "ffmetadata", "-i", f"file:{self._tags}"),
            *("-map", "0:v", "-map_metadata", "1", "-filter_threads", "1"),
            "-vf",
            "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:"
            f"flags=lanczos+accurate_rnd+full_chroma_int+bitexact,format=yuv420p,setparams={_BT709}",
            *("-c:v", "libx264", "-crf", str(_QUALITY), "-threads", str(_THREADS)),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"),
            *("-f", "mp4", f"file:{self._part}"),
        ]

    def _failure(self) -> Exception:
        """What ffmpeg died of, in words where a person can act on it."""
        assert self._process is not None and self._words is not None
        try:
            code = self._process.wait(timeout=5)  # seconds
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._words.seek(0)
        words = self._words.read()[-2000:].decode("utf-8", "replace").strip()
        for number in (*FULL, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT):
            if os.strerror(number) in words:
                return cannot_write(self._path, OSError(number, os.strerror(number)))
        too_large = getattr(signal, "SIGXFSZ", None)  # Windows has no such signal
        if too_large is not None and code == -too_large:
            return cannot_write(self._path, OSError(errno.EFBIG, os.strerror(errno.EFBIG)))
        return RuntimeError(f"ffmpeg ended with {code}: {words}")

    def _tidy(self) -> None:
        """Stop ffmpeg if it still runs, and remove what it has not finished."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            with suppress(OSError):  # what was not yet written has nowhere to go
                self._pipe.close()
        if self._words is not None:
            self._words.close()
        for leftover in (self._part, self._tags):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def _as_tags(comment: str) -> str:
    """`comment` as ffmpeg reads metadata from a file; an argument would be too short for it on Windows."""
    escaped = "".join(f"\\{letter}" if letter in "=;#\\\n" else letter for letter in comment)
    return f";FFMETADATA1\ncomment={escaped}\n"
