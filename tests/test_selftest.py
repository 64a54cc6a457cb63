"""The self-test: the official numbers travel with the app, and a device that computes wrongly is told."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from typing import get_args

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from tests.make_selftest import extract
from wan_core import device, selftest
from wan_core.device import Machine, Precision
from wan_core.selftest import GOLDEN, Part, Result

PARTS: tuple[Part, ...] = get_args(Part)


def precision(dtype: torch.dtype) -> Precision:
    return Precision(dtype, torch.bfloat16 if dtype == torch.float16 else dtype, "asked for")


def machine(dtype: torch.dtype) -> Machine:
    return replace(device.find(), device=torch.device("cpu"), precision=precision(dtype))


def results(dtype: torch.dtype) -> dict[tuple[str, str], Result]:
    return {(result.part, result.dtype): result for result in selftest.run(machine(dtype))}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_compared_with_is_what_the_official_code_gave(part: Part) -> None:
    config, tensors = extract(part)
    with safe_open(GOLDEN / f"{part}.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()["config"]) == json.loads(json.dumps(config))
        assert set(file.keys()) == set(tensors)
        for name, tensor in tensors.items():
            assert torch.equal(file.get_tensor(name), tensor), name


def test_it_takes_little_room() -> None:
    assert sum(file.stat().st_size for file in GOLDEN.iterdir()) < 3.5 * 2**20


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_this_device_gives_the_official_numbers_in_float32_and_in_its_own_dtype(dtype: torch.dtype) -> None:
    found = results(dtype)
    assert all(result.ok and 0 < result.error <= result.allowed for result in found.values()), found
    own = str(dtype).removeprefix("torch.")
    other = "bfloat16" if dtype == torch.float16 else own  # only the DiT is ever in fp16
    exact = {(part, "float32") for part in PARTS}
    assert set(found) == exact | {("text", other), ("dit", own), ("vae", other)}


def test_float32_is_held_closer_than_tf32_would_come() -> None:
    """Ten bits of mantissa, as fp16 has them."""
    rounded = [result.error for (_, dtype), result in results(torch.float16).items() if dtype == "float16"]
    assert min(rounded) > 10 * max(selftest._ALLOWED[torch.float32].values())


def off(t: Tensor) -> Tensor:
    t.view(-1)[0] += 0.01
    return t


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (off, pytest.approx(0.01, rel=0.01)),
        (lambda t: t * float("nan"), inf),
    ],
)
def test_a_wrong_number_or_none_is_seen(monkeypatch: pytest.MonkeyPatch, spoil: object, error: float) -> None:
    right = selftest._PARTS["vae"]
    monkeypatch.setitem(selftest._PARTS, "vae", lambda *given: spoil(right(*given)))  # type: ignore[operator]
    found = results(torch.float32)
    assert {part for (part, _), result in found.items() if not result.ok} == {"vae"}
    assert found["vae", "float32"].error == error


def test_the_settings_of_torch_are_as_before() -> None:
    torch.set_float32_matmul_precision("high")
    try:
        with selftest._plain_float32():
            assert torch.get_float32_matmul_precision() == "highest"
            assert not torch.backends.cudnn.allow_tf32
        assert torch.get_float32_matmul_precision() == "high" and torch.backends.cudnn.allow_tf32
    finally:
        torch.set_float32_matmul_precision("highest")
