"""The doctor: what it says of machines that we do not have, from what their programs printed."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sidecar import machine, nvidia
from sidecar.doctor import Check, Facts, judge, look, self_test
from sidecar.doctor.card import BLACKWELL, LEAST_DRIVER, supports
from sidecar.doctor.seen import Ffmpeg, Folder, Seen
from sidecar.doctor_cli import report
from sidecar.failures import Failure
from sidecar.machine import Memory, linux_memory, windows_memory
from sidecar.messages import Device, Failed, Measured, encode
from sidecar.models import Models
from sidecar.nvidia import Card, Nvidia
from tests.talk import ROOT, Talk, gone, processes_of, wish

GIB, MIB = 2**30, 2**20
CU126 = ("sm_50", "sm_60", "sm_61", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90")
CU130 = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120")
SMI = {
    "RTX 4070 Ti": "NVIDIA GeForce RTX 4070 Ti, 12282, 11034, 581.42, 8.9",
    "RTX 3070": "NVIDIA GeForce RTX 3070, 8192, 7011, 581.42, 8.6",
    "GTX 1080 Ti": "NVIDIA GeForce GTX 1080 Ti, 11264, 10210, 560.94, 6.1",
    "RTX 5090": "NVIDIA GeForce RTX 5090, 32607, 31200, 581.42, 12.0",
    "GT 710": "NVIDIA GeForce GT 710, 2048, 1900, 475.14, 3.5",
}
CPU_TORCH = Device(kind="cpu", name="AMD64", torch="2.13.0+cpu", dtype="bfloat16")


def cuda(card: Card, **more: object) -> Device:
    """What an engine with a CUDA 13 torch says of a card on which all is well."""
    facts = Device(
        kind="cuda",
        name=card.name,
        torch="2.13.0+cu130",
        cuda="13.0",
        capability=card.capability,
        builds=CU130,
        memory_total=card.memory_total,
        memory_free=card.memory_free,
        dtype="bfloat16",
        attention=("flash", "efficient"),
        works=True,
    )
    return replace(facts, **more)


ADA, AMPERE, PASCAL, BLACKWELL_CARD, KEPLER = (nvidia.parse(line)[0] for line in SMI.values())
SHIPPED = Models(list).faces()[:1]
FACTS = Facts(Path("/data"), Path("/videos"), SHIPPED, cuda(ADA))
SEEN = Seen(
    python=(3, 12, 4),
    system="Windows AMD64",
    node="v22.14.0",
    nvidia=Nvidia((ADA,)),
    memory=Memory(32 * GIB, 20 * GIB, page_file=16 * GIB, promised=30 * GIB),
    folders=(Folder("data", Path("/data"), 90 * GIB), Folder("videos", Path("/videos"), 500 * GIB)),
    ffmpeg=Ffmpeg("ffmpeg version 7.1-essentials_build", x264=True),
)


def verdict(facts: Facts = FACTS, **seen: object) -> dict[str, Check]:
    return {check.id: check for check in judge(facts, replace(SEEN, **seen))}


def amiss(checks: dict[str, Check]) -> dict[str, str]:
    """What is not fine, each with its state."""
    return {id: check.state for id, check in checks.items() if check.state != "ok"}


def on(card: Card, **more: object) -> dict[str, Check]:
    return verdict(replace(FACTS, device=cuda(card, **more)), nvidia=Nvidia((card,)))


def test_a_healthy_rtx_4070_ti_is_well() -> None:
    checks = verdict()
    assert amiss(checks) == {} and all(check.case for check in checks.values())
    assert list(checks) == [
        *("python", "node", "torch", "gpu", "driver", "gpu_memory", "dtype", "attention"),
        *("memory", "page_file", "data", "videos", "ffmpeg", "model:wan-mini"),
    ]
    assert checks["gpu"].detail == "NVIDIA GeForce RTX 4070 Ti, compute capability 8.9"
    assert checks["driver"].detail == "Driver 581.42; 580 is the least for PyTorch's CUDA 13.0"
    assert "BF16" not in checks["dtype"].hint and "Flash Attention" in checks["attention"].detail
    assert checks["gpu_memory"].values == {"total_gib": 12.0, "free_gib": 10.8}


@pytest.mark.parametrize(
    ("card", "more", "case"),
    [
        (ADA, {}, "dtype_found"),
        (AMPERE, {}, "dtype_fp16_advised"),
        (AMPERE, {"dtype": "float16", "forced_fp16": True}, "dtype_found"),
        (ADA, {"dtype": "float16", "forced_fp16": True}, "dtype_bf16_advised"),
        (PASCAL, {"dtype": "float16", "builds": CU126}, "dtype_no_bf16"),
        (BLACKWELL_CARD, {}, "dtype_found"),
    ],
)
def test_the_advice_on_precision_is_the_table_rtx_30_fp16_and_rtx_40_bf16(
    card: Card, more: dict[str, object], case: str
) -> None:
    check = on(card, **more)["dtype"]
    assert (check.state, check.case) == ("ok", case) and str(check.values["dtype"]) in check.detail


def test_switches_that_cannot_be_honoured_are_said() -> None:
    assert "compile" not in verdict()
    assert on(ADA, compile=True)["compile"].state == "ok"
    checks = on(ADA, compile=True, compile_lacks="Triton")
    assert amiss(checks) == {"compile": "warn"} and "Windows" in checks["compile"].hint
    cpu = replace(CPU_TORCH, forced_fp16=True, compile=True, compile_lacks="C++ compiler")
    checks = verdict(replace(FACTS, device=cpu), nvidia=Nvidia())
    assert amiss(checks) == {"gpu": "warn", "dtype": "warn", "compile": "warn"}


def test_a_gtx_1080_ti_works_with_the_build_for_it_and_not_with_a_newer_one() -> None:
    assert amiss(on(PASCAL, torch="2.13.0+cu126", cuda="12.6", builds=CU126, dtype="float16")) == {}
    newer = on(PASCAL, dtype="float16", works=False, trouble="no kernel image is available")
    assert newer["gpu"].case == "gpu_unsupported" and "6.1" in newer["gpu"].detail
    assert "npm run setup" in newer["gpu"].hint and newer["driver"].case == "driver_old_for"


def test_no_card_is_a_warning_and_asks_nothing_of_a_driver() -> None:
    checks = verdict(replace(FACTS, device=CPU_TORCH), nvidia=Nvidia())
    assert amiss(checks) == {"gpu": "warn"}
    assert not {"driver", "gpu_memory"} & set(checks) and checks["dtype"].case == "dtype_cpu"


def test_a_cpu_torch_beside_a_card_fails_with_the_command_that_repairs_it() -> None:
    checks = verdict(replace(FACTS, device=CPU_TORCH))
    assert amiss(checks) == {"torch": "fail"}
    assert "npm run setup -- --repair" in checks["torch"].hint
    assert "TORCH_CPU_ONLY" in checks["torch"].detail and "RTX 4070 Ti" in checks["torch"].detail


def test_a_card_older_than_every_build_is_not_promised_a_repair() -> None:
    checks = verdict(replace(FACTS, device=CPU_TORCH), nvidia=Nvidia((KEPLER,)))
    assert checks["torch"].state == "ok" and checks["gpu"].case == "gpu_unsupported"


def test_an_old_driver_is_named_with_the_least_that_will_do() -> None:
    old = replace(ADA, driver="552.22")
    unreached = replace(CPU_TORCH, torch="2.13.0+cu130", cuda="13.0", trouble="The NVIDIA driver is too old")
    checks = verdict(replace(FACTS, device=unreached), nvidia=Nvidia((old,)))
    assert amiss(checks) == {"driver": "fail"}  # the cause alone, not what follows from it
    assert checks["driver"].values == {"version": "552.22", "cuda": "13.0", "least": 580}
    assert "nvidia.com/drivers" in checks["driver"].hint and "CUDA 13.0" in checks["driver"].detail
    cu126 = cuda(old, torch="2.13.0+cu126", cuda="12.6", builds=CU126)
    assert amiss(verdict(replace(FACTS, device=cu126), nvidia=Nvidia((old,)))) == {}
    blackwell = replace(BLACKWELL_CARD, driver="572.16")  # its own build is not even installed yet
    assert (
        verdict(replace(FACTS, device=CPU_TORCH), nvidia=Nvidia((blackwell,)))["driver"].values["least"]
        == 580
    )


def test_a_card_that_torch_cannot_reach_or_compute_on_fails_in_torchs_words() -> None:
    unreached = replace(CPU_TORCH, torch="2.13.0+cu130", cuda="13.0", trouble="No CUDA GPUs are available")
    checks = verdict(replace(FACTS, device=unreached))
    assert amiss(checks) == {"gpu": "fail"} and "No CUDA GPUs are available" in checks["gpu"].detail
    checks = on(ADA, works=False, trouble="CUDA error: unspecified launch failure", attention=())
    assert amiss(checks) == {"gpu": "fail"} and "unspecified launch failure" in checks["gpu"].detail


def test_a_torch_that_cannot_be_imported_fails_and_the_rest_is_still_looked_at() -> None:
    why = Failure("INTERNAL", "torch cannot be imported: DLL load failed.", "Run: npm run setup", "some_case")
    checks = verdict(replace(FACTS, device=None, trouble=why))
    assert amiss(checks) == {"torch": "fail"} and checks["torch"].case == "some_case"
    assert checks["gpu"].detail.startswith(ADA.name) and checks["driver"].state == "ok"
    caseless = verdict(replace(FACTS, device=None, trouble=replace(why, case=None)))
    assert caseless["torch"].case == "torch_broken" and caseless["torch"].values["said"] == why.message


def test_an_engine_that_is_still_starting_is_no_trouble() -> None:
    checks = verdict(replace(FACTS, device=None))
    assert amiss(checks) == {} and checks["torch"].case == "torch_waiting"


def test_memory_that_others_hold_on_the_card_is_told_from_our_own() -> None:
    busy = replace(ADA, memory_free=3 * GIB)
    ours = verdict(replace(FACTS, device=cuda(ADA)), nvidia=Nvidia((busy,)))  # free when the engine started
    assert ours["gpu_memory"].state == "ok"
    checks = on(busy)
    assert amiss(checks) == {"gpu_memory": "warn"} and "9.0" in checks["gpu_memory"].detail


def test_a_card_too_small_for_5b_is_a_warning_once_5b_is_in_the_list() -> None:
    real = replace(SHIPPED[0], id="wan2.2-ti2v-5b", name="Wan2.2-TI2V-5B", shipped=False)
    models = [*SHIPPED, real]
    small = replace(ADA, memory_total=4 * GIB, memory_free=int(3.5 * GIB))
    found = verdict(replace(FACTS, models=models, device=cuda(small)), nvidia=Nvidia((small,)))
    assert amiss(found) == {"gpu_memory": "warn"} and "6 GB" in found["gpu_memory"].hint
    assert amiss(on(small)) == {}
    assert amiss(verdict(replace(FACTS, models=models))) == {}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"memory": Memory(8 * GIB, GIB)}, {"memory": "warn"}),
        ({"memory": Memory(16 * GIB, 9 * GIB, 0, 10 * GIB)}, {"page_file": "warn"}),
        ({"memory": Memory(64 * GIB, 40 * GIB, 0, 40 * GIB)}, {}),
        ({"memory": Memory(16 * GIB, 9 * GIB, 4 * GIB, GIB)}, {"page_file": "warn"}),
        ({"memory": Memory(16 * GIB, 9 * GIB, 4 * GIB, 10 * GIB)}, {}),
        ({"memory": Memory(16 * GIB, 9 * GIB, 4 * GIB, GIB, managed=True)}, {}),  # it grows
        ({"memory": Memory(16 * GIB, 9 * GIB, 4 * GIB, 10 * GIB, managed=False)}, {"page_file": "warn"}),
        ({"memory": Memory(16 * GIB, 9 * GIB, 0, 9 * GIB, managed=False)}, {"page_file": "warn"}),
        ({"memory": Memory(16 * GIB, 9 * GIB, 16 * GIB, 20 * GIB, managed=False)}, {}),
        ({"memory": Memory(32 * GIB, 9 * GIB, 0, 9 * GIB, managed=False)}, {}),
        ({"memory": Memory(16 * GIB, 9 * GIB, swap=0, overcommit=0)}, {}),
        ({"memory": Memory(16 * GIB, 9 * GIB, promised=12 * GIB, swap=0, overcommit=2)}, {"swap": "warn"}),
        ({"memory": Memory(64 * GIB, 50 * GIB, promised=40 * GIB, swap=0, overcommit=2)}, {}),
        ({"memory": None}, {}),
        ({"folders": (Folder("videos", Path("/videos"), 20 * MIB),)}, {"videos": "fail"}),
        ({"folders": (Folder("videos", Path("/videos"), GIB),)}, {"videos": "warn"}),
        ({"ffmpeg": Ffmpeg(missing="No ffmpeg exe could be found.")}, {"ffmpeg": "fail"}),
        ({"ffmpeg": Ffmpeg()}, {"ffmpeg": "fail"}),
        ({"ffmpeg": Ffmpeg("ffmpeg version 4.2", x264=False)}, {"ffmpeg": "fail"}),
        ({"python": (3, 9, 2)}, {"python": "warn"}),
        ({"node": "v18.20.4"}, {"node": "warn"}),
        ({"node": "v22.1.0"}, {"node": "warn"}),
        ({"node": None}, {}),
        ({"nvidia": Nvidia((replace(ADA, capability=None, driver=None),))}, {}),
        ({"nvidia": Nvidia()}, {}),  # no tool, and PyTorch computes on the card all the same
        ({"nvidia": Nvidia((ADA, AMPERE))}, {}),
    ],
)
def test_each_trouble_is_one_line_with_what_to_do(seen: dict[str, Any], expected: dict[str, str]) -> None:
    checks = verdict(**seen)
    assert amiss(checks) == expected
    assert all(checks[id].hint and checks[id].case for id in expected)


def test_a_model_that_cannot_be_used_is_a_warning_and_the_shipped_one_a_failure(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    others = Models(lambda: [str(tmp_path)]).faces()
    assert verdict(replace(FACTS, models=others))[f"model:{others[1].id}"].state == "warn"
    shipped = Models(list, shipped=tmp_path).faces()
    check = verdict(replace(FACTS, models=shipped))[f"model:{shipped[0].id}"]
    assert check.state == "fail" and "git checkout" in check.hint


@pytest.mark.parametrize(
    ("printed", "cards"),
    [
        (SMI["RTX 4070 Ti"], [Card("NVIDIA GeForce RTX 4070 Ti", 12282 * MIB, 11034 * MIB, "581.42", "8.9")]),
        (
            "A, 1, 1, 5.1, 8,9\r\nB, 1, 1, 5.1, 9.0\r\n",
            [Card("A", MIB, MIB, "5.1", "8.9"), Card("B", MIB, MIB, "5.1", "9.0")],
        ),
        (
            "NVIDIA GB10, [N/A], [N/A], 580.95.05, 12.1",
            [Card("NVIDIA GB10", None, None, "580.95.05", "12.1")],
        ),
        ("Tesla K40, 11441, 11441, 418.67", [Card("Tesla K40", 11441 * MIB, 11441 * MIB, "418.67", None)]),
        ("X, 1, 1, [Not Supported], [N/A]", [Card("X", MIB, MIB, None, None)]),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", []),
        ("No devices were found", []),
        ("", []),
    ],
)
def test_nvidia_smi_is_understood(printed: str, cards: list[Card]) -> None:
    assert nvidia.parse(printed) == tuple(cards)


@pytest.mark.parametrize(
    ("builds", "capability", "will_do"),
    [
        (CU130, "8.9", True),  # by sm_86
        (CU130, "6.1", False),
        (CU126, "6.1", True),
        (CU126, "12.0", False),
        (CU130, "12.1", True),
        (CU130, "13.0", True),  # by compute_120, compiled when it is first used
        (("sm_90a",), "9.0", False),  # for one card alone, and not a build of ours
        ((), "8.9", True),  # nobody said
    ],
)
def test_what_a_build_supports(builds: tuple[str, ...], capability: str, will_do: bool) -> None:
    assert supports(builds, capability) is will_do


def test_the_least_drivers_are_those_that_set_up_goes_by() -> None:
    decide = (ROOT / "app" / "setup" / "decide.mjs").read_text("utf-8")
    for version, least in LEAST_DRIVER.items():
        assert re.search(rf"DRIVER_FOR_CUDA_{version} = {least};", decide)
    assert f"newest.capability >= {BLACKWELL:.0f};" in decide


@pytest.mark.parametrize(
    ("page_files", "managed"),
    [
        (["?:\\pagefile.sys"], True),  # as Windows comes: all drives
        (["C:\\pagefile.sys 0 0"], True),
        (["C:\\pagefile.sys 1024 4096"], False),
        (["D:\\my files\\pagefile.sys 0 0", "C:\\pagefile.sys 1024 4096"], True),
        ([], False),
        ([""], False),
        (None, None),  # the registry does not say
    ],
)
def test_windows_page_file_is_what_it_promises_beyond_its_memory_and_may_grow_if_it_is_managed(
    page_files: list[str] | None, managed: bool | None
) -> None:
    status = machine._MemoryStatus(
        total=16 * GIB, free=9 * GIB, total_page_file=24 * GIB, free_page_file=12 * GIB
    )
    assert windows_memory(status, page_files) == Memory(
        16 * GIB, 9 * GIB, page_file=8 * GIB, promised=12 * GIB, managed=managed
    )


def test_a_page_file_that_is_too_small_is_told_with_the_error_that_comes_of_it_and_the_way_out() -> None:
    check = verdict(memory=Memory(16 * GIB, 9 * GIB, 2 * GIB, 10 * GIB, managed=False))["page_file"]
    assert "os error 1455" in check.detail and "Automatically manage" in check.hint
    assert check.values == {"size_gib": 2.0, "total_gib": 16.0, "needed_gib": 14.0}


def test_linux_counts_its_promises_only_where_it_keeps_them() -> None:
    said = "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\nSwapTotal: 2097152 kB\n"
    said += "CommitLimit: 6291456 kB\nCommitted_AS: 5242880 kB\nHugePages_Total: 0\n"
    assert linux_memory(said, 0) == Memory(8 * GIB, 4 * GIB, swap=2 * GIB, overcommit=0)
    assert linux_memory(said, 2).promised == GIB
    checks = verdict(memory=linux_memory(said, 0))
    assert (
        checks["swap"].detail.startswith("2.0 GiB; programs may ask for more") and "page_file" not in checks
    )


@pytest.mark.parametrize(
    ("backends", "words"),
    [
        (("flash", "cudnn", "efficient"), "Flash Attention"),
        (("cudnn", "efficient"), "cuDNN"),
        (("efficient",), "memory-efficient"),
        ((), "slow"),
    ],
)
def test_the_attention_that_runs_is_named_in_words(backends: tuple[str, ...], words: str) -> None:
    assert words in on(ADA, attention=backends)["attention"].detail


def measured(dtype: str, *errors: float | None, allowed: float = 0.1) -> tuple[Measured, ...]:
    parts: tuple[Any, ...] = ("text", "dit", "vae")
    return tuple(
        Measured(part, dtype, error, allowed, error is not None and error <= allowed, 0.1)
        for part, error in zip(parts, errors, strict=True)
    )


RIGHT = measured("float32", 3.4e-6, 1.4e-6, 1.8e-6)


def self_tested(found: object, **more: object) -> Check:
    return verdict(replace(FACTS, self_test=True, device=cuda(ADA, **more)), self_test=found)["arithmetic"]


def test_numbers_that_are_right_are_said_in_one_line_with_the_largest_error_and_each() -> None:
    assert "arithmetic" not in verdict()  # only when it is asked for
    check = self_tested((*RIGHT, *measured("bfloat16", 0.1, 0.02, 0.04)))
    assert check.state == "ok" and "(largest error 3e-06)" in check.detail
    assert (
        "3e-06, 1e-06, 2e-06" in check.hint and "bfloat16" in check.hint and "0.1, 0.02, 0.04" in check.hint
    )
    assert self_tested(RIGHT, dtype="float32").case == "self_test_right"


@pytest.mark.parametrize(
    ("found", "more", "words"),
    [
        (measured("float32", 3e-6, 2.0, 3e-6), {}, "driver"),
        (measured("float32", 3e-6, 2.0, 3e-6), {}, "CUDA_VISIBLE_DEVICES=-1"),
        (measured("float32", 3e-6, None, 3e-6), {"kind": "cpu"}, "npm run setup"),
        ((*RIGHT, *measured("float16", 0.01, None, 0.01)), {"forced_fp16": True}, "WAN_FORCE_FP16"),
        ((*RIGHT, *measured("float16", 0.01, None, 0.01)), {}, "driver"),
    ],
)
def test_numbers_that_are_wrong_fail_with_the_part_and_what_to_do(
    found: object, more: dict[str, object], words: str
) -> None:
    check = self_tested(found, **more)
    assert check.state == "fail" and words in check.hint
    assert "motion" in check.detail and "text" not in check.detail


def test_a_self_test_that_could_not_be_done_says_why() -> None:
    why = Failure("VRAM_OOM", "The GPU ran out of memory.", "Close other programs.", "gpu_full")
    assert self_tested(why).state == "fail" and self_tested(why).case == "gpu_full"
    assert self_tested(None).case == "self_test_busy" and self_tested(None).state == "ok"


def found_all(pipe: Connection, parent: int) -> None:
    for result in RIGHT:
        pipe.send_bytes(encode(result))
    os._exit(0)


def dies(pipe: Connection, parent: int) -> None:
    pipe.send_bytes(encode(RIGHT[0]))
    os._exit(7)


def hangs(pipe: Connection, parent: int) -> None:
    time.sleep(60)


def says_why(pipe: Connection, parent: int) -> None:
    pipe.send_bytes(encode(Failed(None, Failure("VRAM_OOM", "full", case="gpu_full"))))
    time.sleep(60)


@pytest.mark.parametrize(
    ("entry", "case"),
    [(dies, "engine_exit_code"), (hangs, "self_test_silent"), (says_why, "gpu_full")],
)
def test_whatever_becomes_of_the_self_tests_process_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, entry: Any, case: str
) -> None:
    monkeypatch.setattr(self_test, "PATIENCE", 3.0 if entry is hangs else 60.0)
    began = time.monotonic()
    found = self_test.self_test(entry)
    assert isinstance(found, Failure) and found.case == case
    assert time.monotonic() - began < 30
    assert self_test.self_test(found_all) == RIGHT


@pytest.mark.slow
def test_the_doctor_computes_when_asked_and_not_beside_a_video(talk: Talk) -> None:
    asked = talk.ask("doctor", self_test=True)["checks"]
    check = next(check for check in asked if check["id"] == "arithmetic")
    assert check["state"] == "ok" and check["case"].startswith("self_test_right"), check
    assert "arithmetic" not in {check["id"] for check in talk.ask("doctor")["checks"]}
    talk.news(talk.generate(**wish(talk, "slow denoise")), "running", phase="denoise")
    cases = {check["case"] for check in talk.ask("doctor", self_test=True)["checks"]}
    assert "self_test_busy" in cases


@pytest.mark.slow
def test_the_self_tests_process_ends_with_the_sidecar(talk: Talk) -> None:
    talk.send("doctor", self_test=True)
    began = time.monotonic()
    while len(processes_of(talk.home)) < 4:  # sidecar, engine, self-test and what multiprocessing keeps
        assert time.monotonic() - began < 20
        time.sleep(0.02)
    talk.process.kill()
    assert gone(talk.home, 3)


def tool(folder: Path, words: str) -> None:
    """An `nvidia-smi` that does as a line of shell says."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{words}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)


