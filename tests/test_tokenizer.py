"""The tokenizer that a model brings, from its own files and nothing else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.pieces import END, LONG, PIECES, UNKNOWN, write_json, write_spiece
from wan_core.errors import ModelCorrupt, ModelMissing
from wan_core.text.tokenizer import load_tokenizer


@pytest.fixture(params=["tokenizer.json", "spiece.model"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a tokenizer in one of the two formats."""
    write = {"tokenizer.json": write_json, "spiece.model": write_spiece}[request.param]
    write(tmp_path)
    return tmp_path


def test_both_formats_cut_a_prompt_the_same_way(folder: Path) -> None:
    names = [text for text, _ in PIECES]
    ids = load_tokenizer(folder, 512).ids("a red boat 밤 z")
    assert [names[number] for number in ids] == ["▁a", "▁red", "▁boat", "▁밤", "▁", "z", "</s>"]


@pytest.mark.parametrize("text_len", [512, 16, 1])
def test_a_prompt_cut_at_the_limit_keeps_its_end_token(folder: Path, text_len: int) -> None:
    ids = load_tokenizer(folder, text_len).ids(LONG)
    assert len(ids) == text_len and ids[-1] == END and END not in ids[:-1]


def test_a_prompt_of_nothing_is_the_end_token_alone(folder: Path) -> None:
    assert load_tokenizer(folder, 512).ids("") == [END]


def test_what_the_vocabulary_lacks_is_the_files_own_unknown_token(folder: Path) -> None:
    assert UNKNOWN in load_tokenizer(folder, 512).ids("龍")


def test_the_files_own_normalizer_is_obeyed(tmp_path: Path) -> None:
    write_json(tmp_path, lower=True)
    tokenizer = load_tokenizer(tmp_path, 512)
    assert tokenizer.ids("A Red BOAT") == tokenizer.ids("a red boat")


def test_it_is_transformers_own_t5_tokenizer(folder: Path) -> None:
    from transformers import T5Tokenizer

    assert type(load_tokenizer(folder, 512)._tokenizer) is T5Tokenizer


def test_nothing_reaches_for_a_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (folder / "config.json").write_text('{"model_type": "mistral", "auto_map": {"AutoTokenizer": "x--y.Z"}}')
    (folder / "tokenizer_config.json").write_text('{"auto_map": {"AutoTokenizer": ["y.Z", null]}}')
    assert load_tokenizer(folder, 512).ids("a")


def test_a_missing_tokenizer_is_told_with_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"There is no tokenizer.json or spiece.model in") as caught:
        load_tokenizer(tmp_path, 512)
    assert str(tmp_path) in caught.value.reason and "google/umt5-xxl" in caught.value.hint


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_torn_tokenizer_is_told_with_its_file(folder: Path, kept: float) -> None:
    (path,) = folder.iterdir()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(ModelCorrupt, match=path.name):
        load_tokenizer(folder, 512)
