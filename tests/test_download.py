"""Downloading a model: from a hub that cuts, corrupts, stalls and refuses, to a model that can be chosen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.fetch import TRIES
from sidecar.hub import OFFICIAL, checked_hub
from tests.disks import full, small_disk
from tests.hub import LARGE, Hub
from tests.talk import SMALL, Talk, gone, parse
from wan_core.errors import BadRequest

pytestmark = pytest.mark.slow
OFFER = "wan2.2-ti2v-5b"
NAME = "Wan2.2-TI2V-5B"
TEXT = "models_t5_umt5-xxl-enc-bf16.pth"
VAE = "Wan2.2_VAE.pth"


@pytest.fixture
def hub(checkpoint_folder: Path) -> Iterator[Hub]:
    """The tiny checkpoint as a repository."""
    with Hub(checkpoint_folder) as hub:
        yield hub


@pytest.fixture
def fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    """A sidecar that is told quickly when a connection is dead."""
    monkeypatch.setenv("FETCH_BACK_OFF", "0.02")
    monkeypatch.setenv("HUB_SILENT", "0.5")
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        yield talk


def begin(talk: Talk, hub: Hub, folder: Path, **more: Any) -> Path:
    """Start downloading into a folder in `folder`; that folder."""
    said = talk.ask("download", model=OFFER, folder=str(folder), hub=hub.address, **more)
    assert "download" in said, said
    return folder / NAME


def told(talk: Talk, *states: str, after: int = 0) -> dict[str, Any]:
    """Wait until the download is in one of the states; what is older than `after` does not count."""
    wanted = talk.until(
        lambda said: (
            said.get("download", {}).get("state") in states and said.get("download", {}).get("n", 0) > after
        )
    )
    return dict(wanted["download"])


def now(talk: Talk) -> dict[str, Any]:
    return dict(talk.ask("snapshot")["download"])


def come(talk: Talk, bytes: int) -> dict[str, Any]:
    """Wait until so many bytes are there."""
    return dict(talk.until(lambda said: said.get("download", {}).get("bytes", 0) >= bytes)["download"])


def size(hub: Hub, name: str) -> int:
    return (hub.folder / name).stat().st_size


def same(hub: Hub, root: Path) -> bool:
    """Whether every file is there as the hub has it, and nothing else."""
    found = sorted(place.relative_to(root).as_posix() for place in root.rglob("*") if place.is_file())
    return found == hub.paths() and all(
        (root / path).read_bytes() == (hub.folder / path).read_bytes() for path in found
    )


def test_a_download_ends_as_a_model_that_makes_a_video(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    root = begin(fetching, hub, tmp_path / "models")
    done = told(fetching, "done")
    assert same(hub, root)
    assert done["bytes"] == done["whole"] == sum(size(hub, path) for path in hub.paths())
    listed = {model["id"]: model for model in fetching.ask("models")["models"]}
    assert listed[done["model"]]["state"] == "ready" and listed[done["model"]]["name"] == NAME
    job = fetching.generate(prompt="a boat", model=done["model"], **SMALL)
    assert Path(fetching.news(job, "done")["path"]).is_file()
    place = next(place for place in fetching.ask("catalog")["places"] if place["model"] == done["model"])
    assert (place["origin"], place["path"]) == ("downloaded", str(root))
    assert all(hub.sent[path] == size(hub, path) for path in hub.paths())
    assert all(size(hub, path) >= LARGE for path in (TEXT, VAE))  # both ways of naming bytes were checked


def test_news_come_at_most_four_a_second_and_are_numbered(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.pace, began = 0.005, time.monotonic()
    begin(fetching, hub, tmp_path)
    told(fetching, "done")
    lines = [said["download"] for line in fetching.lines if "download" in (said := parse(line))]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    mere = len(lines) - len({(line["state"], line["file"]) for line in lines})
    assert mere <= 4 * (time.monotonic() - began) + 1
    assert any(line["speed"] and line["eta_s"] is not None for line in lines)


def test_a_cut_connection_goes_on_where_it_broke_and_nothing_comes_twice(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    for at in (9000, 30_000):
        hub.plan(VAE, cut=at)
    root = begin(fetching, hub, tmp_path)
    told(fetching, "done")
    assert same(hub, root)
    assert hub.ranges == [(VAE, 9000), (VAE, 30_000)]
    assert hub.sent[VAE] == size(hub, VAE)


def test_a_server_that_falls_silent_counts_as_cut_and_the_sidecar_answers_meanwhile(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    hub.plan(VAE, stall=8192)
    begin(fetching, hub, tmp_path)
    asked = time.monotonic()
    fetching.ask("ping")
    assert time.monotonic() - asked < 1
    waiting = told(fetching, "waiting")
    assert waiting["trouble"]["case"] == "hub_unreachable"
    told(fetching, "done")
    assert hub.ranges == [(VAE, 8192)]


def test_a_server_without_ranges_begins_that_file_anew(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.plan(VAE, cut=9000)
    hub.plan(VAE, whole=True)
    root = begin(fetching, hub, tmp_path)
    told(fetching, "done")
    assert same(hub, root) and hub.sent[VAE] == 9000 + size(hub, VAE)


def test_another_etag_begins_that_file_anew(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.plan(VAE, cut=9000)
    hub.plan(VAE, etag='"two"')
    hub.plan(VAE, etag='"two"')
    root = begin(fetching, hub, tmp_path)
    told(fetching, "done")
    assert same(hub, root) and hub.ranges == [(VAE, 9000)]


def test_a_range_that_cannot_be_had_begins_that_file_anew(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.plan(VAE, cut=9000)
    hub.plan(VAE, status=416)
    root = begin(fetching, hub, tmp_path)
    told(fetching, "done")
    assert same(hub, root)


def test_wrong_bytes_are_fetched_once_more(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.plan(VAE, corrupt=True)
    hub.plan("config.json", corrupt=True)
    root = begin(fetching, hub, tmp_path)
    told(fetching, "done")
    assert same(hub, root) and hub.sent[VAE] == 2 * size(hub, VAE)


def test_wrong_bytes_twice_are_told_and_a_resume_tries_again(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    for _ in range(2):
        hub.plan(VAE, corrupt=True)
    root = begin(fetching, hub, tmp_path)
    paused = told(fetching, "paused")
    assert paused["trouble"]["case"] == "download_wrong" and VAE in paused["trouble"]["message"]
    assert not (root / VAE).exists()
    fetching.ask("resume_download")
    told(fetching, "done", after=paused["n"])
    assert same(hub, root)


@pytest.mark.parametrize(
    ("path", "plan", "case"),
    [
        ("revision", {"status": 401}, "hub_forbidden"),
        (VAE, {"status": 403}, "hub_forbidden"),
        ("revision", {"status": 404}, "hub_missing"),
        (VAE, {"status": 404}, "hub_missing"),
        ("tree", {"status": 418}, "hub_status"),
        ("tree", {"tree": [{"no": "leaf"}]}, "hub_unreadable"),
        ("tree", {"tree": []}, "hub_incomplete"),
        ("resolve", {"lead": "http://192.0.2.1/"}, "hub_leads_astray"),
        ("resolve", {"lead": "file:///etc/hostname"}, "hub_status"),
    ],
)
def test_what_the_hub_refuses_pauses_with_words_and_a_resume_asks_again(
    fetching: Talk, hub: Hub, tmp_path: Path, path: str, plan: dict[str, Any], case: str
) -> None:
    hub.plan(path, **plan)
    root = begin(fetching, hub, tmp_path)
    paused = told(fetching, "paused")
    assert paused["trouble"]["case"] == case and paused["trouble"]["hint"]
    fetching.ask("resume_download")
    told(fetching, "done", after=paused["n"])
    assert same(hub, root)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_hub_is_left_alone_for_as_long_as_it_says(
    fetching: Talk, hub: Hub, tmp_path: Path, status: int
) -> None:
    hub.plan(VAE, status=status, after=1)
    begin(fetching, hub, tmp_path)
    told(fetching, "waiting")
    began = time.monotonic()
    told(fetching, "done")
    assert time.monotonic() - began > 0.8


def test_a_hub_that_stays_away_pauses_the_download_after_some_tries(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    hub.plan(VAE, cut=5000)
    for _ in range(TRIES):
        hub.plan(VAE, status=500)
    root = begin(fetching, hub, tmp_path)
    paused = told(fetching, "paused")
    assert paused["trouble"]["case"] == "hub_unreachable" and not hub.plans[VAE]
    fetching.ask("resume_download")
    told(fetching, "done", after=paused["n"])
    assert same(hub, root) and hub.sent[VAE] == size(hub, VAE)


def test_a_pause_is_obeyed_at_once_and_a_resume_fetches_only_the_rest(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    hub.pace = 0.02
    root = begin(fetching, hub, tmp_path)
    come(fetching, 20_000)
    paused = fetching.ask("pause_download")["download"]
    assert paused["state"] == "paused" and paused["trouble"] is None
    time.sleep(0.1)
    sent = hub.sent.total()
    time.sleep(0.3)
    assert hub.sent.total() - sent <= LARGE  # what the system had under way
    hub.pace = 0
    fetching.ask("resume_download")
    told(fetching, "done", after=paused["n"])
    assert same(hub, root)
    assert any(start for _, start in hub.ranges)


def test_a_sidecar_that_is_killed_in_the_middle_goes_on_after_a_restart_at_the_same_commit(
    tmp_path: Path, hub: Hub
) -> None:
    hub.pace = 0.02
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        root = begin(talk, hub, tmp_path / "models")
        come(talk, 30_000)
        talk.process.kill()
    before = hub.asked.count(f"/api/models/Wan-AI/Wan2.2-TI2V-5B/tree/{hub.commit}")
    hub.pace = 0
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        left = now(talk)
        assert left["state"] == "paused" and left["path"] == str(root)
        assert 20_000 < left["bytes"] < left["whole"]
        talk.ask("resume_download")
        told(talk, "done")
    assert same(hub, root)
    assert hub.asked.count(f"/api/models/Wan-AI/Wan2.2-TI2V-5B/tree/{hub.commit}") == before == 1
    assert any(start for _, start in hub.ranges)


def test_the_sidecar_leaves_at_once_while_a_server_is_silent(tmp_path: Path, hub: Hub) -> None:
    hub.plan(VAE, stall=8192)
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        begin(talk, hub, tmp_path / "models")
        come(talk, 8192)
        talk.ask("shutdown")
        assert gone(talk.home, 2.0)


def test_where_there_is_too_little_room_nothing_is_fetched(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 4096) as disk:
        begin(fetching, hub, disk)
        paused = told(fetching, "paused")
        assert paused["trouble"]["case"] == "download_room" and paused["trouble"]["code"] == "DISK_FULL"
        assert paused["trouble"]["values"]["free"] <= 0.1 and paused["trouble"]["values"]["needed"] >= 2
        assert fetching.ask("cancel_download", keep=False)["op"] == "cancel_download"
        assert list(disk.iterdir()) == []


def test_a_disk_that_fills_up_on_the_way_pauses_and_loses_nothing(
    fetching: Talk, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching.end()
    monkeypatch.setenv("FETCH_RESERVE", "0")
    hub.pace = 0.01
    with small_disk(tmp_path / "small", 8192) as disk, Talk(tmp_path, None, "tests.fake_engine") as talk:
        root = begin(talk, hub, disk)
        come(talk, 20_000)
        with full(disk):
            paused = told(talk, "paused")
            assert paused["trouble"]["case"] == "disk_full_for"
        before = hub.sent.total()
        hub.pace = 0
        talk.ask("resume_download")
        told(talk, "done", after=paused["n"])
        assert same(hub, root)
        assert hub.sent.total() - before <= paused["whole"] - paused["bytes"] + 8192


def test_cancelled_and_kept_it_can_be_taken_up_again(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.pace = 0.02
    root = begin(fetching, hub, tmp_path)
    come(fetching, 20_000)
    fetching.ask("cancel_download", keep=True)
    gone_now = now(fetching)
    assert gone_now["state"] == "cancelled" and list(root.glob("*.part"))
    assert fetching.ask("resume_download")["case"] == "no_download"
    hub.pace = 0
    begin(fetching, hub, tmp_path)
    told(fetching, "done", after=gone_now["n"])
    assert same(hub, root) and any(start for _, start in hub.ranges)


def test_cancelled_and_not_kept_nothing_is_left_but_what_is_somebody_elses(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    hub.pace = 0.02
    for mine in (False, True):
        root = begin(fetching, hub, tmp_path / "models")
        come(fetching, 20_000)
        if mine:
            (root / "notes.txt").write_text("mine")
        fetching.ask("cancel_download", keep=False)
        assert sorted(place.name for place in (tmp_path / "models").rglob("*")) == (
            [NAME, "notes.txt"] if mine else []
        )


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "config.json").write_text("mine")
    said = fetching.ask("download", model=OFFER, folder=str(tmp_path), hub=hub.address)
    assert (said["case"], said["field"]) == ("download_taken", "$.folder")
    assert [place.name for place in (tmp_path / NAME).iterdir()] == ["config.json"]


def test_a_link_in_the_folder_is_not_followed(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.plan("resolve", lead="/nowhere")
    root = begin(fetching, hub, tmp_path / "models")
    paused = told(fetching, "paused")
    (tmp_path / "elsewhere").mkdir()
    (root / "google").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (root / f"{VAE}.part").symlink_to(tmp_path / "elsewhere" / "mine")
    fetching.ask("resume_download")
    again = told(fetching, "paused", after=paused["n"])
    assert again["trouble"]["case"] == "folder_is_link"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_names_that_lead_out_of_the_folder_are_not_fetched(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    outside = [
        {"type": "file", "path": path, "oid": hub.commit, "size": 3}
        for path in ("../evil", "google/umt5-xxl/../../evil", "/evil", "google/umt5-xxl/..", "a/config.json")
    ]
    hub.plan("tree", tree=[*hub.tree(), *outside])
    root = begin(fetching, hub, tmp_path)
    told(fetching, "done")
    assert same(hub, root)


@pytest.mark.parametrize(
    ("fields", "field", "case"),
    [
        ({"model": "wan-huge"}, "$.model", "unknown_offer"),
        ({"folder": "//server/models"}, "$.folder", "path_network"),
        ({"folder": "models"}, "$.folder", "path_relative"),
        ({"hub": "http://example.com"}, "$.hub", "hub_address"),
        ({"hub": "ftp://127.0.0.1"}, "$.hub", "hub_address"),
    ],
)
def test_what_cannot_be_downloaded_is_refused_with_the_field(
    fetching: Talk, tmp_path: Path, fields: dict[str, str], field: str, case: str
) -> None:
    wish = {"model": OFFER, "folder": str(tmp_path), **fields}
    said = fetching.ask("download", **wish)
    assert (said["field"], said["case"]) == (field, case)


def test_one_download_at_a_time(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    hub.pace = 0.02
    begin(fetching, hub, tmp_path)
    said = fetching.ask("download", model=OFFER, folder=str(tmp_path / "other"), hub=hub.address)
    assert said["case"] == "download_busy" and said["values"] == {"name": NAME}


@pytest.mark.parametrize(
    "address", [OFFICIAL, "https://hf-mirror.com/", "https://hub.example:8443/hf", "http://127.0.0.1:80"]
)
def test_a_mirror_is_an_encrypted_address_or_this_machines_own(address: str) -> None:
    assert checked_hub(address, "$.hub") == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://",
        "http://hf-mirror.com",
        "https://me:word@hub",
        "https://hub/?a",
        "https://h ub",
        "file:///",
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(BadRequest):
        checked_hub(address, "$.hub")


def downloaded(talk: Talk, hub: Hub, folder: Path) -> tuple[Path, dict[str, Any]]:
    root = begin(talk, hub, folder)
    return root, told(talk, "done")


def test_verifying_finds_a_byte_that_flipped_and_a_resume_fetches_that_file_alone(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    root, done = downloaded(fetching, hub, tmp_path)
    assert fetching.ask("verify_model", model=done["model"])["by"] == "bytes"
    right = told(fetching, "done", after=done["n"])
    assert right["what"] == "verify" and right["bytes"] == right["whole"]
    data = bytearray((root / VAE).read_bytes())
    data[1000] ^= 4
    (root / VAE).write_bytes(data)
    fetching.ask("verify_model", model=done["model"])
    paused = told(fetching, "paused", after=right["n"])
    assert paused["trouble"]["case"] == "download_damaged" and paused["trouble"]["values"]["file"] == VAE
    before = hub.sent.total()
    fetching.ask("resume_download")
    told(fetching, "done", after=paused["n"])
    assert same(hub, root) and hub.sent.total() - before == size(hub, VAE)


def test_of_a_model_that_was_not_downloaded_here_the_structure_is_looked_at(
    fetching: Talk, checkpoint_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(checkpoint_folder, tmp_path / "own")
    model = fetching.ask("add_model", path=str(folder))["model"]["id"]
    assert fetching.ask("verify_model", model=model)["by"] == "structure"
    torn = next(folder.glob("*.safetensors"))
    torn.write_bytes(torn.read_bytes()[:-1])
    assert fetching.ask("verify_model", model=model)["code"] == "MODEL_CORRUPT"
    refused = fetching.ask("remove_model", model=model, files=True)
    assert refused["case"] == "model_not_ours" and torn.exists()
    left = fetching.ask("remove_model", model=model, files=False)["models"]
    assert [one["shipped"] for one in left] == [True] and torn.exists()


def test_a_downloaded_model_is_removed_with_its_files_and_nothing_else(
    fetching: Talk, hub: Hub, tmp_path: Path
) -> None:
    root, done = downloaded(fetching, hub, tmp_path / "models")
    (root / "mine.txt").write_text("mine")
    left = fetching.ask("remove_model", model=done["model"], files=True)["models"]
    assert [model["shipped"] for model in left] == [True]
    assert [place.name for place in root.rglob("*")] == ["mine.txt"]


def test_the_shipped_model_and_one_that_is_in_use_stay(fetching: Talk, hub: Hub, tmp_path: Path) -> None:
    assert fetching.ask("remove_model", model="wan-mini", files=False)["case"] == "model_shipped"
    _, done = downloaded(fetching, hub, tmp_path)
    job = fetching.generate(prompt="slow denoise", model=done["model"], **SMALL)
    fetching.news(job, "running", phase="denoise")
    assert fetching.ask("remove_model", model=done["model"], files=True)["case"] == "model_in_use"


def test_models_of_other_layouts_are_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shelf" / "diffusers").mkdir(parents=True)
    (tmp_path / "shelf" / "diffusers" / "model_index.json").write_text("{}")
    (tmp_path / "shelf" / "A14B" / "high_noise_model").mkdir(parents=True)
    with Talk(tmp_path, tmp_path / "shelf", "tests.fake_engine") as talk:
        said = {one["name"]: one["trouble"]["case"] for one in talk.ask("models")["models"] if one["trouble"]}
    assert said == {"diffusers": "diffusers_layout", "A14B": "a14b_model"}
