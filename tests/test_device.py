"""dtype and compile: what the seed's switches do, and what is said when they cannot be honoured."""

from __future__ import annotations

import pytest
import torch

from wan_core import device


@pytest.fixture(autouse=True)
def no_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAN_FORCE_FP16", raising=False)
    monkeypatch.delenv("WAN_COMPILE", raising=False)


@pytest.mark.parametrize(
    ("capability", "forced", "dtype"),
    [
        ((8, 9), False, torch.bfloat16),
        ((8, 9), True, torch.float16),
        ((12, 0), False, torch.bfloat16),
        ((7, 5), False, torch.float16),
    ],
)
def test_a_gpu_gets_bf16_where_it_has_it_and_fp16_where_asked(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], forced: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert device._precision(True, forced).matmul == dtype


@pytest.mark.parametrize(
    ("features", "dtype"),
    [
        ({"_is_avx512_bf16_supported"}, torch.bfloat16),
        ({"_is_amx_tile_supported"}, torch.bfloat16),
        (set(), torch.float32),
    ],
)
def test_a_cpu_gets_bf16_only_where_it_has_the_instructions(
    monkeypatch: pytest.MonkeyPatch, features: set[str], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(device, "_cpu_has", lambda *names: bool(set(names) & features))
    assert device._precision(False, False).matmul == dtype


def test_fp16_on_a_cpu_without_it_is_refused_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(device, "_cpu_has", lambda *_: False)
    assert device._precision(False, True).matmul == torch.float32
    assert "WAN_FORCE_FP16=1 cannot be honoured" in caplog.text


def test_compile_without_a_compiler_is_refused_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert not device._can_compile(torch.device("cpu"))
    assert "WAN_COMPILE=1 cannot be honoured: no C++ compiler was found" in caplog.text


def test_the_numerics_id_names_what_the_arithmetic_depends_on() -> None:
    found = device.find()
    assert all(part in found.numerics for part in ("sdpa", "eager", "torch-", "v1"))
