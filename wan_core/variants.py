"""What a checkpoint is: facts, not wishes. No torch here."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from wan_core.shapes import LatentGrid, Stride

Kind = Literal["ti2v", "t2v", "i2v"]
Solver = Literal["unipc", "dpm++", "euler"]
Guidance = float | tuple[float, float]  # one number, or (low-noise expert, high-noise expert)


def single(guidance: Guidance) -> float:
    """The guidance of a model with one expert."""
    return guidance if isinstance(guidance, float) else guidance[0]


# The official negative prompt, used when none is given. It is data of the model: it was trained against.
NEGATIVE_PROMPT = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，"
    "JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，"
    "手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走"
)


class Defaults(Struct, frozen=True, kw_only=True):
    """What a request means where it is silent."""

    width: int  # pixels
    height: int  # pixels
    frames: int  # video frames, 4n+1
    fps: int  # video frames a second
    steps: int  # sampler steps
    guidance: Guidance
    shift: float
    solver: Solver = "unipc"
    negative_prompt: str = NEGATIVE_PROMPT


class Variant(Struct, frozen=True, kw_only=True):
    """One kind of checkpoint: what goes in, how it is cut into latent cells, how it is best used."""

    name: str
    kind: Kind
    latent_channels: int
    stride: Stride
    defaults: Defaults
    sizes: tuple[tuple[int, int], ...]  # (width, height) in pixels that it does well
    max_frames: int = 257  # video frames
    min_side: int = 64  # pixels
    max_side: int = 2048  # pixels
    boundary: float | None = None  # above this sigma the high-noise expert speaks

    @property
    def images(self) -> bool:
        """Whether a picture can be given as the first frame."""
        return self.kind != "t2v"

    def grid(self, width: int, height: int, frames: int) -> LatentGrid:
        """The latent grid of a video of `frames` frames of `width` by `height` pixels."""
        return self.stride.grid(self.latent_channels, width, height, frames)


VAE22_STRIDE = Stride(4, 16, 16)
VAE21_STRIDE = Stride(4, 8, 8)

TI2V_5B = Variant(
    name="Wan2.2 TI2V-5B",
    kind="ti2v",
    latent_channels=48,
    stride=VAE22_STRIDE,
    defaults=Defaults(width=1280, height=704, frames=121, fps=24, steps=50, guidance=5.0, shift=5.0),
    sizes=((1280, 704), (704, 1280), (960, 960), (832, 480), (480, 832)),
)
