"""What many tests need: a tiny checkpoint, and its pipeline, made once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing here may reach for a network


@pytest.fixture(scope="session")
def checkpoint_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the official TI2V-5B layout, at tiny dimensions."""
    from tests.tiny import make_checkpoint

    return make_checkpoint(tmp_path_factory.mktemp("models") / "Wan2.2-TI2V-tiny")


@pytest.fixture(scope="session")
def pipeline(checkpoint_folder: Path) -> Iterator[object]:
    """The tiny checkpoint, loaded."""
    from wan_core.checkpoint import inspect
    from wan_core.events import finish
    from wan_core.pipeline import load

    yield finish(load(inspect(checkpoint_folder)))