@pytest.mark.skipif(os.name == "nt", reason="the tool is a shell script")
def test_a_tool_that_hangs_fails_or_is_of_before_2021_is_heard_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(nvidia, "PATIENCE", 0.3)
    tool(tmp_path, "exec sleep 60")
    began = time.monotonic()
    assert nvidia.look() == Nvidia(complaint="") and time.monotonic() - began < 3
    tool(tmp_path, "echo NVIDIA-SMI has failed.; echo Make sure that; exit 9")
    monkeypatch.setattr(nvidia, "PATIENCE", 10)
    assert nvidia.look() == Nvidia(complaint="NVIDIA-SMI has failed.")
    tool(
        tmp_path,
        'case "$1" in *compute_cap*) echo \'Field "compute_cap" is not a valid field\'; exit 2;; esac\n'
        "echo GeForce GTX 970, 4096, 4000, 442.19",
    )
    (card,) = nvidia.look().cards
    assert (card.driver, card.capability) == ("442.19", None)
    checks = verdict(replace(FACTS, device=CPU_TORCH), nvidia=Nvidia((card,)))
    assert checks["driver"].state == "fail" and checks["driver"].values["least"] == 528
    assert verdict(nvidia=Nvidia(complaint=""))["driver"].state == "warn"
    assert verdict(nvidia=Nvidia(complaint="NVIDIA-SMI has failed."))["driver"].state == "fail"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the tool is a shell script")
