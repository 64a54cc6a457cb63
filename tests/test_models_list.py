"""The list of models: what ships, what lies in a person's folders, what they added."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sidecar import models
from sidecar.models import Models
from wan_core.errors import BadRequest, ModelMissing


@pytest.fixture
def shelf(checkpoint_folder: Path, tmp_path: Path) -> Path:
    """A folder with two models, and things that are none."""
    for name in ("Wan2.2 One", "둘"):
        shutil.copytree(checkpoint_folder, tmp_path / "shelf" / name)
    (tmp_path / "shelf" / "notes").mkdir()
    (tmp_path / "shelf" / "a.txt").touch()
    return tmp_path / "shelf"


def names(listed: Models) -> list[tuple[str, str]]:
    return [(model.name, model.state) for model in listed.faces()]


def test_the_shipped_model_is_first_and_the_default(
    checkpoint_folder: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTIFEX_MODELS", str(shelf))
    listed = Models(list, shipped=checkpoint_folder)
    first = listed.faces()[0]
    assert first.shipped and first.state == "ready" and first.multiple == 32 and first.images
    assert listed.find(None).model == first


def test_models_in_folders_are_found_and_other_things_are_not(
    shelf: Path, checkpoint_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTIFEX_MODELS", os.pathsep.join([str(shelf), str(checkpoint_folder)]))
    assert names(Models(list, shipped=tmp_path / "none"))[1:] == [
        ("Wan2.2 One", "ready"),
        ("둘", "ready"),
        (checkpoint_folder.name, "ready"),
    ]


def test_a_models_id_is_the_same_in_every_process_and_no_path(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTIFEX_MODELS", str(shelf))
    ids = [model.id for model in Models(list).faces()]
    assert ids == [model.id for model in Models(list).faces()] and ids[0] == "wan-mini"
    assert len(set(ids)) == 3 and all("/" not in id and " " not in id for id in ids)
    assert (
        models._id(Path("/models/Wan2.2-TI2V-5B"))
        == "Wan2-2-TI2V-5B-" + models._id(Path("/models/Wan2.2-TI2V-5B"))[-6:]
    )


def test_a_torn_model_is_listed_as_broken_and_one_that_went_away_as_missing(
    shelf: Path, checkpoint_folder: Path, tmp_path: Path
) -> None:
    torn = next((shelf / "둘").glob("*.safetensors"))
    torn.write_bytes(torn.read_bytes()[:-1])
    added = [str(shelf / "둘"), str(tmp_path / "gone"), str(shelf / "Wan2.2 One")]
    listed = Models(lambda: added, shipped=checkpoint_folder)
    assert [state for _, state in names(listed)] == ["ready", "broken", "missing", "ready"]
    broken, missing = listed.faces()[1:3]
    assert broken.trouble and (broken.trouble.code, broken.trouble.case) == ("MODEL_CORRUPT", "file_short")
    assert broken.trouble.values["file"] == torn.name
    assert missing.trouble and (missing.trouble.code, missing.trouble.case) == (
        "MODEL_MISSING",
        "no_model_folder",
    )
    assert missing.trouble.values == {"folder": "gone"} and str(tmp_path) in missing.trouble.message
    with pytest.raises(ModelMissing) as refused:
        listed.find(missing.id)
    assert refused.value.field == "$.request.model"


def test_the_shipped_model_says_of_itself_in_both_languages_what_it_is() -> None:
    shipped = Models(list).faces()[0]
    assert set(shipped.note) == {"en", "ko"} and all(shipped.note.values())
    assert shipped.trouble is None


def test_a_model_that_was_repaired_is_ready_without_a_restart(shelf: Path) -> None:
    config = shelf / "둘" / "config.json"
    text = config.read_bytes()
    listed = Models(lambda: [str(shelf / "둘")])
    assert names(listed)[1][1] == "ready"
    config.unlink()
    assert names(listed)[1][1] == "missing"
    config.write_bytes(text)
    assert names(listed)[1][1] == "ready"


def test_an_unknown_model_is_refused_with_those_that_are_known(checkpoint_folder: Path) -> None:
    with pytest.raises(BadRequest) as refused:
        Models(list, shipped=checkpoint_folder).find("wan-huge")
    assert refused.value.field == "$.request.model" and checkpoint_folder.name in refused.value.hint
    assert refused.value.values == {"model": "wan-huge", "known": checkpoint_folder.name}


def test_a_folder_given_for_one_run_is_not_remembered(checkpoint_folder: Path) -> None:
    listed = Models(list)
    entry = listed.also(checkpoint_folder)
    assert listed.find(entry.model.id) == entry
    assert len(Models(list).entries()) == 1
    with pytest.raises(ModelMissing):
        listed.also(checkpoint_folder / "google")
