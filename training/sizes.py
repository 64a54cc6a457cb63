"""The dimensions of the shipped model."""

from __future__ import annotations

from training.networks import dit, text, vae

VAE = {"dim": 32, "dec_dim": 48, "dim_mult": (1, 2, 2, 2), "num_res_blocks": 1}
TEXT = {"dim": 192, "dim_ffn": 384, "num_heads": 6, "num_layers": 3}
DIT = {"dim": 320, "ffn_dim": 1024, "num_heads": 5, "num_layers": 8, "text_dim": 192, "freq_dim": 256}
TOY_VAE = {"dim": 4, "dec_dim": 4, "dim_mult": (1, 2, 2, 2), "num_res_blocks": 1}
TOY_DIT = {"dim": 64, "ffn_dim": 128, "num_heads": 2, "num_layers": 2, "text_dim": 192, "freq_dim": 32}


def new_vae(toy: bool = False) -> vae.VAE:
    """An untrained VAE."""
    return vae.begin(vae.VAE(**(TOY_VAE if toy else VAE)))


def new_text(words: int) -> text.TextEncoder:
    """An untrained text encoder."""
    return text.begin(text.TextEncoder(words, **TEXT))


def new_dit(toy: bool = False) -> dit.DiT:
    """An untrained DiT."""
    return dit.begin(dit.DiT(**(TOY_DIT if toy else DIT)))
