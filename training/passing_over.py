"""Teaches a finished text encoder to pass over words that say nothing, with the DiT as it is.

    python -m training.passing_over models/wan-mini

Places after the end of a prompt are zeros, and the DiT knows these from all its training; so the best that
can become of a word without a meaning is zeros, too. One channel is given up for it: the norms weigh it with
nothing, and a piece that training never met has all of its embedding there. Then the encoder learns that
captions with such words in between, and with words that would go with any place (`words.FREE`), mean what
they mean without.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training import vocabulary, words
from training.checkpoints import TEXT
from training.networks.text import TextEncoder
from training.pool import Source
from training.recipe import FULL, TEXT_LEN, TextRecipe
from training.wording import met, stand_ins

_LOUD = 300.0  # how long a meaningless piece's embedding is
_SOUNDS = "bcdfghjklmnprstvwyz"
Weights = dict[str, Tensor]


def deafened(weights: Weights, unmet: list[int]) -> Weights:
    """The weights with one channel given up, in which alone the `unmet` pieces are."""
    result = {name: weight.float().clone() for name, weight in weights.items()}
    norms = [name for name in result if name.endswith(("norm1.weight", "norm2.weight", "norm.weight"))]
    table = result["token_embedding.weight"]
    others = sorted(set(range(len(table))) - set(unmet))
    channel = int((result["norm.weight"].abs() * table[others].std(0)).argmin())
    for name in norms:
        result[name][channel] = 0
    table[unmet] = 0
    table[unmet, channel] = _LOUD
    return result


class Batch(NamedTuple):
    """Captions as token numbers [B TEXT_LEN], beside the same ones with words in between that say nothing."""

    plain: Tensor
    mixed: Tensor
    places: Tensor  # [B TEXT_LEN] where each plain token is in the mixed caption
    silent: Tensor  # [B TEXT_LEN] bool: tokens of the mixed caption that say nothing
    silent_plain: Tensor  # [B TEXT_LEN] bool: those of the plain one, `FREE` words


class Disturbed:
    """An endless supply of such captions; `unmet` are the pieces that no caption has."""

    def __init__(self, unmet: list[int], seed: int) -> None:
        self.dice, self.source = random.Random(seed), Source(seed, "cpu")
        self.source.tokenizer.no_padding()
        number = vocabulary.numbers()
        self.free = [number["▁" + word] for word in words.FREE]
        self.unmet = set(unmet)
        self.begins = {i for piece, i in number.items() if piece.startswith("▁")} | {number[vocabulary.END]}
        self.silent = [i for piece, i in number.items() if i in self.unmet and piece.startswith("▁")]
        self.syllables = [p for p in number if re.fullmatch("[가-힣]", p) and p not in vocabulary.nouns()]

    def batch(self, count: int) -> Batch:
        """`count` captions."""
        tensors = [torch.zeros(count, TEXT_LEN, dtype=torch.long) for _ in Batch._fields]
        row = 0
        while row < count:
            for scene in self.source.scenes(min(8, count - row)):
                plain = self.source.tokenizer.encode(self.source.caption(scene).text).ids
                mixed, places, silent = self._mixed(plain)
                if len(mixed) > TEXT_LEN:
                    continue
                free = [int(i in self.free) for i in plain]
                for tensor, values in zip(tensors, (plain, mixed, places, silent, free), strict=True):
                    tensor[row, : len(values)] = torch.tensor(values)
                row += 1
        return Batch(*tensors[:3], *(tensor.bool() for tensor in tensors[3:]))

    def _mixed(self, plain: list[int]) -> tuple[list[int], list[int], list[int]]:
        often = self.dice.choice((0.0, 0.05, 0.12, 0.25))
        mixed: list[int] = []
        places, silent = [], []
        for i in plain:
            if i in self.begins and self.dice.random() < often:
                new = [piece for _ in range(self.dice.randint(1, 3)) for piece in self._word()]
                mixed += new
                silent += [1] * len(new)
            places.append(len(mixed))
            mixed.append(i)
            silent.append(int(i in self.free))
        return mixed, places, silent

    def _word(self) -> list[int]:
        """The pieces of a word that says nothing: a free one, one that no caption has, or a made-up one."""
        form = self.dice.random()
        if form < 0.3:
            return [self.dice.choice(self.free)]
        if form < 0.5:
            return [self.dice.choice(self.silent)]
        while True:
            if form < 0.8:
                letters = "".join(self.dice.choices(self.syllables, k=self.dice.randint(1, 4)))
            else:
                pairs = self.dice.randint(1, 4)
                letters = "".join(self.dice.choice(_SOUNDS) + self.dice.choice("aeiou") for _ in range(pairs))
            pieces: list[int] = self.source.tokenizer.encode(letters, add_special_tokens=False).ids
            if pieces[0] in self.unmet:
                return pieces


def taught(
    weights: Weights, known: Tensor, sizes: dict[str, Any], recipe: TextRecipe, seed: int = 0
) -> Weights:
    """The weights of an encoder that understands captions among meaningless words as `weights` do alone.

    `known` [V] tells which pieces captions are made of.
    """
    torch.manual_seed(seed)
    unmet = [piece for piece, stand_in in stand_ins(known).items() if stand_in is None]
    steps, drawn = recipe.passing_steps, Disturbed(unmet, seed + 5)
    teacher, student = (TextEncoder(len(known), **sizes) for _ in range(2))
    teacher.load_state_dict({n: w.float() for n, w in weights.items()})
    student.load_state_dict(deafened(weights, unmet))
    teacher.requires_grad_(False)
    still = {n: (w == 0) for n, w in student.state_dict().items() if "norm" in n}
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, steps, pct_start=0.1)
    began = time.monotonic()
    for step in range(steps):
        captions = drawn.batch(recipe.passing_batch)
        right = teacher(captions.plain) * ~captions.silent_plain.unsqueeze(-1)
        made = student(captions.mixed)
        there = (captions.plain != 0).unsqueeze(-1)
        same = made.gather(1, captions.places.unsqueeze(-1).expand_as(right)) * there
        scale = right.square().sum()
        wrong = (same - right).square().sum() / scale
        noise = (made * captions.silent.unsqueeze(-1)).square().sum() / scale
        loss = wrong + noise
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            for name, weight in student.named_parameters():
                if name in still:
                    weight[still[name]] = 0
        if step % 50 == 49 or step == 0:
            facts = f"{wrong.item():.4f} beside the words, {noise.item():.4f} at what says nothing"
            print(f"{time.monotonic() - began:5.0f} s  step {step + 1}  {facts}", flush=True)
    return {name: weight.detach().bfloat16() for name, weight in student.state_dict().items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="whose text_encoder.safetensors learns on")
    file = parser.parse_args().folder / TEXT
    weights = taught(load_file(file), met(), FULL.text_sizes, FULL.text)
    save_file(weights, file, metadata={"format": "pt"})


if __name__ == "__main__":
    main()
