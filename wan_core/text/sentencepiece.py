"""Reads a SentencePiece `spiece.model` as the fast tokenizer that transformers makes of one.

The file is a protobuf message of three parts; only the few fields a Unigram model needs are read, so
neither `sentencepiece` nor `protobuf` has to be installed. Byte fallback is left out, as it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import unpack

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import Normalizer, Precompiled, Replace, Sequence, Strip
from tokenizers.pre_tokenizers import Metaspace

_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3  # fields of the model
_PIECE, _SCORE, _TYPE = 1, 2, 3  # fields of a piece
_NORMAL, _CONTROL, _USER_DEFINED = 1, 3, 4  # types of a piece
_MODEL_TYPE, _UNIGRAM, _UNKNOWN_ID = 3, 1, 40  # fields of the trainer, and the one model type we read
_CHARACTER_MAP = 2  # a field of the normalizer

_Value = int | bytes


def read_spiece(path: Path) -> Tokenizer:
    """The tokenizer in the SentencePiece file `path`; adds no end token. Raises ValueError if it is torn."""
    pieces: list[tuple[str, float]] = []
    added: list[AddedToken] = []
    trainer: dict[int, _Value] = {}
    character_map = b""
    for field, value in _fields(path.read_bytes()):
        if field == _PIECES:
            piece = dict(_fields(_message(value)))
            text = _message(piece[_PIECE]).decode()
            pieces.append((text, unpack("<f", _message(piece.get(_SCORE, bytes(4))))[0]))
            if (kind := piece.get(_TYPE, _NORMAL)) in (_CONTROL, _USER_DEFINED):
                added.append(AddedToken(text, normalized=False, special=kind == _CONTROL))
        elif field == _TRAINER:
            trainer = dict(_fields(_message(value)))
        elif field == _NORMALIZER:
            character_map = _message(dict(_fields(_message(value))).get(_CHARACTER_MAP, b""))
    if not trainer:
        raise ValueError("the file ends before its settings")
    unknown = trainer.get(_UNKNOWN_ID, 0)
    if trainer.get(_MODEL_TYPE, _UNIGRAM) != _UNIGRAM or not isinstance(unknown, int):
        raise ValueError("not a Unigram model")
    if not unknown < len(pieces):
        raise ValueError(f"the unknown piece is number {unknown} of {len(pieces)}")

    tokenizer = Tokenizer(Unigram(pieces, unk_id=unknown, byte_fallback=False))
    tokenizer.add_tokens(added)
    rules: list[Normalizer] = [Strip(left=False, right=True), Replace(Regex(" {2,}"), "▁")]
    if character_map:
        rules.insert(0, Precompiled(character_map))
    tokenizer.normalizer = Sequence(rules)
    tokenizer.pre_tokenizer = Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer


def _message(value: _Value) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where a message should be")
    return value


def _fields(data: bytes) -> Iterator[tuple[int, _Value]]:
    """The fields of a protobuf message: (number, its bytes or its whole number)."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint(data, at)
            yield key >> 3, number
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"a field of unknown kind {kind}")
        if at + size > len(data):
            raise ValueError("the file ends in the middle of a field")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        if at >= len(data):
            raise ValueError("the file ends in the middle of a number")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than 64 bits")
