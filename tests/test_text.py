"""Words to embeddings: cleaning, and the text encoder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.golden_set import Folder
from tests.pieces import LONG, PIECES, write_json
from wan_core.errors import ModelCorrupt
from wan_core.text.clean import clean
from wan_core.text.umt5 import TextEncoder, build_encoder, load_text_encoder


@pytest.fixture
def weights() -> dict[str, Tensor]:
    """A tiny encoder's tensors, by their official names: 300 words, 32 wide."""
    return dict(Folder(Path(__file__).parent / "golden" / "t5").weights)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tokenizer."""
    write_json(tmp_path)
    return tmp_path


def encoder(weights: dict[str, Tensor], folder: Path, text_len: int = 512) -> TextEncoder:
    return load_text_encoder(weights, folder, text_len, "cpu", torch.float32)


def test_cleaning_mends_encodings_reads_entities_and_joins_white_space() -> None:
    assert clean("  schÃ¶n &amp;amp;\t\n밤，\u3000호수 ") == "schön & 밤, 호수"


def test_unpadded_is_the_same_function_as_padded_masked_and_cut(weights: dict[str, Tensor]) -> None:
    model = build_encoder(weights, "cpu", torch.float32)
    ids = torch.randint(3, 300, (1, 37), generator=torch.Generator().manual_seed(1))
    padded = torch.nn.functional.pad(ids, (0, 512 - 37))
    official = model(input_ids=padded, attention_mask=(padded > 0).long()).last_hidden_state[:, :37]
    torch.testing.assert_close(model(input_ids=ids).last_hidden_state, official, atol=1e-5, rtol=0)


def test_a_prompt_becomes_one_embedding_a_token(weights: dict[str, Tensor], folder: Path) -> None:
    found = encoder(weights, folder).encode("  a red\nboat ")
    assert found.shape == (4, 32) and found.dtype == torch.float32
    assert encoder(weights, folder).encode(LONG).shape == (512, 32)


def test_the_same_words_are_encoded_once(weights: dict[str, Tensor], folder: Path) -> None:
    text = encoder(weights, folder)
    first = text.encode("a  red boat")
    assert text.encode("a red &#98;oat") is first
    assert text.encode("a boat") is not first


def test_only_recent_prompts_are_remembered(weights: dict[str, Tensor], folder: Path) -> None:
    text = encoder(weights, folder)
    first = text.encode("a")
    for count in range(2, 40):
        text.encode("a " * count)
    again = text.encode("a")
    assert again is not first and torch.equal(again, first)


def test_a_prompt_of_added_tokens_stays_within_the_vocabulary(
    weights: dict[str, Tensor], folder: Path
) -> None:
    text = encoder(weights, folder)
    assert text.encode("<extra_id_0> <pad> </s> \x00 \ud800 🐱").isfinite().all()


def test_weights_are_used_where_they_lie(weights: dict[str, Tensor]) -> None:
    model = build_encoder(weights, "cpu", torch.float32)
    words = weights["token_embedding.weight"].data_ptr()
    assert model.shared.weight.data_ptr() == model.encoder.embed_tokens.weight.data_ptr() == words
    assert {parameter.dtype for parameter in build_encoder(weights, "cpu", torch.bfloat16).parameters()} == {
        torch.bfloat16
    }


def test_a_text_encoder_that_lacks_a_tensor_is_refused_by_its_name(weights: dict[str, Tensor]) -> None:
    for name in (
        "blocks.1.ffn.fc2.weight",
        "norm.weight",
        "token_embedding.weight",
        "blocks.0.attn.q.weight",
    ):
        with pytest.raises(ModelCorrupt, match=name):
            build_encoder({key: value for key, value in weights.items() if key != name}, "cpu", torch.float32)


def test_a_text_encoder_with_a_tensor_too_many_is_refused_by_its_name(weights: dict[str, Tensor]) -> None:
    with pytest.raises(ModelCorrupt, match=r"decoder\.extra"):
        build_encoder({**weights, "decoder.extra": torch.zeros(1)}, "cpu", torch.float32)


def test_a_tensor_of_a_wrong_shape_is_refused_with_both_shapes(weights: dict[str, Tensor]) -> None:
    weights["blocks.1.attn.k.weight"] = torch.zeros(7, 32)
    with pytest.raises(
        ModelCorrupt, match=r"blocks.1.attn.k.weight of shape \[7, 32\] instead of \[32, 32\]"
    ):
        build_encoder(weights, "cpu", torch.float32)


def test_a_tokenizer_with_more_words_than_the_encoder_is_refused(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    write_json(tmp_path, pieces=[*PIECES, *((f"word{number}", -9.0) for number in range(300))])
    with pytest.raises(ModelCorrupt, match="339 tokens, the text encoder only 300"):
        encoder(weights, tmp_path)


def test_transformers_is_not_loaded_before_it_is_needed() -> None:
    code = "import wan_core.text.umt5, sys; sys.exit('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL).returncode == 0
