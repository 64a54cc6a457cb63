"""Words that say nothing: how the text encoder learns to pass over them, and that the shipped one did."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from training import vocabulary
from training.curve import drawn
from training.networks.text import TextEncoder
from training.passing_over import Disturbed, deafened
from training.recipe import FULL
from training.wording import met, stand_ins

SHIPPED = Path(__file__).parents[1] / "models" / "wan-mini"


@pytest.fixture(scope="module")
def unmet() -> list[int]:
    return [piece for piece, stand_in in stand_ins(met(captions=4_000)).items() if stand_in is None]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    weights = load_file(SHIPPED / "text_encoder.safetensors")
    made = TextEncoder(len(weights["token_embedding.weight"]), **FULL.text_sizes)
    made.load_state_dict({name: weight.float() for name, weight in weights.items()})
    return made.requires_grad_(False)


def embedded(encoder: TextEncoder, prompt: str) -> tuple[list[str], Tensor]:
    found = Tokenizer.from_file(str(SHIPPED / "tokenizer" / "tokenizer.json")).encode(prompt)
    return found.tokens, encoder(torch.tensor([found.ids]))[0]


def test_a_caption_is_found_again_among_words_that_say_nothing(unmet: list[int]) -> None:
    captions = Disturbed(unmet, seed=3).batch(64)
    assert torch.equal(captions.mixed.gather(1, captions.places) * (captions.plain != 0), captions.plain)
    added = (captions.mixed != 0).sum(1) - (captions.plain != 0).sum(1)
    assert torch.equal(captions.silent.sum(1) - captions.silent_plain.sum(1), added)
    assert 0 < int(added.count_nonzero()) < 64


def test_pieces_that_no_caption_has_become_zeros(unmet: list[int]) -> None:
    torch.manual_seed(0)
    fresh = TextEncoder(len(vocabulary.pieces()), **FULL.text_sizes)
    fresh.load_state_dict(deafened(fresh.state_dict(), unmet))
    assert fresh(torch.tensor([[unmet[0], 5, unmet[1]]]))[0, [0, 2]].abs().max() < 0.1


@pytest.mark.parametrize(
    ("plain", "chatty"),
    [
        ("낮의 숲 풍경", "그냥 마음이 편안해지는 낮의 숲 풍경"),
        ("a lake at sunset", "zorp a lake at sunset whatever"),
        ("a snowfield at noon", "an endless snowfield at noon"),
    ],
)
def test_the_shipped_model_passes_over_what_says_nothing(
    encoder: TextEncoder, plain: str, chatty: str
) -> None:
    tokens, right = embedded(encoder, plain)
    names, made = embedded(encoder, chatty)
    kept = [names.index(token) for token in tokens if token in names]
    others = [i for i in range(len(names)) if i not in kept and names[i] != "▁an"]
    same = [i for i, token in enumerate(tokens) if token in names]
    assert (made[kept] - right[same]).square().mean() < 0.15 * right.square().mean()
    assert made[others].square().mean(1).median() < 0.05 * right.square().mean()


def test_a_loss_is_drawn_with_all_its_points_inside_the_picture() -> None:
    root = ET.fromstring(drawn([(n / 10, 2.0 if n == 0 else 1 / n) for n in range(11)], "loss"))
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    places = [tuple(map(float, each.split(","))) for each in line.get("points", "").split()]
    assert len(places) == 11 and all(0 <= x <= 720 and 0 <= y <= 300 for x, y in places)
