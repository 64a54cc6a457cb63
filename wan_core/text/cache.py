"""Embeddings on disk, so that a prompt which was encoded once is not encoded again."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

log = logging.getLogger(__name__)

_OURS = re.compile(r"[0-9a-f]{64}\.(safetensors|\d+\.part)")


class EmbeddingCache:
    """Files in `folder`, one a prompt; at most `most`, the longest unused go first.

    `made_by` stands for all that embeddings depend on besides the tokens. Nothing here ever fails: what
    cannot be read is made anew, what cannot be written is not kept.
    """

    def __init__(self, folder: Path, made_by: str, most: int = 500) -> None:
        self._folder, self._made_by, self._most = folder, made_by, most
        self._told = False

    def get(self, tokens: Sequence[int]) -> Tensor | None:
        """The embeddings [n D] of `tokens`, on the CPU, where they are kept and whole."""
        path = self._path(tokens)
        try:
            [(digest, embeddings)] = load(path.read_bytes()).items()
        except (OSError, SafetensorError, ValueError, KeyError, RuntimeError):
            return None  # not there, torn, or no file of ours
        if digest != _digest(path, embeddings):
            return None
        with suppress(OSError):
            os.utime(path)  # used now
        return embeddings

    def put(self, tokens: Sequence[int], embeddings: Tensor) -> None:
        """Keep the embeddings [n D] of `tokens`."""
        path = self._path(tokens)
        part = path.with_suffix(f".{os.getpid()}.part")
        embeddings = embeddings.cpu().contiguous()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Called by its checksum: after a power cut a file may have its whole length, full of zeros.
            part.write_bytes(save({_digest(path, embeddings): embeddings}))
            os.replace(part, path)
            self._tidy()
        except OSError as problem:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if not self._told:
                log.warning("[Text] embeddings cannot be kept in %s (%s)", self._folder, problem.strerror)
                self._told = True

    def _path(self, tokens: Sequence[int]) -> Path:
        name = sha256(f"{self._made_by}\n{list(tokens)}".encode()).hexdigest()
        return self._folder / f"{name}.safetensors"

    def _tidy(self) -> None:
        found = [path for path in self._folder.iterdir() if _OURS.fullmatch(path.name)]
        if len(found) > self._most:
            found.sort(key=lambda path: path.stat().st_mtime_ns)
            for path in found[: -self._most]:
                path.unlink(missing_ok=True)


def _digest(path: Path, embeddings: Tensor) -> str:
    """A checksum of the embeddings and of whose they are."""
    content = embeddings.reshape(-1).view(torch.uint8).numpy()
    return sha256(path.stem.encode() + content.tobytes()).hexdigest()
