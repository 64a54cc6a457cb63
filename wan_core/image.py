"""A picture of any kind as the first frame of a video.

H, W rows and columns (pixels). Tensors are float32 [3 1 H W], RGB in [-1, 1].
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from wan_core.errors import BadImage
from wan_core.shapes import cover

MAX_PIXELS = 120_000_000  # a phone's 108-megapixel photograph; more is a mistake or an attack
_FORMATS = (
    "PNG",
    "JPEG",
    "WEBP",
    "BMP",
    "GIF",
    "TIFF",
    "AVIF",
)  # each read by Pillow itself, none by a program
_HINT = "Choose a PNG, JPEG or WebP picture."


def read_picture(path: Path) -> Image.Image:
    """The picture at `path` in RGB, upright as its camera held it, on white where it is transparent.

    16 bits a channel become 8; of an animation the first frame is taken. Raises BadImage.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit is lower; oddities in metadata do not matter
            return _read(path)
    except BadImage:
        raise
    except FileNotFoundError as error:
        raise BadImage(f"There is no picture at {path}.", "Choose it again.") from error
    except PermissionError as error:
        raise BadImage(f"{path} may not be read.", "Allow reading it, or choose another picture.") from error
    except Image.DecompressionBombError as error:
        raise BadImage(
            f"{path.name} is far too large ({error}).", "Make the picture smaller first."
        ) from error
    except Exception as error:  # a torn file makes Pillow raise nearly anything
        raise BadImage(f"{path.name} cannot be read as a picture ({error}).", _HINT) from error


def fit_cover(picture: Image.Image, width: int, height: int) -> Tensor:
    """`picture` scaled to cover `width` by `height` pixels and cropped in the middle (TI2V-5B), [3 1 H W].

    Raises BadImage for one so long and thin that scaling it would fill the memory.
    """
    size = cover(*picture.size, width, height)
    if size[0] * size[1] > MAX_PIXELS:
        raise BadImage(
            f"A picture of {picture.width}×{picture.height} is too long and thin for {width}×{height}.",
            "Cut out the part that the video should begin with.",
        )
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    scaled = picture.resize(size, Image.Resampling.LANCZOS)
    return _to_tensor(scaled.crop((left, top, left + width, top + height)))


def fit_bicubic(picture: Image.Image, width: int, height: int) -> Tensor:
    """`picture` stretched to `width` by `height` pixels (I2V-A14B), [3 1 H W].

    Edges may overshoot [-1, 1]: the model was trained with that.
    """
    frame = _to_tensor(picture).transpose(0, 1)  # [1 3 H W]
    stretched = torch.nn.functional.interpolate(frame, size=(height, width), mode="bicubic")
    return stretched.transpose(0, 1)  # [3 1 H W]


def _read(path: Path) -> Image.Image:
    Image.init()
    with Image.open(path, formats=_FORMATS) as file:
        width, height = file.size
        if width * height > MAX_PIXELS:
            raise BadImage(
                f"{path.name} has {width}×{height} pixels; the most that is read is {MAX_PIXELS:,}.",
                "Make the picture smaller first.",
            )
        file.load()
        return _to_rgb(ImageOps.exif_transpose(file))


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, in one of several layouts
        levels = np.asarray(picture, dtype=np.int64)
        return Image.fromarray((levels.clip(0, 65535) / 257).round().astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture.convert("RGB")


def _to_tensor(picture: Image.Image) -> Tensor:
    levels = torch.from_numpy(np.array(picture))  # uint8 [H W 3]
    return (levels.permute(2, 0, 1).float() / 255 - 0.5).unsqueeze(1) / 0.5  # [3 1 H W]
