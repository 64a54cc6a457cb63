"""dtype and compile: what the seed's switches do, and what is said when they cannot be honoured."""

from __future__ import annotations

import msgspec
import pytest
import torch

from sidecar.messages import Device
from wan_core import device


@pytest.fixture(autouse=True)
def no_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAN_FORCE_FP16", raising=False)
    monkeypatch.delenv("WAN_COMPILE", raising=False)


@pytest.mark.parametrize(
    ("capability", "forced", "dtype", "vae"),
    [
        ((8, 9), False, torch.bfloat16, torch.bfloat16),
        ((8, 9), True, torch.float16, torch.bfloat16),
        ((12, 0), False, torch.bfloat16, torch.bfloat16),
        ((7, 5), False, torch.float16, torch.float32),
    ],
)
def test_a_gpu_gets_bf16_where_it_has_it_and_fp16_for_the_dit_alone_where_asked(
    monkeypatch: pytest.MonkeyPatch,
    capability: tuple[int, int],
    forced: bool,
    dtype: torch.dtype,
    vae: torch.dtype,
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    found = device._precision(True, forced)
    assert (found.matmul, found.vae, found.text) == (dtype, vae, torch.bfloat16)


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
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("WAN_FORCE_FP16", "1")
    assert device.find().precision.matmul == torch.float32
    assert "WAN_FORCE_FP16=1 cannot be honoured" in caplog.text


def test_compile_without_a_compiler_is_refused_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert not device._can_compile(torch.device("cpu"))
    assert "WAN_COMPILE=1 cannot be honoured: no C++ compiler was found" in caplog.text


def test_the_numerics_id_names_what_the_arithmetic_depends_on() -> None:
    found = device.find()
    assert all(part in found.numerics for part in ("sdpa", "eager", "torch-", "v6"))


def test_the_numerics_id_is_told_before_a_model_is_loaded_unless_a_compiler_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert described().numerics == device.find().numerics
    monkeypatch.setenv("WAN_COMPILE", "1")
    assert described().numerics is None


def described() -> Device:
    """As the doctor gets it, over the engine's pipe."""
    return msgspec.convert(device.describe(), Device, strict=True)


def test_the_device_is_described_with_the_switches_and_what_they_lack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = described()
    assert plain.torch == torch.__version__ and plain.cuda == torch.version.cuda and plain.name
    assert not plain.compile and not plain.forced_fp16
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("WAN_COMPILE", "1")
    monkeypatch.setenv("WAN_FORCE_FP16", "1")
    switched = described()
    assert switched.compile and switched.forced_fp16
    assert switched.compile_lacks == ("Triton" if switched.kind == "cuda" else "C++ compiler")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, and it works")
def test_a_gpu_that_torch_finds_and_cannot_use_is_described_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    found = described()
    assert found.kind == "cuda" and found.works is False and found.trouble


@pytest.mark.skipif(torch.version.cuda is not None, reason="this torch has CUDA")
def test_a_torch_built_for_cuda_says_why_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described().trouble is None
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert "CUDA" in (described().trouble or "")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_is_described_by_what_it_computed() -> None:
    found = described()
    assert found.works is True and found.trouble is None and found.attention and found.builds
    assert found.memory_total and found.memory_free and found.memory_free < found.memory_total
