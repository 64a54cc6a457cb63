"""The benchmarks at full size, tried at tiny dimensions: each ends with one line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tables import page

pytestmark = pytest.mark.slow
EVERYWHERE = {"device", "torch", "numerics", "benchmark", "peer"}
PEAKS = {"max_memory_allocated", "max_memory_reserved", "expected", "reserved_to_expected"}


def run(name: str, *arguments: str | Path) -> dict[str, Any]:
    """The JSON that `benchmarks.<name> --small` ends with."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--small", *map(str, arguments)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("tier", ["ram", "disk", "cached"])
def test_memory_times_streamed_blocks_beside_resident_ones(tier: str) -> None:
    found = run("memory", "--limits", "6.75", "4.75", "--resident", "1", "--runs", "2", "--tier", tier)
    assert found.keys() >= EVERYWHERE | {"size", "tier", "states"}
    assert [state["limit_gib"] for state in found["states"]] == [None, 6.75, 4.75]
    for state in found["states"]:
        assert state.keys() >= PEAKS | {"ms", "ratio", "plan", "way"}
        assert state["same"] and state["trouble"] is None
        assert len(state["all_ms"]) == 4
    assert found["states"][0]["ratio"] == 1
    assert page([json.dumps(found)]).count(" GiB | eager |") == 2


def test_memory_lists_the_costliest_kernels() -> None:
    found = run("memory", "--limits", "--runs", "1", "--rounds", "1", "--profile")
    assert len(found["states"]) == 1
    assert len(found["kernels"]) == 25
    assert found["kernels"][0].keys() == {"ms", "count", "kernel"}


def test_memory_measures_reading_against_a_plain_read(tmp_path: Path) -> None:
    found = run("memory", "--read", "--runs", "2", "--file", tmp_path / "blocks")
    assert found.keys() >= EVERYWHERE | {"bytes", "blocks_gb_s", "plain_gb_s", "ratio", "cold"}
    assert found["bytes"] == (tmp_path / "blocks").stat().st_size


def test_decode_measures_every_cut_and_what_it_changes() -> None:
    found = run("decode", "--runs", "1", "--reference", "9")
    assert found.keys() >= EVERYWHERE | {"size", "cuts", "likeness"}
    assert len(found["cuts"]) == len(found["likeness"]["cuts"]) == 3
    for cut in found["cuts"]:
        assert cut.keys() >= PEAKS | {"cut", "s", "ratio_to_first"}
    assert found["cuts"][0]["expected"] > found["cuts"][-1]["expected"]  # tall enough to be cut at all
    assert len([line for line in page([json.dumps(found)]).splitlines() if "strips" in line]) == 2
    for name, likeness in found["likeness"]["cuts"].items():
        assert (likeness["to_whole"] is None) == (name == "whole")
        assert likeness["to_float32"]["psnr_db"] is None or likeness["to_float32"]["psnr_db"] > 40


def test_request_tells_seconds_and_peaks_of_every_phase() -> None:
    found = run("request", "--steps", "2")
    assert found.keys() >= EVERYWHERE | {"size", "steps", "cold", "runs", "all_s", "weights", "limit_gib"}
    for video in (found["cold"], *found["runs"]):
        assert video.keys() >= {"plan", "planned_peak", "first_block_s", "first_step_s", "all_s", "most"}
        assert video["phases"].keys() == {"text", "image", "denoise", "decode", "write"}
        for phase in video["phases"].values():
            assert phase.keys() == PEAKS | {"s"}
    assert "| denoise |" in page([json.dumps({**found, "peer": {"peer": "diffusers", "s": 1.5}})])


def test_estimate_foretells_settings_from_one_video() -> None:
    size = ("--width", "64", "--height", "64", "--frames", "25", "--steps", "2")
    found = run("estimate", "--settings", "2", *size)
    assert found.keys() >= EVERYWHERE | {"first", "settings", "s_ratios", "memory_ratios"}
    assert found["first"]["expected_s"] is None and len(found["settings"]) == 2
    for setting in found["settings"]:
        assert setting["s"] > 0 and setting["expected_s"] > 0 and setting["expected"] > 0
    assert "| 64×64, 9 frames | 2 |" in page([json.dumps(found)])


def test_preview_tells_what_previews_cost() -> None:
    found = run("preview", "--steps", "3", "--runs", "1")
    assert found.keys() >= EVERYWHERE | {"size", "fit_s", "fit_bytes", "preview_s", "step_s", "share"}
    assert 0 < found["share"] <= 0.05 and found["preview_bytes"] > 0


def test_request_and_load_take_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    found = run("request", "--steps", "1", "--folder", folder, "--no-picture")
    assert found["weights"] == str(folder)
    assert "image" not in found["runs"][0]["phases"]
    found = run("load", folder, "--steps", "2")
    assert found.keys() >= EVERYWHERE | {"size", "folder", "cases"}
    assert list(found["cases"]) == [
        "no copy, cold",
        "no copy, warm",
        "makes the copy",
        "copy, cold",
        "copy, warm",
    ]
    for case in found["cases"].values():
        assert case.keys() >= PEAKS | {"prepared", "dropped_page_cache"}
        for which in ("first", "second"):
            assert case[which].keys() >= {"loaded_s", "first_block_s", "first_step_s", "rss_anon_peak"}
