"""A prompt as token numbers: transformers' T5 tokenizer, told exactly what the model's own files say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wan_core.errors import ModelCorrupt, ModelMissing

if TYPE_CHECKING:
    from transformers import T5Tokenizer

_HINT = "Download the model again, or copy its folder google/umt5-xxl from where the model came from."


class PromptTokenizer:
    """Cuts prompts into at most `text_len` tokens, the last of which is always the end token."""

    def __init__(self, tokenizer: T5Tokenizer, text_len: int) -> None:
        self._tokenizer = tokenizer
        self._text_len = text_len

    @property
    def words(self) -> int:
        """How many tokens the vocabulary has, without those added to it."""
        return int(self._tokenizer.vocab_size)

    @property
    def end(self) -> int:
        """The end token's number."""
        return int(self._tokenizer.eos_token_id)

    @property
    def unknown(self) -> int:
        """The number of the token that stands for what the vocabulary does not have."""
        return int(self._tokenizer.unk_token_id)

    def ids(self, text: str) -> list[int]:
        """The tokens of `text`, which should be clean, with the end token."""
        found = self._tokenizer(text, padding=False, truncation=True, max_length=self._text_len)
        return list(found["input_ids"])


def load_tokenizer(folder: Path, text_len: int) -> PromptTokenizer:
    """The tokenizer in `folder`: its `tokenizer.json`, or else its `spiece.model`. Nothing else is read.

    `from_pretrained` would rebuild it from the vocabulary alone, with rules and an unknown token of its
    own; the class is given the finished tokenizer instead, so that what the file says counts.
    Raises ModelMissing or ModelCorrupt.
    """
    from transformers.models.t5.tokenization_t5 import T5Tokenizer

    from wan_core.text.sentencepiece import read_spiece

    ways: dict[str, Callable[[Path], dict[str, Any]]] = {
        "tokenizer.json": lambda path: {"tokenizer_file": str(path)},
        "spiece.model": lambda path: {"tokenizer_object": read_spiece(path)},
    }
    for name, read in ways.items():
        path = folder / name
        if not path.is_file():
            continue
        try:
            return PromptTokenizer(T5Tokenizer(**read(path), extra_ids=0), text_len)
        except Exception as error:  # tokenizers raises bare Exceptions
            raise ModelCorrupt(
                f"The tokenizer file {path} cannot be read ({error}).",
                _HINT,
                case="tokenizer_unreadable",
                file=path.name,
            ) from error
    raise ModelMissing(
        f"There is no tokenizer.json or spiece.model in {folder}.",
        _HINT,
        case="tokenizer_missing",
        folder=folder.name,
    )
