"""What the sidecar counts without torch is what the pipeline holds."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sidecar.folders import SHIPPED_MODEL
from tests.tiny import CONFIG, TEXT_DIM
from wan_core import device, loading, weights
from wan_core.checkpoint import inspect
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.events import finish
from wan_core.pipeline import Pipeline
from wan_core.sizes import weights_of
from wan_core.stream import Layout
from wan_core.vae.vae22 import VAEConfig, WanVAE22
from wan_core.vae_memory import VAEShape

OFFICIAL = {
    "dim": 3072,
    "ffn_dim": 14336,
    "freq_dim": 256,
    "in_dim": 48,
    "num_heads": 24,
    "num_layers": 30,
    "out_dim": 48,
    "text_len": 512,
    "text_dim": 4096,
}


def test_the_tiny_checkpoint_is_as_large_as_counted(pipeline: Pipeline) -> None:
    config = {**CONFIG, "text_dim": TEXT_DIM}
    precision = pipeline.machine.precision
    widths = precision.matmul.itemsize, precision.vae.itemsize
    assert weights_of(config, pipeline.vae.config, *widths) == pipeline._weights()
    assert pipeline.checkpoint.config == config


@pytest.mark.parametrize("vae", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_the_shipped_model_is_as_large_as_counted_from_its_folder(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, vae: torch.dtype
) -> None:
    precision = device.Precision(dtype, vae, "a test wants it")
    monkeypatch.setattr(device, "_precision", lambda *given: precision)
    checkpoint = inspect(SHIPPED_MODEL)
    pipeline = finish(loading.load(checkpoint))
    assert weights_of(checkpoint.config, checkpoint.vae, dtype.itemsize, vae.itemsize) == pipeline._weights()
    assert pipeline.vae.config.decoder == checkpoint.vae.decoder
    pipeline.close()


def test_the_official_model_is_as_large_as_counted() -> None:
    dit = weights.build(lambda: WanDiT(DiTConfig.from_dict(OFFICIAL)))
    vae = weights.build(lambda: WanVAE22(VAEConfig()))
    block = Layout.of(dit.blocks[0], lambda name: weights.computed_in(name, torch.bfloat16, WanDiT.FLOAT32))
    rest = sum(
        p.numel() * weights.computed_in(name, torch.bfloat16, WanDiT.FLOAT32).itemsize
        for name, p in dit.named_parameters()
        if not name.startswith(WanDiT.BLOCKS)
    )
    rest += sum(p.numel() * 2 for p in vae.parameters())
    counted = weights_of(OFFICIAL, VAEShape(), 2, 2)
    assert counted.block == block.nbytes == 327_387_136
    assert (counted.blocks, counted.rest) == (30, rest)


def test_an_official_folder_has_the_official_vae(checkpoint_folder: Path) -> None:
    assert inspect(checkpoint_folder).vae == VAEShape()