def test_nobody_waits_for_a_tool_that_hangs_and_the_doctor_not_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path, "exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with Talk(tmp_path, tmp_path, "tests.fake_engine") as talk:
        talk.ask("hello")
        began = time.monotonic()
        doctor = talk.send("doctor")
        talk.ask("ping")
        assert time.monotonic() - began < 2
        said = talk.until(lambda said: said.get("reply", {}).get("id") == doctor)["reply"]
        assert time.monotonic() - began < nvidia.PATIENCE + 5
        assert {check["id"]: check["case"] for check in said["checks"]}["driver"] == "driver_silent"


def test_looking_finds_what_is_wrong_with_the_real_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ARTIFEX_NODE", "v20.20.1")
    facts = Facts(tmp_path, tmp_path / "file" / "videos", [], None)
    seen = look(facts)
    checks = {check.id: check for check in judge(facts, seen)}
    assert seen.python == sys.version_info[:3] and seen.node == "v20.20.1" and seen.memory is not None
    assert (
        checks["data"].state == "ok"
        and checks["ffmpeg"].state == "ok"
        and "GiB free" in checks["data"].detail
    )
    assert checks["videos"].state == "fail" and checks["videos"].hint and checks["videos"].case
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "file"))
    assert look(facts).ffmpeg.version is None


def test_the_report_is_in_columns_and_cuts_no_command() -> None:
    checks = list(verdict(replace(FACTS, device=CPU_TORCH)).values())
    lines = report(checks, 64).splitlines()
    assert max(map(len, lines)) <= 64 and "npm run setup -- --repair" in "\n".join(lines)
    column = len("warn  Model wan-mini  ")
    assert all(line[column - 2 : column] == "  " and line[column] != " " for line in lines[:-2])
    assert lines[-1] == "1 failed, 13 fine."
    assert report(list(verdict().values()), 200).endswith("\nAll is well.\n")


@pytest.mark.parametrize("page", ["troubleshooting.md", "troubleshooting.ko.md"])
def test_the_troubleshooting_page_explains_every_code_and_names_the_same_drivers(page: str) -> None:
    words = (ROOT / "docs" / page).read_text("utf-8")
    codes = re.findall(
        r"^  '([A-Z_]+)',$", (ROOT / "app/contract/failure.ts").read_text("utf-8"), re.MULTILINE
    )
    assert len(codes) > 20 and [code for code in codes if f"`{code}`" not in words] == []
    assert all(f"**{least}**" in words for least in LEAST_DRIVER.values())
