"""Gives words that training never met the embedding of a word it did meet.

A piece inside a longer word takes that of the same piece at a word's start (밤바다 has a 바다 in it), an
alias that of its known word, and what is left the mean of the words that say nothing about the picture.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor

from training import vocabulary, words
from training.captions import caption
from training.scenes import random_pictures, random_scenes

_TOGETHER = 16


def completed(table: Tensor, seed: int = 1, captions: int = 60_000) -> Tensor:
    """The token embeddings [V D] with the rows filled in that training left as they began."""
    dice, tokenizer = random.Random(seed), vocabulary.tokenizer()
    seen = torch.zeros(len(table), dtype=torch.long)
    for _ in range(captions // _TOGETHER):
        draw = random_pictures if dice.random() < 0.07 else random_scenes
        texts = tokenizer.encode_batch([caption(scene, dice).text for scene in draw(dice, _TOGETHER)])
        seen += torch.tensor([i for text in texts for i in text.ids]).bincount(minlength=len(table))
    known = seen >= 8
    number = {piece: i for i, (piece, _) in enumerate(vocabulary.pieces())}
    quiet = [
        number["▁" + word]
        for line in (*words.STYLES_EN, *words.MOODS_EN)
        for word in line.split()
        if "▁" + word in number
    ]
    result = table.clone()
    neutral = table[[i for i in quiet if known[i]]].mean(0)
    for piece, i in number.items():
        if known[i] or i < 3:
            continue
        word = piece.removeprefix("▁")
        source = next(
            (number["▁" + w] for w in (word, words.ALIASES.get(word, "")) if known[number.get("▁" + w, i)]),
            None,
        )
        result[i] = neutral if source is None else table[source]
    print(f"{int(known.sum())} of {len(table)} pieces were met in training")
    return result
