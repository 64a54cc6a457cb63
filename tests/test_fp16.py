"""Half precision is safe: what passes 65,504, the largest float16, is held in something wider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from sidecar.folders import SHIPPED_MODEL
from wan_core import device
from wan_core.checkpoint import inspect
from wan_core.device import Precision
from wan_core.events import finish
from wan_core.loading import load
from wan_core.pipeline import Pipeline
from wan_core.request import VideoRequest, resolve

LARGE = 65_504.0
LOUDER = 8192.0  # feed-forwards, whose gates let so much less of them through
BRIGHTER = 1e5  # the decoder's inner values


def shipped(matmul: torch.dtype, vae: torch.dtype) -> Pipeline:
    """The shipped model with weights that make large values, in this precision."""
    pipeline = finish(load(inspect(SHIPPED_MODEL), replace(device.find(), precision=table(matmul, vae))))
    for block in pipeline.dit.blocks:
        block.get_parameter("ffn.0.weight").mul_(LOUDER)
        block.get_parameter("ffn.0.bias").mul_(LOUDER)
        block.get_parameter("modulation")[:, 5].div_(LOUDER)
    for parameter in pipeline.dit.time_projection.parameters():
        parameter.unflatten(0, (6, -1))[5].div_(LOUDER)
    first = pipeline.vae.get_submodule("decoder.conv1")
    for parameter in first.parameters():
        parameter.mul_(BRIGHTER)
    return pipeline


def table(matmul: torch.dtype, vae: torch.dtype) -> Precision:
    return Precision(matmul, vae, "a test wants it")


def latent(pipeline: Pipeline) -> Tensor:
    request = resolve(
        VideoRequest(prompt="a lake at sunset", width=128, height=64, frames=9, steps=3),
        pipeline.checkpoint.variant,
        model="m",
        image=None,
        image_size=None,
        drawn_seed=3,
    )
    return finish(pipeline.latent(request, None))


@pytest.fixture(scope="module")
def exact() -> Iterator[Pipeline]:
    pipeline = shipped(torch.float32, torch.float32)
    yield pipeline
    pipeline.close()


def largest(module: nn.Module, run: Callable[[], object]) -> float:
    """The largest value that comes out of any layer of `module` while `run` is called."""
    seen = [0.0]

    def look(_: nn.Module, given: object, out: object) -> None:
        if isinstance(out, Tensor):
            seen[0] = max(seen[0], out.abs().max().item())

    hooks = [layer.register_forward_hook(look) for layer in module.modules()]
    run()
    for hook in hooks:
        hook.remove()
    return seen[0]


def test_a_walk_in_float16_is_that_in_float32_where_feed_forwards_pass_its_largest_number(
    exact: Pipeline,
) -> None:
    assert largest(exact.dit, lambda: latent(exact)) > LARGE
    half = shipped(torch.float16, torch.float32)
    wanted, found = latent(exact), latent(half)
    assert found.isfinite().all()
    assert (found - wanted).norm() < 2e-2 * wanted.norm()
    half.close()


@pytest.mark.parametrize("bf16", [True, False])
def test_with_forced_float16_the_decoder_goes_beyond_it(
    exact: Pipeline, monkeypatch: pytest.MonkeyPatch, bf16: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (8 if bf16 else 7, 5))
    precision = device._precision(True, force_fp16=True)
    assert precision.matmul == torch.float16 and precision.vae != torch.float16
    z = torch.randn(48, 2, 4, 8, generator=torch.Generator().manual_seed(1))

    def decode(pipeline: Pipeline) -> Tensor:
        return torch.cat(list(pipeline.vae.decode_chunks(z)), dim=1)

    assert largest(exact.vae, lambda: decode(exact)) > LARGE
    half = shipped(torch.float32, precision.vae)
    wanted, found = decode(exact), decode(half)
    assert found.isfinite().all()
    assert (found - wanted).norm() < 2e-2 * wanted.norm()
    half.close()
