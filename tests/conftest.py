"""What many tests need: a tiny checkpoint, and its pipeline, made once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.talk import Talk

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing here may reach for a network


@pytest.fixture(scope="session")
def checkpoint_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the official TI2V-5B layout, at tiny dimensions."""
    from tests.tiny import make_checkpoint

    return make_checkpoint(tmp_path_factory.mktemp("models") / "Wan2.2-TI2V-tiny")


@pytest.fixture(scope="session")
def models(checkpoint_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with checkpoints that `tests.fake_engine` loads each in its own way."""
    from tests.fake_engine import ENDS

    folder = tmp_path_factory.mktemp("fake-models")
    for name in ("quick", *(f"{how}-load" for how in ("slow", "hang", "busy", *ENDS))):
        shutil.copytree(checkpoint_folder, folder / name, copy_function=os.link)
    return folder


@pytest.fixture
def talk(tmp_path: Path, models: Path) -> Iterator[Talk]:
    """A sidecar whose engine does as the prompt says."""
    with Talk(tmp_path, models, "tests.fake_engine") as talk:
        yield talk


@pytest.fixture(scope="session")
def pipeline(checkpoint_folder: Path) -> Iterator[object]:
    """The tiny checkpoint, loaded."""
    from wan_core.checkpoint import inspect
    from wan_core.events import finish
    from wan_core.loading import load

    yield finish(load(inspect(checkpoint_folder)))
