"""A picture as the first frame of a video.

H, W rows and columns (pixels). Tensors are float32 [3 1 H W], RGB in [-1, 1].
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from wan_core.errors import BadImage
from wan_core.picture import MAX_PIXELS
from wan_core.shapes import cover


def fit_cover(picture: Image.Image, width: int, height: int) -> Tensor:
    """`picture` scaled to cover `width` by `height` pixels and cropped in the middle (TI2V-5B), [3 1 H W].

    Raises BadImage for one so long and thin that scaling it would fill the memory.
    """
    size = cover(*picture.size, width, height)
    if size[0] * size[1] > MAX_PIXELS:
        raise BadImage(
            f"A picture of {picture.width}×{picture.height} is too long and thin for {width}×{height}.",
            "Cut out the part that the video should begin with.",
            case="picture_too_thin_for",
            width=picture.width,
            height=picture.height,
            to_width=width,
            to_height=height,
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


def _to_tensor(picture: Image.Image) -> Tensor:
    levels = torch.from_numpy(np.array(picture))  # uint8 [H W 3]
    return (levels.permute(2, 0, 1).float() / 255 - 0.5).unsqueeze(1) / 0.5  # [3 1 H W]
