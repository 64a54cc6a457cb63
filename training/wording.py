"""Gives words that training never met the embedding of a word it did meet.

A noun inside a longer word takes that of the same noun at a word's start (밤바다 has a 바다 in it), an alias
that of its known word. What is left says nothing: see `training.passing_over`.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor

from training import vocabulary, words
from training.captions import caption
from training.scenes import random_pictures, random_scenes

_TOGETHER = 16
_SPECIAL = 3  # pieces: padding, end, unknown


def met(seed: int = 1, captions: int = 60_000) -> Tensor:
    """Which pieces captions are made of, [V] bool."""
    dice, tokenizer = random.Random(seed), vocabulary.tokenizer()
    seen = torch.zeros(len(vocabulary.pieces()), dtype=torch.long)
    for _ in range(captions // _TOGETHER):
        draw = random_pictures if dice.random() < 0.07 else random_scenes
        texts = tokenizer.encode_batch([caption(scene, dice).text for scene in draw(dice, _TOGETHER)])
        seen += torch.tensor([i for text in texts for i in text.ids]).bincount(minlength=len(seen))
    return seen >= 8


def stand_ins(known: Tensor) -> dict[int, int | None]:
    """For each piece that training never met, the known one that stands in for it, if there is one."""
    number = vocabulary.numbers()
    inside, found = vocabulary.nouns(), dict[int, int | None]()
    for piece, i in number.items():
        if known[i] or i < _SPECIAL:
            continue
        word = piece.removeprefix("▁")
        if word == piece and word not in inside:
            found[i] = None
            continue
        found[i] = next(
            (number["▁" + w] for w in (word, words.ALIASES.get(word, "")) if known[number.get("▁" + w, i)]),
            None,
        )
    return found


def completed(table: Tensor, known: Tensor) -> Tensor:
    """The token embeddings [V D], those that have a stand-in filled with its."""
    result = table.clone()
    for piece, stand_in in stand_ins(known).items():
        if stand_in is not None:
            result[piece] = table[stand_in]
    print(f"{int(known.sum())} of {len(table)} pieces were met in training")
    return result
