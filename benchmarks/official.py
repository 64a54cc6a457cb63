"""A made-up folder in the official TI2V-5B layout, to measure loading with: 20 + 11.4 + 2.8 GB of noise.

    python -m benchmarks.official FOLDER [--small]

It is made a few MiB at a time; nothing is ever held in memory. `--small` has tiny dimensions, about 22 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers.models.umt5.configuration_umt5 import UMT5Config
from transformers.models.umt5.modeling_umt5 import UMT5EncoderModel

from tests.tiny import CONFIG, make_tokenizer
from wan_core import weights
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.text.umt5 import official_names
from wan_core.vae.vae22 import VAEConfig, WanVAE22

SEED = 7
NOISE = 2**22  # numbers; drawn once, used over and over from another place
STEP = 1_000_003  # numbers; how far on the next tensor begins


class Sizes(NamedTuple):
    """What a model measures."""

    dit: dict[str, Any]  # its config.json
    text: UMT5Config
    vae: VAEConfig
    shard: int  # bytes at most in a shard of the DiT

    @property
    def text_dim(self) -> int:
        """The width of a prompt's embeddings."""
        width: int = self.text.d_model
        return width


def _umt5(vocabulary: int, width: int, inner: int, heads: int, layers: int) -> UMT5Config:
    return UMT5Config(
        vocab_size=vocabulary,
        d_model=width,
        d_kv=width // heads,
        d_ff=inner,
        num_heads=heads,
        num_layers=layers,
        feed_forward_proj="gated-gelu",
    )


FULL = Sizes(
    dit={**CONFIG, "dim": 3072, "ffn_dim": 14336, "freq_dim": 256, "num_heads": 24, "num_layers": 30},
    text=_umt5(vocabulary=256_384, width=4096, inner=10_240, heads=64, layers=24),
    vae=VAEConfig(dim=160, dec_dim=256, z_dim=48, dim_mult=(1, 2, 4, 4), num_res_blocks=2),
    shard=10 * 10**9,
)
SMALL = Sizes(
    dit={**CONFIG, "dim": 256, "ffn_dim": 1024, "freq_dim": 64, "num_heads": 2, "num_layers": 4},
    text=_umt5(vocabulary=512, width=64, inner=128, heads=4, layers=2),
    vae=VAEConfig(dim=6, dec_dim=8, z_dim=48, dim_mult=(1, 2, 4, 4), num_res_blocks=1),
    shard=8 * 2**20,
)


def write(folder: Path, sizes: Sizes) -> Path:
    """Make the folder, with the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = Noise()
    (folder / "config.json").write_text(json.dumps(sizes.dit))
    dit = weights.build(lambda: WanDiT(DiTConfig.from_dict({**sizes.dit, "text_dim": sizes.text_dim})))
    _write_shards(folder, dict(dit.named_parameters()), sizes.shard, noise)
    _write_pth(folder / "models_t5_umt5-xxl-enc-bf16.pth", _text(sizes.text), torch.bfloat16, noise)
    vae = weights.build(lambda: WanVAE22(sizes.vae))
    _write_pth(folder / "Wan2.2_VAE.pth", dict(vae.named_parameters()), torch.float32, noise)
    make_tokenizer(folder / "google" / "umt5-xxl")
    return folder


def drop_page_cache(file: Path) -> bool:
    """Let the next read of `file` come from disk, not from RAM; whether that can be done."""
    if not hasattr(os, "posix_fadvise"):
        return False
    with file.open("rb") as stream:
        os.fsync(stream.fileno())  # what is not on disk yet is not forgotten
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


class Noise:
    """Weights that look like a network's, from one piece of noise that is used again and again."""

    def __init__(self) -> None:
        self._noise = torch.randn(NOISE, generator=torch.Generator().manual_seed(SEED))
        self._at = 0

    def of(self, name: str, like: Tensor, dtype: torch.dtype) -> Iterator[memoryview]:
        """The bytes of a tensor of the shape of `like`, a few MiB at a time."""
        self._at = (self._at + STEP) % NOISE
        scale = 0.02 if like.ndim < 2 else like[0].numel() ** -0.5
        fixed = 1.0 if _is_norm(name) else None
        left, at = like.numel(), self._at
        while left:
            piece = self._noise[at : at + left]
            piece = (piece * scale if fixed is None else torch.full_like(piece, fixed)).to(dtype)
            yield piece.view(torch.uint8).numpy().data
            left, at = left - len(piece), 0


def _is_norm(name: str) -> bool:
    return name.endswith("gamma") or ("norm" in name and name.endswith("weight"))


def _write_shards(folder: Path, tensors: Mapping[str, Tensor], most: int, noise: Noise) -> None:
    """Fill one shard after the other, as diffusers does, each sorted by name."""
    shards: list[dict[str, Tensor]] = [{}]
    held = 0  # bytes in the last shard
    for name, tensor in tensors.items():
        if held + tensor.numel() * 4 > most:
            shards.append({})
            held = 0
        shards[-1][name] = tensor
        held += tensor.numel() * 4
    where: dict[str, str] = {}
    for number, shard in enumerate(shards, start=1):
        file = f"diffusion_pytorch_model-{number:05d}-of-{len(shards):05d}.safetensors"
        _write_safetensors(folder / file, dict(sorted(shard.items())), noise)
        where |= dict.fromkeys(shard, file)
    total = sum(tensor.numel() * 4 for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))


def _write_safetensors(file: Path, tensors: Mapping[str, Tensor], noise: Noise) -> None:
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        start, end = end, end + tensor.numel() * 4
        entries[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with file.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        for name, tensor in tensors.items():
            stream.writelines(noise.of(name, tensor, torch.float32))


def _write_pth(file: Path, tensors: Mapping[str, Tensor], dtype: torch.dtype, noise: Noise) -> None:
    """What torch.save makes of `tensors`: first with holes for their bytes, then those are filled."""
    with FakeTensorMode():  # tensors without memory
        state = {name: torch.empty(tensor.shape, dtype=dtype) for name, tensor in tensors.items()}
    with torch.serialization.skip_data(materialize_fake_tensors=True):
        torch.save(state, file)
    with FakeTensorMode():
        state = torch.load(file, weights_only=True)
    with file.open("r+b") as stream:
        for name, tensor in state.items():
            stream.seek(tensor.untyped_storage()._checkpoint_offset)
            stream.writelines(noise.of(name, tensors[name], dtype))


def _text(config: UMT5Config) -> dict[str, Tensor]:
    """UMT5's tensors by their official names, without memory."""
    with torch.device("meta"):
        ours = UMT5EncoderModel(config).state_dict()
    return {official: ours[mine] for official, mine in official_names(config.num_layers).items()}


def main(arguments: list[str]) -> None:
    """Make what the command line asks for and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--small", action="store_true", help="tiny dimensions, to try it")
    asked = parser.parse_args(arguments)
    start = perf_counter()
    folder = write(asked.folder, SMALL if asked.small else FULL)
    bytes_by_file = {file.name: file.stat().st_size for file in sorted(folder.iterdir()) if file.is_file()}
    print(json.dumps({"seconds": round(perf_counter() - start, 1), "bytes": bytes_by_file}))


if __name__ == "__main__":
    main(sys.argv[1:])
