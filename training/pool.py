"""Clips and their captions, drawn ahead and kept on the device."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import torch
from torch import Tensor

from training import vocabulary
from training.captions import caption
from training.scenes import Scene, random_pictures, random_scenes
from training.world import draw

TEXT_LEN = 64
CAPTIONS = 6  # to each clip
_PICTURE_SHARE = 0.07
_TOGETHER = 16  # clips drawn at once


class Source:
    """An endless supply of scenes, clips and tokenised captions."""

    def __init__(self, seed: int, device: str, held_out: frozenset[str] = frozenset()) -> None:
        self.dice, self.device, self.held_out = random.Random(seed), device, held_out
        self.tokenizer = vocabulary.tokenizer()
        self.tokenizer.enable_padding(length=TEXT_LEN, pad_id=0)
        self.tokenizer.enable_truncation(TEXT_LEN)

    def scenes(self, count: int = _TOGETHER) -> list[Scene]:
        if self.dice.random() < _PICTURE_SHARE:
            return random_pictures(self.dice, count)
        return random_scenes(self.dice, count)

    def clips(self, scenes: list[Scene], frames: int, height: int, width: int) -> Tensor:
        """[B T H W 4] uint8."""
        return draw(scenes, frames, height, width, self.device, self.dice.randrange(2**31))

    def tokens(self, scenes: list[Scene]) -> Tensor:
        """[B CAPTIONS TEXT_LEN] int64; a held-out caption never comes out."""
        texts = [self._caption(scene) for scene in scenes for _ in range(CAPTIONS)]
        ids = torch.tensor([e.ids for e in self.tokenizer.encode_batch(texts)])
        return ids.view(len(scenes), CAPTIONS, TEXT_LEN).to(self.device)

    def _caption(self, scene: Scene) -> str:
        while True:
            text = caption(scene, self.dice)
            if text.lower() not in self.held_out:
                return text


def empty_text(source: Source) -> Tensor:
    """The tokens of the empty prompt, [TEXT_LEN]."""
    return torch.tensor(source.tokenizer.encode("").ids, device=source.device)


class Clips:
    """Pixels for the VAE: [N T H W 4] uint8."""

    def __init__(self, source: Source, count: int, frames: int, height: int, width: int) -> None:
        began = time.monotonic()
        self.pixels = torch.empty(count, frames, height, width, 4, dtype=torch.uint8, device=source.device)
        tokens = []
        for start in range(0, count, _TOGETHER):
            scenes = source.scenes(min(_TOGETHER, count - start))
            self.pixels[start : start + len(scenes)] = source.clips(scenes, frames, height, width)
            tokens.append(source.tokens(scenes))
        self.tokens = torch.cat(tokens)
        if source.device == "cuda":
            torch.cuda.synchronize()
        print(
            f"drew {count} clips of {frames}x{height}x{width} in {time.monotonic() - began:.1f} s", flush=True
        )

    def windows(self, count: int, frames: int) -> Tensor:
        """`count` random stretches, [B 4 T H W] in 0..255 as stored."""
        n, t = self.pixels.shape[:2]
        clip = torch.randint(0, n, (count, 1), device=self.pixels.device)
        first = torch.randint(0, t - frames + 1, (count, 1), device=self.pixels.device)
        index = clip * t + first + torch.arange(frames, device=self.pixels.device)
        return self.pixels.flatten(0, 1)[index.flatten()].unflatten(0, (count, frames)).permute(0, 4, 1, 2, 3)


def as_video(pixels: Tensor) -> Tensor:
    """Colours [B 3 T H W] in -1..1 of stored pixels [B 4 T H W]."""
    return pixels[:, :3].float() / 127.5 - 1


class Latents:
    """Latents of one shape for the DiT, part of which can be drawn anew as training goes on."""

    def __init__(
        self, source: Source, encode: Callable[[Tensor], Tensor], count: int, shape: tuple[int, int, int]
    ) -> None:
        self.source, self.encode, self.shape = source, encode, shape
        frames, height, width = shape
        size = (count, 48, 1 + (frames - 1) // 4, height // 16, width // 16)
        self.latents = torch.zeros(size, dtype=torch.bfloat16, device=source.device)
        self.tokens = torch.zeros(count, CAPTIONS, TEXT_LEN, dtype=torch.int64, device=source.device)
        self.filled = 0
        self.taken = torch.zeros((), device=source.device)  # how many places hold something

    def add(self, count: int = _TOGETHER) -> None:
        """Draw `count` clips into the next places, the oldest ones when all are taken."""
        scenes = self.source.scenes(count)
        clips = self.source.clips(scenes, *self.shape).permute(0, 4, 1, 2, 3)
        self.put(self.encode(as_video(clips)), self.source.tokens(scenes))

    def put(self, latents: Tensor, tokens: Tensor) -> None:
        """Store latents that were made elsewhere."""
        n = len(self.latents)
        places = (torch.arange(len(latents), device=latents.device) + self.filled) % n
        self.latents[places] = latents.to(self.latents.dtype)
        self.tokens[places] = tokens.to(self.tokens.device)
        self.filled += len(latents)
        self.taken.fill_(min(self.filled, n))

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Random latents [B 48 F H W] float32 and one caption for each [B TEXT_LEN]."""
        device = self.latents.device
        index = (torch.rand(count, device=device) * self.taken).long()
        which = torch.randint(0, CAPTIONS, (count,), device=device)
        return self.latents[index].float(), self.tokens[index, which]
