"""UMT5: a prompt as one embedding a token. The model is transformers', the tensors are the checkpoint's.

B = 1 prompt, n = tokens of it with the end token, D = text_dim.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from wan_core.errors import ModelCorrupt
from wan_core.text.clean import clean
from wan_core.text.tokenizer import PromptTokenizer, load_tokenizer

if TYPE_CHECKING:
    from transformers import UMT5Config, UMT5EncoderModel

_MAX_DISTANCE = 128  # tokens; farther apart is all the same to the relative bias
_KEPT = 16  # embeddings kept in memory; one of 512 tokens is 4 MB
_HINT = "Download the text encoder again."

_WHOLE = {"token_embedding.weight": "shared.weight", "norm.weight": "encoder.final_layer_norm.weight"}
_OF_A_BLOCK = {
    "norm1.weight": "0.layer_norm.weight",
    "attn.q.weight": "0.SelfAttention.q.weight",
    "attn.k.weight": "0.SelfAttention.k.weight",
    "attn.v.weight": "0.SelfAttention.v.weight",
    "attn.o.weight": "0.SelfAttention.o.weight",
    "pos_embedding.embedding.weight": "0.SelfAttention.relative_attention_bias.weight",
    "norm2.weight": "1.layer_norm.weight",
    "ffn.gate.0.weight": "1.DenseReluDense.wi_0.weight",
    "ffn.fc1.weight": "1.DenseReluDense.wi_1.weight",
    "ffn.fc2.weight": "1.DenseReluDense.wo.weight",
}


class TextEncoder:
    """A tokenizer and an encoder that belong together."""

    def __init__(self, tokenizer: PromptTokenizer, model: UMT5EncoderModel) -> None:
        self._tokenizer = tokenizer
        self._model = model
        self._kept: OrderedDict[str, Tensor] = OrderedDict()

    @torch.inference_mode()
    def encode(self, prompt: str) -> Tensor:
        """The embeddings [n D] of `prompt`, on the encoder's device and in its dtype.

        Recent prompts are remembered: the same one gives the same tensor, so do not write into it.
        """
        text = clean(prompt)
        key = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if key not in self._kept:
            self._kept[key] = self._embed(text)
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _embed(self, text: str) -> Tensor:
        words = self._model.shared.weight
        known = [
            number if number < words.shape[0] else self._tokenizer.unknown
            for number in self._tokenizer.ids(text)
        ]
        ids = torch.tensor([known], device=words.device)  # [B n]
        # The official code pads to text_len, masks the padding and cuts it off again: the same function.
        embeddings: Tensor = self._model(input_ids=ids).last_hidden_state
        return embeddings.squeeze(0)  # [n D]


def load_text_encoder(
    weights: Mapping[str, Tensor],
    tokenizer_folder: Path,
    text_len: int,
    device: torch.device | str,
    dtype: torch.dtype,
) -> TextEncoder:
    """The text encoder whose tensors are `weights`, with the tokenizer in `tokenizer_folder`.

    `text_len` is the most tokens a prompt may have. Raises ModelMissing or ModelCorrupt.
    """
    tokenizer = load_tokenizer(tokenizer_folder, text_len)
    model = build_encoder(weights, device, dtype)
    vocabulary = len(model.shared.weight)
    if max(tokenizer.words - 1, tokenizer.end, tokenizer.unknown) >= vocabulary:
        raise ModelCorrupt(
            f"The tokenizer in {tokenizer_folder} has {tokenizer.words} tokens, "
            f"the text encoder only {vocabulary}.",
            "Use the tokenizer that came with the text encoder.",
            case="tokenizer_larger",
            tokens=tokenizer.words,
            vocabulary=vocabulary,
        )
    return TextEncoder(tokenizer, model)


def build_encoder(
    weights: Mapping[str, Tensor], device: torch.device | str, dtype: torch.dtype
) -> UMT5EncoderModel:
    """The encoder alone, from tensors by their official names; its sizes are read off them.

    Tensors that are already on `device` in `dtype` are used as they are, without a copy.
    Raises ModelCorrupt, which names what is missing, too much or of a wrong shape.
    """
    from transformers.models.umt5.modeling_umt5 import UMT5EncoderModel

    config = _config(weights)
    with torch.device("meta"):
        model = UMT5EncoderModel(config)
    names = official_names(config.num_layers)
    _compare(weights, {official: model.get_parameter(ours).shape for official, ours in names.items()})
    tensors = {ours: weights[official].to(device, dtype) for official, ours in names.items()}
    tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
    model.load_state_dict(tensors, strict=True, assign=True)
    return model.train(False).requires_grad_(False)


def _config(weights: Mapping[str, Tensor]) -> UMT5Config:
    from transformers.models.umt5.configuration_umt5 import UMT5Config

    blocks = {int(found[1]) for name in weights if (found := re.match(r"blocks\.(\d+)\.", name))}
    try:
        vocabulary, width = weights["token_embedding.weight"].shape
        buckets, heads = weights["blocks.0.pos_embedding.embedding.weight"].shape
        attention_width, _ = weights["blocks.0.attn.q.weight"].shape
        inner_width, _ = weights["blocks.0.ffn.gate.0.weight"].shape
    except KeyError as error:
        raise ModelCorrupt(
            f"The text encoder lacks the tensor {error.args[0]}.",
            _HINT,
            case="text_encoder_lacks",
            tensor=error.args[0],
        ) from error
    return UMT5Config(
        vocab_size=vocabulary,
        d_model=width,
        d_kv=attention_width // heads,
        d_ff=inner_width,
        num_layers=len(blocks),
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        relative_attention_max_distance=_MAX_DISTANCE,
        feed_forward_proj="gated-gelu",
        layer_norm_epsilon=1e-6,
        dropout_rate=0.0,
        use_cache=False,
    )


def official_names(layers: int) -> dict[str, str]:
    """Every tensor of a UMT5 encoder of `layers` blocks: its official name to transformers' name."""
    names = dict(_WHOLE)
    for layer in range(layers):
        for official, ours in _OF_A_BLOCK.items():
            names[f"blocks.{layer}.{official}"] = f"encoder.block.{layer}.layer.{ours}"
    return names


def _compare(weights: Mapping[str, Tensor], wanted: Mapping[str, torch.Size]) -> None:
    wrong = [f"lacks {name}" for name in wanted if name not in weights]
    wrong += [f"has {name}, which belongs to no part of it" for name in weights if name not in wanted]
    wrong += [
        f"has {name} of shape {list(weights[name].shape)} instead of {list(shape)}"
        for name, shape in wanted.items()
        if name in weights and weights[name].shape != shape
    ]
    if wrong:
        more = f", and {len(wrong) - 4} more of the kind" if len(wrong) > 4 else ""
        raise ModelCorrupt(
            f"The text encoder {'; it '.join(wrong[:4])}{more}.",
            _HINT,
            case="text_encoder_differs",
            count=len(wrong),
        )
