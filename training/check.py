"""Shows that what ships is what was trained: the training networks and wan_core give the same numbers.

python -m training.check
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from training import vocabulary
from training.recipe import FULL
from training.shipping import read_dit
from wan_core.dit.model import DiTConfig, WanDiT
from wan_core.text.umt5 import load_text_encoder
from wan_core.vae.vae22 import VAEConfig, WanVAE22


@torch.inference_mode()
def differences(folder: Path) -> dict[str, float]:
    """Largest relative difference of each part, in float32."""
    torch.manual_seed(0)
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    mean, std = (model["vae"][k] for k in ("latent_mean", "latent_std"))
    weights = {n: w.float() for n, w in load_file(folder / "vae.safetensors").items()}
    ours = FULL.new_vae()
    ours.load_state_dict(weights)
    theirs = WanVAE22(VAEConfig.from_weights(weights, mean, std))
    theirs.load_state_dict(weights)
    clip = torch.rand(1, 3, 13, 64, 96) * 2 - 1
    view = (1, -1, 1, 1, 1)
    latent = (ours.encode(clip)[0] - torch.tensor(mean).view(view)) / torch.tensor(std).view(view)
    found = {"encode": _apart(theirs.encode(clip[0]), latent[0])}
    decoded = ours.decode(latent * torch.tensor(std).view(view) + torch.tensor(mean).view(view))
    found["decode"] = _apart(torch.cat(list(theirs.decode_chunks(latent[0])), 1), decoded[0])

    encoder = FULL.new_text(len(vocabulary.pieces()))
    text = {n: w.float() for n, w in load_file(folder / "text_encoder.safetensors").items()}
    encoder.load_state_dict(text)
    prompt = "눈 내리는 밤의 숲, a red train, slow zoom in"
    ids = torch.zeros(1, 64, dtype=torch.long)
    row = vocabulary.tokenizer().encode(prompt).ids
    ids[0, : len(row)] = torch.tensor(row)
    words = encoder(ids)
    shipped = load_text_encoder(text, folder / "tokenizer", 64, "cpu", torch.float32).encode(prompt)
    found["text"] = _apart(shipped, words[0, : len(row)])

    dit = {n: w.float() for n, w in read_dit(folder).items()}
    trained = FULL.new_dit()
    trained.load_state_dict(dit)
    config = json.loads((folder / "config.json").read_text())
    product = WanDiT(DiTConfig.from_dict(config))
    product.load_state_dict(dit)
    x, t = torch.randn(1, 48, 3, 4, 6), torch.tensor([0.0, 700.0, 700.0])
    index = torch.tensor([[0] * 6 + [1] * 12])
    velocity = product(x, torch.tensor([0.0, 700.0]), [shipped], index)
    found["dit"] = _apart(velocity, trained(x, t.view(1, 3), words))
    return found


def _apart(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a - b).abs().max() / b.abs().max()).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/wan-mini"))
    found = differences(parser.parse_args().model)
    for part, apart in found.items():
        print(f"{'same' if apart < 1e-4 else 'DIFFERENT'}  {part}  {apart:.1e}")
    if max(found.values()) >= 1e-4:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
