"""A prompt as token numbers: transformers' T5 tokenizer, told exactly what the model's own files say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wan_core.errors import ModelCorrupt, ModelMissing

if TYPE_CHECKING:
    from tokenizers import Tokenizer
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
        found = self._tokenizer(text, truncation=True, max_length=self._text_len, return_attention_mask=False)
        return list(found["input_ids"])


def load_tokenizer(folder: Path, text_len: int) -> PromptTokenizer:
    """The tokenizer in `folder`: its `tokenizer.json`, or else its `spiece.model`. Nothing else is read.

    transformers would rebuild a T5 tokenizer from the vocabulary alone, with rules of its own; it is
    given the finished one instead, so that the file's normalizer and unknown token count.
    Raises ModelMissing or ModelCorrupt.
    """
    rules = _read(folder)
    from transformers.models.t5.tokenization_t5 import T5Tokenizer

    rules.no_padding()
    rules.no_truncation()
    return PromptTokenizer(T5Tokenizer(tokenizer_object=rules, extra_ids=0), text_len)


def _read(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    from wan_core.text.sentencepiece import read_spiece

    ways = {"tokenizer.json": lambda path: Tokenizer.from_file(str(path)), "spiece.model": read_spiece}
    for name, read in ways.items():
        path = folder / name
        if not path.is_file():
            continue
        try:
            return read(path)
        except Exception as error:  # tokenizers raises bare Exceptions
            raise ModelCorrupt(f"The tokenizer file {path} cannot be read ({error}).", _HINT) from error
    raise ModelMissing(f"There is no tokenizer.json or spiece.model in {folder}.", _HINT)
