"""A picture file, opened and set upright. No torch here: the sidecar looks at pictures, too."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from wan_core.errors import BadImage

MAX_PIXELS = 120_000_000  # a phone's 108-megapixel photograph; more is a mistake or an attack
# Each is read by Pillow itself, none by a program. MPO is a JPEG with a second view, as phones write it.
FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
_HINT = "Choose a PNG, JPEG or WebP picture."


def read_picture(path: Path) -> Image.Image:
    """The picture at `path` in RGB, upright as its camera held it, on white where it is transparent.

    16 bits a channel become 8; of an animation the first frame is taken. `format` of the result says
    which of `FORMATS` the file has. Raises BadImage.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit is lower; oddities in metadata do not matter
            return _read(path)
    except BadImage:
        raise
    except FileNotFoundError as error:
        raise BadImage(f"There is no picture at {path}.", "Choose it again.", case="no_picture") from error
    except PermissionError as error:
        hint = "Allow reading it, or choose another picture."
        raise BadImage(f"The picture {path} may not be read.", hint, case="picture_denied") from error
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise BadImage("This file is not a picture.", _HINT, case="not_a_picture") from error
    except Exception as error:  # a torn file makes Pillow raise nearly anything
        raise BadImage(f"The picture is damaged ({error}).", _HINT, case="picture_damaged") from error


def _too_large() -> BadImage:
    return BadImage(
        f"The picture has more than {MAX_PIXELS:,} pixels.",
        "Make the picture smaller first.",
        case="picture_too_large",
        most=MAX_PIXELS,
    )


def _read(path: Path) -> Image.Image:
    Image.init()
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device read for ever
        raise UnidentifiedImageError
    with Image.open(path, formats=[name for name in FORMATS if name in Image.OPEN]) as file:
        width, height = file.size
        if width * height > MAX_PIXELS:
            raise _too_large()
        file.load()
        picture = _to_rgb(ImageOps.exif_transpose(file))
        picture.format = file.format
        return picture


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, in one of several layouts
        import numpy as np  # slow to import, and nearly no picture needs it

        levels = np.asarray(picture, dtype=np.int64)
        return Image.fromarray((levels.clip(0, 65535) / 257).round().astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture.convert("RGB")
