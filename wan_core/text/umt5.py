"""UMT5: a prompt as one embedding a token. The model is transformers', the tensors are the checkpoint's.

B = 1 prompt, n = tokens of it with the end token, D = text_dim.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.func import functional_call

from wan_core.errors import ModelCorrupt
from wan_core.events import finish
from wan_core.text.cache import EmbeddingCache
from wan_core.text.clean import clean
from wan_core.text.stream import Layers
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

    def __init__(
        self, tokenizer: PromptTokenizer, model: UMT5EncoderModel, cache: EmbeddingCache | None = None
    ) -> None:
        self._tokenizer, self._model, self._cache = tokenizer, model, cache
        self._recent: OrderedDict[tuple[int, ...], Tensor] = OrderedDict()
        norm = model.encoder.final_layer_norm.weight  # is on the device even where the layers are not
        self._device, self._dtype = norm.device, norm.dtype
        self._layers = Layers(
            [
                {name: tensor.data for name, tensor in block.named_parameters()}
                for block in model.encoder.block
            ],
            self._device,
            {name: _computed_in(name, self._dtype) for name, _ in model.encoder.block[0].named_parameters()},
        )

    @property
    def layers(self) -> int:
        """How many layers `encode_all` goes through."""
        return len(self._layers)

    def encode(self, prompt: str) -> Tensor:
        """The embeddings [n D] of `prompt`, on the encoder's device and in its dtype.

        Recent prompts are remembered: the same one gives the same tensor, so do not write into it.
        """
        return finish(self.encode_all([prompt]))[0]

    @torch.inference_mode()
    def encode_all(self, prompts: Sequence[str]) -> Generator[int, None, list[Tensor]]:
        """What `encode` gives, for each of `prompts`; yields how many layers they have passed.

        Yields nothing where all are remembered. To cancel is to close it.
        """
        asked = [self._tokens(prompt) for prompt in prompts]
        found = {tokens: known for tokens in asked if (known := self._remembered(tokens)) is not None}
        made = yield from self._encoded([tokens for tokens in dict.fromkeys(asked) if tokens not in found])
        for tokens, embeddings in made.items():
            if self._cache is not None:
                self._cache.put(tokens, embeddings)
        found |= made
        for tokens in asked:
            self._recent[tokens] = found[tokens]
            self._recent.move_to_end(tokens)
        while len(self._recent) > _KEPT:
            self._recent.popitem(last=False)
        return [found[tokens] for tokens in asked]

    def _remembered(self, tokens: tuple[int, ...]) -> Tensor | None:
        if tokens in self._recent or self._cache is None:
            return self._recent.get(tokens)
        kept = self._cache.get(tokens)
        return None if kept is None else kept.to(self._device)

    def _tokens(self, prompt: str) -> tuple[int, ...]:
        words = len(self._model.shared.weight)
        return tuple(
            number if number < words else self._tokenizer.unknown
            for number in self._tokenizer.ids(clean(prompt))
        )

    def _encoded(
        self, prompts: Sequence[tuple[int, ...]]
    ) -> Generator[int, None, dict[tuple[int, ...], Tensor]]:
        """As UMT5Stack.forward does it, but all prompts pass a layer before the next is needed.

        One at a time, because a batch would have other rounding than each prompt alone. The official
        code pads to text_len, masks the padding and cuts it off again: the same function.
        """
        from transformers.masking_utils import create_bidirectional_mask

        if not prompts:
            return {}
        stack = self._model.encoder
        hidden = [self._words(tokens) for tokens in prompts]  # each [B n D]
        masks = [create_bidirectional_mask(stack.config, each, attention_mask=None) for each in hidden]
        with closing(self._layers.in_turn()) as layers:
            for done, (block, tensors) in enumerate(zip(stack.block, layers, strict=True), start=1):
                for which, mask in enumerate(masks):
                    hidden[which] = functional_call(block, tensors, (hidden[which], mask))
                yield done
        return {
            tokens: stack.final_layer_norm(each).squeeze(0)  # [n D]
            for tokens, each in zip(prompts, hidden, strict=True)
        }

    def _words(self, tokens: tuple[int, ...]) -> Tensor:
        """The embedding table's rows of `tokens` [B n D], picked where the table is."""
        table = self._model.shared.weight
        rows = table[torch.tensor([tokens], device=table.device)].to(self._device, self._dtype)
        # What the layers add up goes beyond float16's 65,504.
        return rows.float() if self._dtype == torch.float16 else rows


def load_text_encoder(
    weights: Mapping[str, Tensor],
    tokenizer_folder: Path,
    text_len: int,
    device: torch.device | str,
    dtype: torch.dtype,
    *,
    stream: bool = False,
    cache: Path | None = None,
    fingerprint: str = "",
) -> TextEncoder:
    """The text encoder whose tensors are `weights`, with the tokenizer in `tokenizer_folder`.

    `text_len` is the most tokens a prompt may have. With `stream`, `weights` stay where they are (mapped
    from disk, if `weights.read` gave them) and only two layers at a time are on the device. Embeddings are
    kept in the folder `cache` under `fingerprint`, which stands for the weights and whatever else the
    arithmetic depends on. Raises ModelMissing or ModelCorrupt.
    """
    if cache is not None and not fingerprint:
        raise ValueError("a cache of embeddings needs the fingerprint of the weights they come from")
    tokenizer = load_tokenizer(tokenizer_folder, text_len)
    model = build_encoder(weights, device, dtype, stream)
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
    made_by = f"{fingerprint}\n{torch.device(device).type}\n{dtype}"
    return TextEncoder(tokenizer, model, EmbeddingCache(cache, made_by) if cache is not None else None)


def build_encoder(
    weights: Mapping[str, Tensor], device: torch.device | str, dtype: torch.dtype, stream: bool = False
) -> UMT5EncoderModel:
    """The encoder alone, from tensors by their official names; its sizes are read off them.

    Tensors that are already on `device` in `dtype` are used as they are, without a copy. With `stream`
    all but the last norm are used as they are, wherever they are.
    Raises ModelCorrupt, which names what is missing, too much or of a wrong shape.
    """
    from transformers.models.umt5.modeling_umt5 import UMT5EncoderModel

    config = _config(weights)
    with torch.device("meta"):
        model = UMT5EncoderModel(config)
    names = official_names(config.num_layers)
    _compare(weights, {official: model.get_parameter(ours).shape for official, ours in names.items()})
    tensors = {
        ours: weights[official]
        if stream and official != "norm.weight"
        else weights[official].to(device, _computed_in(ours, dtype))
        for official, ours in names.items()
    }
    tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
    model.load_state_dict(tensors, strict=True, assign=True)
    if dtype == torch.float16:
        for layer in range(config.num_layers):
            gelu = model.get_submodule(f"encoder.block.{layer}.layer.1.DenseReluDense.act")
            gelu.register_forward_pre_hook(_in_float32)
    return model.train(False).requires_grad_(False)


def _computed_in(name: str, dtype: torch.dtype) -> torch.dtype:
    """`dtype`, but float32 for a feed-forward's second half in float16, which it goes beyond."""
    return torch.float32 if dtype == torch.float16 and name.endswith(".wo.weight") else dtype


def _in_float32(_: object, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor.float() for tensor in given)


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
