"""How large a model is and how much it computes, by the numbers in its config alone. No torch here.

The counts follow `dit.model`, `dit.block` and `vae`: a parameter that comes or goes there does so here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wan_core.plan import Weights
from wan_core.shapes import PATCH
from wan_core.vae_memory import VAEShape, encoder_weights
from wan_core.vae_memory import weights as decoder_weights

_FLOAT32 = 4  # bytes of what stays float32: norms, modulation, the timestep's embedding, the head


def weights_of(config: Mapping[str, Any], vae: VAEShape, width: int, vae_width: int) -> Weights:
    """The sizes of the DiT with this `config` and of its `vae`; a value in them has so many bytes."""
    dim, ffn_dim, text_len = config["dim"], config["ffn_dim"], config.get("text_len", 512)
    out_dim, cell = config["out_dim"], PATCH * PATCH
    linear = _linear(config["in_dim"] * cell, dim) + _linear(config["text_dim"], dim) + _linear(dim, dim)
    islands = _linear(config.get("freq_dim", 256), dim) + _linear(dim, dim) + _linear(dim, 6 * dim)
    islands += _linear(dim, out_dim * cell) + 2 * dim
    return Weights(
        dim=dim,
        ffn_dim=ffn_dim,
        text_len=text_len,
        out_dim=out_dim,
        blocks=config["num_layers"],
        block=_block(dim, ffn_dim, width),
        rest=linear * width
        + (encoder_weights(vae) + decoder_weights(vae.decoder)) * vae_width
        + islands * _FLOAT32,
        width=width,
        vae_width=vae_width,
    )


def operations(config: Mapping[str, Any], tokens: int) -> float:
    """Floating-point operations of one pass of so many tokens through the blocks of the DiT."""
    dim, ffn_dim, text_len = config["dim"], config["ffn_dim"], config.get("text_len", 512)
    linear = 2 * (6 * dim * dim + 2 * dim * ffn_dim)  # query, key, value, output; the prompt's query, output
    attention = 4 * dim * (tokens + text_len)
    return float(config["num_layers"]) * tokens * (linear + attention)


def _block(dim: int, ffn_dim: int, width: int) -> int:
    """Bytes of a block: two attentions (each with two norms), a feed-forward, `norm3` and modulation."""
    linear = 8 * _linear(dim, dim) + _linear(dim, ffn_dim) + _linear(ffn_dim, dim)
    return linear * width + (4 + 2 + 6) * dim * _FLOAT32


def _linear(channels: int, out: int) -> int:
    return (channels + 1) * out
