"""Clips and their captions, drawn ahead and kept on the device."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import adaptive_max_pool3d

from training import vocabulary
from training.captions import Caption, caption
from training.held_out import forbidden
from training.recipe import CAPTIONS, PICTURES, TEXT_LEN, Shape
from training.scenes import Scene, random_pictures, random_scenes
from training.world import FOCUS, draw

TOGETHER = 16  # clips drawn at once


class Source:
    """An endless supply of scenes, clips and tokenised captions."""

    def __init__(self, seed: int, device: str) -> None:
        self.dice, self.device = random.Random(seed), device
        self.tokenizer = vocabulary.tokenizer()
        self.tokenizer.enable_padding(length=TEXT_LEN, pad_id=0)
        self.tokenizer.enable_truncation(TEXT_LEN)

    def scenes(self, count: int = TOGETHER) -> list[Scene]:
        if self.dice.random() < PICTURES:
            return random_pictures(self.dice, count)
        return random_scenes(self.dice, count)

    def clips(self, scenes: list[Scene], frames: int, height: int, width: int) -> Tensor:
        """[B T H W 4] uint8."""
        return draw(scenes, frames, height, width, self.device, self.dice.randrange(2**31))

    def tokens(self, scenes: list[Scene]) -> Tensor:
        """[B CAPTIONS TEXT_LEN] int64."""
        texts = [self.caption(scene).text for scene in scenes for _ in range(CAPTIONS)]
        ids = torch.tensor([e.ids for e in self.tokenizer.encode_batch(texts)])
        return ids.view(len(scenes), CAPTIONS, TEXT_LEN).to(self.device)

    def caption(self, scene: Scene) -> Caption:
        """A caption; what is judged by never comes out."""
        while True:
            made = caption(scene, self.dice)
            if made.text.lower() not in forbidden():
                return made


def empty_text(source: Source) -> Tensor:
    """The tokens of the empty prompt, [TEXT_LEN]."""
    return torch.tensor(source.tokenizer.encode("").ids, device=source.device)


class Clips:
    """Pixels of one shape for the VAE: [N T H W 4] uint8."""

    def __init__(self, source: Source, shape: Shape) -> None:
        self.pixels = torch.empty((shape.drawn, *shape.size, 4), dtype=torch.uint8, device=source.device)
        self.shape, tokens = shape, []
        for part in self.pixels.split(TOGETHER):
            scenes = source.scenes(len(part))
            part.copy_(source.clips(scenes, *shape.size))
            tokens.append(source.tokens(scenes))
        self.tokens = torch.cat(tokens)

    def windows(self) -> Tensor:
        """A batch of random stretches, [B 4 T H W] in 0..255 as stored."""
        n, t = self.pixels.shape[:2]
        count, window = self.shape.batch, self.shape.window
        clip = torch.randint(0, n, (count, 1), device=self.pixels.device)
        first = torch.randint(0, t - window + 1, (count, 1), device=self.pixels.device)
        index = clip * t + first + torch.arange(window, device=self.pixels.device)
        frames = self.pixels.flatten(0, 1)[index.flatten()]
        return frames.unflatten(0, (count, window)).permute(0, 4, 1, 2, 3)


def as_pixels(video: Tensor) -> Tensor:
    """uint8 [B T H W 3] of colours [B 3 T H W] in -1..1, cut off there."""
    return ((video.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 4, 1)


def as_video(pixels: Tensor) -> Tensor:
    """Colours [B 3 T H W] in -1..1 of stored pixels [B 4 T H W]."""
    return pixels[:, :3].float() / 127.5 - 1


class Latents:
    """Latents of one shape for the DiT, part of which can be drawn anew as training goes on."""

    def __init__(self, source: Source, encode: Callable[[Tensor], Tensor], shape: Shape) -> None:
        self.source, self.encode, self.shape, device = source, encode, shape, source.device
        grid = (1 + (shape.frames - 1) // 4, shape.height // 16, shape.width // 16)
        self.latents = torch.zeros((shape.room, 48, *grid), dtype=torch.bfloat16, device=device)
        self.focus = torch.zeros((shape.room, 1, *grid), dtype=torch.uint8, device=device)
        self.tokens = torch.zeros(shape.room, CAPTIONS, TEXT_LEN, dtype=torch.int16, device=device)
        self.filled = 0
        self.taken = torch.zeros((), device=device)  # how many places hold something

    def add(self, count: int = TOGETHER) -> None:
        """Draw `count` clips into the next places, the oldest ones when all are taken."""
        scenes = self.source.scenes(count)
        clips = self.source.clips(scenes, *self.shape.size)
        self.put(clips, self.source.tokens(scenes))

    def put(self, clips: Tensor, tokens: Tensor) -> None:
        """Store clips [B T H W 4] that are drawn already, with their captions."""
        pixels = clips.permute(0, 4, 1, 2, 3)
        count, room = len(clips), self.shape.room
        places = (torch.arange(count, device=clips.device) + self.filled) % room
        self.latents[places] = self.encode(as_video(pixels)).to(self.latents.dtype)
        grid = self.focus.shape[2:]
        focus = pixels[:, FOCUS:].float()
        first = adaptive_max_pool3d(focus[:, :, :1], (1, *grid[1:]))  # a latent frame of its own
        later = adaptive_max_pool3d(focus[:, :, 1:], (grid[0] - 1, *grid[1:]))
        self.focus[places] = torch.cat((first, later), 2).to(torch.uint8)
        self.tokens[places] = tokens.to(self.tokens)
        self.filled += count
        self.taken.fill_(min(self.filled, room))

    def batch(self, count: int, window: int) -> tuple[Tensor, Tensor, Tensor]:
        """The first `window` frames of random clips: latents [B 48 F H W], focus [B 1 F H W] in 0..1, and one
        caption for each [B TEXT_LEN].
        """
        device, frames = self.latents.device, 1 + (window - 1) // 4
        index = (torch.rand(count, device=device) * self.taken).long()
        which = torch.randint(0, CAPTIONS, (count,), device=device)
        focus = self.focus[index, :, :frames].float() / 255
        return self.latents[index, :, :frames].float(), focus, self.tokens[index, which].long()
