"""Every number by which `models/wan-mini` is made, and a tiny recipe of the same shape for tests.

Times are GPU seconds: with two GPUs half of them pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.networks import dit, text, vae
from training.networks.dit import DiT
from training.networks.text import TextEncoder
from training.networks.vae import VAE


@dataclass(frozen=True)
class Shape:
    """One clip size to learn from."""

    frames: int
    height: int
    width: int
    window: int  # frames of each example: a stretch of the clip, for the DiT its beginning
    batch: int  # examples of a step on each GPU
    share: float  # of the steps, beside the other shapes of the time
    drawn: int = 0  # clips drawn on each GPU before the start
    room: int = 0  # places for clips drawn later, oldest first
    until: float = 1.0  # of the training; then this shape is learnt from no more

    @property
    def size(self) -> tuple[int, int, int]:
        """Frames, rows and columns of the clips."""
        return self.frames, self.height, self.width


@dataclass(frozen=True)
class VAERecipe:
    """First encoder and decoder together, then the decoder alone."""

    together_seconds: float
    alone_seconds: float
    shapes: tuple[Shape, ...]
    matrix_rate: float = 2e-3  # Muon's, of convolutions
    rate: float = 1.2e-3  # AdamW's, of the rest
    alone_scale: float = 0.6  # of both rates, for the decoder alone
    average: float = 0.999
    flat: float = 0.35  # share of either time at full learning rate; a cosine follows
    kl: float = 4e-4
    noise: float = 0.10  # at most, of a latent's deviation, on what the decoder alone learns from
    spread_floor: float = 0.5  # of the median deviation: weaker channels are not blown up


@dataclass(frozen=True)
class DiTRecipe:
    gpu_seconds: float
    shapes: tuple[Shape, ...]
    matrix_rate: float = 2e-3
    rate: float = 1e-3
    text_rate: float = 4e-4
    average: float = 0.9995
    decay: float = 0.1
    flat: float = 0.45
    shift: float = 2.5  # of the logit-normal noise levels
    forget: float = 0.10  # share of the examples without a caption
    from_picture: float = 0.25  # share with a given first frame
    focus: float = 1.5  # further weight of the loss where small things are
    refresh: int = 12  # steps between two drawings of new clips
    kept: float = 120.0  # seconds between two savings of the weights so far


@dataclass(frozen=True)
class TextRecipe:
    steps: int
    batch: int
    passing_steps: int  # at the end, on the CPU: to pass over words that say nothing
    passing_batch: int = 64


@dataclass(frozen=True)
class Recipe:
    vae_sizes: dict[str, Any]
    text_sizes: dict[str, Any]
    dit_sizes: dict[str, Any]
    text: TextRecipe
    vae: VAERecipe
    dit: DiTRecipe

    def new_vae(self) -> VAE:
        """An untrained VAE."""
        return vae.begin(VAE(**self.vae_sizes))

    def new_text(self, words: int) -> TextEncoder:
        """An untrained text encoder."""
        return text.begin(TextEncoder(words, **self.text_sizes))

    def new_dit(self) -> DiT:
        """An untrained DiT."""
        return dit.begin(DiT(**self.dit_sizes))


_TEXT_SIZES = {"dim": 192, "dim_ffn": 384, "num_heads": 6, "num_layers": 3}

FULL = Recipe(
    vae_sizes={"dim": 32, "dec_dim": 48, "dim_mult": (1, 2, 2, 2), "num_res_blocks": 1},
    text_sizes=_TEXT_SIZES,
    dit_sizes={
        "dim": 320,
        "ffn_dim": 832,
        "num_heads": 5,
        "num_layers": 8,
        "text_dim": 192,
        "freq_dim": 256,
    },
    text=TextRecipe(steps=1500, batch=128, passing_steps=900),
    vae=VAERecipe(
        together_seconds=864,
        alone_seconds=576,
        shapes=(
            Shape(25, 192, 320, window=25, batch=3, share=0.85, drawn=4480),
            Shape(49, 192, 320, window=41, batch=2, share=0.15, drawn=640),
        ),
    ),
    dit=DiTRecipe(
        gpu_seconds=1960,
        shapes=(
            Shape(25, 192, 320, window=25, batch=192, share=0.80, drawn=1600, room=24000),
            Shape(25, 192, 320, window=9, batch=384, share=2.4, until=0.30),  # what things look like
            Shape(25, 320, 192, window=25, batch=192, share=0.08, drawn=640, room=4000),
            Shape(49, 192, 320, window=49, batch=100, share=0.12, drawn=480, room=4000),
        ),
    ),
)

TOY = Recipe(
    vae_sizes={"dim": 4, "dec_dim": 4, "dim_mult": (1, 2, 2, 2), "num_res_blocks": 1},
    text_sizes=_TEXT_SIZES,
    dit_sizes={
        "dim": 64,
        "ffn_dim": 128,
        "num_heads": 2,
        "num_layers": 2,
        "text_dim": 192,
        "freq_dim": 32,
    },
    text=TextRecipe(steps=4, batch=16, passing_steps=2),
    vae=VAERecipe(
        together_seconds=4,
        alone_seconds=3,
        shapes=(Shape(9, 32, 64, window=9, batch=2, share=1, drawn=32),),
    ),
    dit=DiTRecipe(
        gpu_seconds=6,
        shapes=(
            Shape(9, 32, 64, window=9, batch=4, share=0.7, drawn=16, room=64),
            Shape(9, 32, 64, window=5, batch=6, share=0.7, until=0.4),
            Shape(9, 64, 32, window=9, batch=4, share=0.3, drawn=16, room=32),
        ),
    ),
)

RECIPES = {"full": FULL, "toy": TOY}
TEXT_LEN = 64
CAPTIONS = 6  # to each clip
PICTURES = 0.07  # share of the clips that are abstract pictures, so that any given picture can move
DEFAULTS: dict[str, Any] = {
    "width": 320,
    "height": 192,
    "frames": 25,
    "fps": 12,
    "steps": 20,
    "guidance": 4.0,
    "shift": 5.0,
    "solver": "unipc",
    "negative_prompt": "",
}
SIZES = [[320, 192], [192, 320], [256, 256]]
