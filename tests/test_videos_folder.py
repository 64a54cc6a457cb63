"""Where new videos go: a person's choice, taken only if it is there and can be written to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import disks
from tests.talk import Talk


def make(talk: Talk) -> dict[str, Any]:
    """A video that is made, as its end is told."""
    ended = talk.news(talk.generate(prompt="a"), "done", "failed")
    assert ended["state"] == "done"
    return ended


def test_a_chosen_folder_takes_new_videos_also_after_a_restart_and_old_ones_are_still_served(
    tmp_path: Path,
) -> None:
    chosen = tmp_path / "내 비디오"
    chosen.mkdir()
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        assert talk.ask("videos_folder")["folder"] == str(talk.videos)
        old = make(talk)
        assert talk.ask("videos_folder", folder=f"{chosen}/")["folder"] == str(chosen)
        new = make(talk)
        assert (Path(old["path"]).parent, Path(new["path"]).parent) == (talk.videos, chosen)
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        assert talk.ask("hello")["videos_folder"] == talk.ask("videos_folder")["folder"] == str(chosen)
        for made in (old, new, make(talk)):
            assert talk.ask("media", media=made["output"])["path"] == made["path"]
        assert len(list(chosen.iterdir())) == 2


@pytest.mark.parametrize(
    ("given", "case"),
    [
        ("{tmp}/none", "folder_gone"),
        ("{tmp}/file", "folder_denied"),
        ("{tmp}/file/in", "folder_gone"),
        ("videos", "path_relative"),
        ("//server/videos", "path_network"),
        ("{tmp}/a\nb", "path_control"),
    ],
)
def test_what_is_no_folder_is_refused_in_words_and_nothing_changes(
    tmp_path: Path, given: str, case: str
) -> None:
    (tmp_path / "file").touch()
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        reply = talk.ask("videos_folder", folder=given.format(tmp=tmp_path))
        assert (reply["case"], reply["field"]) == (case, "$.folder") and reply["message"] and reply["hint"]
        assert talk.ask("videos_folder")["folder"] == str(talk.videos)
        assert sorted(tmp_path.iterdir()) == [talk.home, tmp_path / "file"]


def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path) -> None:
    chosen = tmp_path / "locked"
    chosen.mkdir()
    with Talk(tmp_path, None, "tests.fake_engine") as talk, disks.read_only(chosen):
        reply = talk.ask("videos_folder", folder=str(chosen))
        assert (reply["code"], reply["case"]) == ("OUTPUT_DENIED", "folder_denied")
        assert talk.ask("videos_folder")["folder"] == str(talk.videos)
