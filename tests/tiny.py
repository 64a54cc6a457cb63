"""A checkpoint in the official TI2V-5B layout, at dimensions a CPU walks through in a second.

Random weights: it makes noise, but by the code that ships, from the file formats users have.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from torch import Tensor, nn
from transformers.models.umt5.configuration_umt5 import UMT5Config
from transformers.models.umt5.modeling_umt5 import UMT5EncoderModel

from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.text.umt5 import official_names
from wan_core.vae.vae22 import VAEConfig, WanVAE22

CONFIG = {
    "_class_name": "WanModel",
    "_diffusers_version": "0.33.0",
    "dim": 64,
    "eps": 1e-06,
    "ffn_dim": 96,
    "freq_dim": 32,
    "in_dim": 48,
    "model_type": "ti2v",
    "num_heads": 2,
    "num_layers": 2,
    "out_dim": 48,
    "text_len": 512,
}
TEXT_DIM = 32
WORDS = ["a", "red", "boat", "mountain", "lake", "at", "night", "호수", "위", "의", "산", "밤"]


def make_checkpoint(folder: Path, seed: int = 7) -> Path:
    """Write the checkpoint into `folder` (made if need be) and return it."""
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    dit = WanDiT(DiTConfig.from_dict({**CONFIG, "text_dim": TEXT_DIM}))
    _shards(folder, _random(dit), parts=3)
    config = VAEConfig(dim=6, dec_dim=8, z_dim=48, dim_mult=(1, 2, 4, 4), num_res_blocks=1)
    torch.save(_random(WanVAE22(config)), folder / "Wan2.2_VAE.pth")
    make_tokenizer(folder / "google" / "umt5-xxl")
    torch.save(_text_weights(), folder / "models_t5_umt5-xxl-enc-bf16.pth")
    return folder


def make_tokenizer(folder: Path) -> None:
    """Write a small tokenizer.json as UMT5's: Unigram pieces, an end token after every prompt."""
    letters = sorted(
        {letter for word in WORDS for letter in word} | set("abcdefghijklmnopqrstuvwxyz,.0123456789")
    )
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -3.0)]
    pieces += [(f"▁{word}", -2.0) for word in WORDS] + [(letter, -8.0) for letter in letters]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**special, "tokenizer_class": "T5Tokenizer", "extra_ids": 0})
    )
    (folder / "special_tokens_map.json").write_text(json.dumps(special))


def _random(module: nn.Module) -> dict[str, Tensor]:
    return {name: _draw(name, tensor) for name, tensor in module.state_dict().items()}


def _draw(name: str, tensor: Tensor) -> Tensor:
    if "norm" in name or name.endswith("gamma"):
        return torch.ones_like(tensor)
    return torch.randn_like(tensor) * (0.02 if tensor.ndim < 2 else tensor[0].numel() ** -0.5)


def _shards(folder: Path, tensors: dict[str, Tensor], parts: int) -> None:
    names = sorted(tensors)
    where: dict[str, str] = {}
    for part in range(parts):
        file = f"diffusion_pytorch_model-{part + 1:05d}-of-{parts:05d}.safetensors"
        mine = names[part::parts]
        save_file({name: tensors[name] for name in mine}, folder / file)
        where |= dict.fromkeys(mine, file)
    total = sum(tensor.numel() * 4 for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))


def _text_weights() -> dict[str, Tensor]:
    """UMT5 weights under their official names, in bf16."""
    config = UMT5Config(
        vocab_size=128,
        d_model=TEXT_DIM,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        feed_forward_proj="gated-gelu",
    )
    ours = UMT5EncoderModel(config).state_dict()
    names: Iterable[tuple[str, str]] = official_names(config.num_layers).items()
    return {official: _draw(official, ours[mine]).to(torch.bfloat16) for official, mine in names}
