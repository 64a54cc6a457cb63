"""The tokenizer: a Unigram vocabulary composed by hand, so that every word of the world is one piece."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from training import words

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
_MARK = "▁"
_SYLLABLES = 560  # of the commonest Korean ones, beside those of our words


def world_words() -> list[str]:
    """Every word that captions are made of, most important first."""
    found: dict[str, None] = {}
    for name in sorted(vars(words)):
        if not name.isupper() or name in ("SPARE", "ALIASES", "PARTICLES_KO", "FREE"):
            continue
        value = vars(words)[name]
        lines = value if isinstance(value, tuple) else [line for group in value.values() for line in group]
        for line in lines:
            found.update(dict.fromkeys(re.findall(r"[a-z0-9]+|[가-힣]+", line.lower())))
            if re.search(r"[가-힣]다$", line):
                found[words.stem(line).split()[-1]] = None
    found.update(dict.fromkeys(words.SPARE.lower().split()))
    return [word for word in found if not _has_particle(word, found)]


def _has_particle(word: str, known: dict[str, None]) -> bool:
    """Whether it is another word with a Korean particle, which need no piece together."""
    return any(
        word.endswith(end) and word.removesuffix(end) in known for end in ("이", "가", "을", "를", "에", "의")
    )


def nouns() -> set[str]:
    """Korean names of what can be seen, which may stand inside longer words: 밤바다, 눈사막."""
    tables = (
        words.TERRAINS_KO,
        words.THINGS_KO,
        words.TIME_TAGS_KO,
        words.WEATHER_TAGS_KO,
        words.LIGHT_TAGS_KO,
        words.COLOUR_NOUNS_KO,
    )
    lines = (line for table in tables for group in table.values() for line in group)
    return {word for line in lines for word in line.split() if not re.search("[는은린한]$", word)}


def pieces() -> list[tuple[str, float]]:
    """The vocabulary with its scores: words first, then what is left of other people's words."""
    known = world_words()
    vocabulary: dict[str, float] = {PAD: 0.0, END: 0.0, UNKNOWN: 0.0}
    for word in known:
        vocabulary[_MARK + word] = -6.0
    for word in sorted(nouns()):
        if re.fullmatch(r"[가-힣]{1,3}", word):
            vocabulary.setdefault(word, -9.0)
    for ending in ("s", "es", "ed", "ing", "er", "ly", "y", *words.PARTICLES_KO):
        if " " not in ending:
            vocabulary.setdefault(ending, -7.5)
    vocabulary[_MARK] = -8.0
    for character in "abcdefghijklmnopqrstuvwxyz0123456789.,!?'\"-:;()/&%+#*_~":
        vocabulary.setdefault(character, -11.0)
    for character in sorted({c for word in known for c in word} | set(_common_syllables())):
        vocabulary.setdefault(character, -12.0)
    return list(vocabulary.items())


def numbers() -> dict[str, int]:
    """Where each piece stands in the vocabulary."""
    return {piece: i for i, (piece, _) in enumerate(pieces())}


def _common_syllables() -> list[str]:
    """Korean syllables that the standard KS X 1001 set holds, thinned to those with simple finals."""
    finals = ("", "\u11ab", "\u11af", "\u11bc", "\u11a8", "\u11b7", "\u11b8", "\u11ba")
    kept = []
    for code in range(0xAC00, 0xD7A4):
        parts = unicodedata.normalize("NFD", chr(code))
        simple = parts[1] in "\u1161\u1165\u1169\u116e\u1173\u1175\u1162\u1166\u1167"
        try:
            chr(code).encode("euc_kr")
        except UnicodeEncodeError:
            continue
        if simple and (parts[2:] in finals):
            kept.append(chr(code))
    return kept[:_SYLLABLES]


def tokenizer() -> Tokenizer:
    """A tokenizer that lower-cases, marks word starts and ends each text with </s>."""
    made = Tokenizer(models.Unigram(pieces(), unk_id=2, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("-", " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(_MARK, prepend_scheme="always")
    made.decoder = decoders.Metaspace(_MARK, prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", pair=f"$A {END} $B {END}", special_tokens=[(END, 1)]
    )
    made.add_special_tokens([PAD, END, UNKNOWN])
    return made


def save(folder: Path) -> None:
    """Write tokenizer.json and the two small files beside it that transformers reads."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer().save(str(folder / "tokenizer.json"))
    special = {"pad_token": PAD, "eos_token": END, "unk_token": UNKNOWN}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, **special}
    for name, value in (("tokenizer_config.json", settings), ("special_tokens_map.json", special)):
        (folder / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
