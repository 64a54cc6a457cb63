"""The files of `models/wan-mini`: the official TI2V layout at small dimensions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training import checkpoints as files
from training import vocabulary
from training.passing_over import taught
from training.recipe import DEFAULTS, SIZES, TEXT_LEN, Recipe
from training.wording import completed, met

_SHARD = 12_500_000  # bytes
_NOTE = {
    "en": "wan-mini is a small model that ships with Artifex and runs on any computer, without a graphics "
    "card. It has only seen a painted world: landscapes, seas and cities, at any time of day and in any "
    "weather.",
    "ko": "wan-mini는 Artifex와 함께 제공되는 작은 모델로, 그래픽 카드가 없는 컴퓨터에서도 돌아갑니다. "
    "그림으로 그린 세계(자연 풍경, 바다, 도시)의 여러 시간대와 날씨만 보고 배웠습니다.",
}


def write_dit(weights: dict[str, Tensor], folder: Path) -> None:
    """Shards with an index, under the official names."""
    folder.mkdir(parents=True, exist_ok=True)
    shards: list[dict[str, Tensor]] = [{}]
    used = 0
    for name in sorted(weights):
        tensor = weights[name].detach().to(torch.bfloat16).cpu().contiguous()
        if used + tensor.nbytes > _SHARD:
            shards.append({})
            used = 0
        shards[-1][name] = tensor
        used += tensor.nbytes
    places = {}
    for i, shard in enumerate(shards, start=1):
        file = f"diffusion_pytorch_model-{i:05d}-of-{len(shards):05d}.safetensors"
        save_file(shard, folder / file, metadata={"format": "pt"})
        places.update(dict.fromkeys(shard, file))
    total = sum(t.nbytes for shard in shards for t in shard.values())
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def read_dit(folder: Path) -> dict[str, Tensor]:
    """All shards of a folder."""
    index = json.loads((folder / "diffusion_pytorch_model.safetensors.index.json").read_text())
    return {
        n: t
        for file in sorted(set(index["weight_map"].values()))
        for n, t in load_file(folder / file).items()
    }


def write_configs(recipe: Recipe, folder: Path, statistics: dict[str, list[float]]) -> None:
    """config.json, model.json and the tokenizer."""
    d = recipe.dit_sizes
    config = {
        "_class_name": "WanModel",
        "model_type": "ti2v",
        "dim": d["dim"],
        "ffn_dim": d["ffn_dim"],
        "freq_dim": d["freq_dim"],
        "in_dim": 48,
        "out_dim": 48,
        "num_heads": d["num_heads"],
        "num_layers": d["num_layers"],
        "text_len": TEXT_LEN,
        "text_dim": d["text_dim"],
        "eps": 1e-6,
        "patch_size": [1, 2, 2],
        "qk_norm": True,
        "cross_attn_norm": True,
    }
    rounded = {name: [round(v, 5) for v in values] for name, values in statistics.items()}
    model = {
        "name": "wan-mini",
        "vae": {
            **recipe.vae_sizes,
            "dim_mult": list(recipe.vae_sizes["dim_mult"]),
            "z_dim": 48,
            "temperal_downsample": [False, True, True],
            **rounded,
        },
        "text": {
            "vocab_size": len(vocabulary.pieces()),
            **recipe.text_sizes,
            "dim_attn": recipe.text_sizes["dim"],
            "num_buckets": 32,
            "max_distance": 128,
        },
        "defaults": DEFAULTS,
        "sizes": SIZES,
        "note": _NOTE,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "model.json").write_text(
        json.dumps(model, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    vocabulary.save(folder / "tokenizer")


def ship(recipe: Recipe, state: Path, folder: Path) -> None:
    """Gather a finished training's files into a model folder."""
    write_configs(recipe, folder, json.loads((state / files.STATISTICS).read_text()))
    for old in folder.glob("diffusion_pytorch_model*"):
        old.unlink()
    for file in (*state.glob("diffusion_pytorch_model*"), state / files.VAE):
        shutil.copy(file, folder / file.name)
    text = load_file(state / files.TEXT)
    known = met()
    text["token_embedding.weight"] = completed(text["token_embedding.weight"], known)
    text = taught(text, known, recipe.text_sizes, recipe.text)
    save_file(text, folder / files.TEXT, metadata={"format": "pt"})
    for file in folder.glob("*.safetensors"):
        file.chmod(0o644)
    total = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{folder}: {total / 1e6:.1f} MB", flush=True)
