"""A small vocabulary like UMT5's, in the two formats that tokenizers come in."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

END, UNKNOWN = 1, 3  # as in UMT5's vocabulary, where 2 begins a text
PIECES = [("<pad>", 0.0), ("</s>", 0.0), ("<s>", 0.0), ("<unk>", -20.0), ("▁", -3.0)]
PIECES += [(f"▁{word}", -2.0) for word in ("a", "red", "boat", "밤", "호수")]
PIECES += [(letter, -8.0) for letter in "abcdefghijklmnopqrstuvwxyz밤호수"]
LONG = " ".join(["a red boat"] * 1000)


def write_json(folder: Path, *, lower: bool = False, pieces: Iterable[tuple[str, float]] = PIECES) -> None:
    tokenizer = Tokenizer(Unigram(list(pieces), unk_id=UNKNOWN))
    if lower:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", END)])
    tokenizer.enable_padding(length=600)  # as files made for training may have it
    tokenizer.enable_truncation(max_length=8)
    tokenizer.save(str(folder / "tokenizer.json"))


def write_spiece(folder: Path) -> None:
    """A SentencePiece model of the same pieces, as its protobuf bytes."""

    def field(number: int, value: bytes) -> bytes:
        size, length = b"", len(value)
        while length > 127:
            size, length = size + bytes([length & 127 | 128]), length >> 7
        return bytes([number << 3 | 2]) + size + bytes([length]) + value

    kinds = {"<unk>": 2, "<pad>": 3, "</s>": 3, "<s>": 3}
    pieces = b"".join(
        field(
            1,
            field(1, text.encode()) + b"\x15" + struct.pack("<f", score) + bytes([0x18, kinds.get(text, 1)]),
        )
        for text, score in PIECES
    )
    trainer = field(2, b"\x18\x01" + b"\xc0\x02" + bytes([UNKNOWN]))  # model_type 1, unk_id
    normalizer = field(3, field(1, b"identity"))
    (folder / "spiece.model").write_bytes(pieces + trainer + normalizer)
