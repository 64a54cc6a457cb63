"""Pictures as people have them, turned into the first frame of a video."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from wan_core.errors import BadImage
from wan_core.image import fit_bicubic, fit_cover
from wan_core.picture import MAX_PIXELS, read_picture

RED, GREEN, BLUE = (220, 30, 40), (30, 200, 60), (40, 60, 210)


def corners(width: int = 96, height: int = 64) -> Image.Image:
    """A picture whose corners tell which way is up: red, green, blue, then white."""
    picture = Image.new("RGB", (width, height), "white")
    half = (width // 2, height // 2)
    for color, at in ((RED, (0, 0)), (GREEN, (half[0], 0)), (BLUE, (0, half[1]))):
        picture.paste(color, (*at, at[0] + half[0], at[1] + half[1]))
    return picture


def seen(picture: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    levels = np.asarray(picture).astype(int)
    rows, columns = picture.height // 4, picture.width // 4
    return [tuple(levels[y * rows, x * columns]) for y in (1, 3) for x in (1, 3)]


def close(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], levels: int = 8) -> bool:
    return bool((abs(np.array(found) - np.array(wanted)) <= levels).all())


UPRIGHT = seen(corners())


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tiff", "gif"])
def test_a_picture_of_any_usual_kind_is_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"그림 a🐱.{ending}"
    corners().save(path, quality=95)
    picture = read_picture(path)
    assert picture.mode == "RGB" and picture.size == (96, 64)
    assert close(seen(picture), UPRIGHT)


def test_the_kind_is_read_from_the_file_not_from_its_name(tmp_path: Path) -> None:
    corners().save(tmp_path / "photo.png", format="JPEG", quality=95)
    assert close(seen(read_picture(tmp_path / "photo.png")), UPRIGHT)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "webp", "png"])
def test_a_photograph_is_upright_as_its_camera_was_held(
    tmp_path: Path, orientation: int, ending: str
) -> None:
    turned = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]
    picture = corners()
    for turn in turned:
        picture = picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(tmp_path / f"photo.{ending}", exif=exif, quality=95)
    found = read_picture(tmp_path / f"photo.{ending}")
    assert found.size == (96, 64) and close(seen(found), UPRIGHT)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    picture = corners().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 48, 32))
    picture.paste((0, 0, 0, 128), (48, 0, 96, 32))
    picture.save(tmp_path / "a.png")
    assert close(seen(read_picture(tmp_path / "a.png"))[:2], [(255, 255, 255), (127, 127, 127)], levels=1)


def test_a_palette_with_a_transparent_colour_is_read(tmp_path: Path) -> None:
    picture = corners().quantize(8)
    hidden = picture.getpixel((1, 1))
    picture.save(tmp_path / "a.png", transparency=hidden)
    assert close(seen(read_picture(tmp_path / "a.png")), [(255, 255, 255), *UPRIGHT[1:]])


def test_grey_with_transparency_is_read(tmp_path: Path) -> None:
    Image.new("LA", (8, 8), (0, 0)).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(("level", "seen_as"), [(0, 0), (257 * 100, 100), (65535, 255)])
@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_sixteen_bits_of_grey_become_eight(tmp_path: Path, level: int, seen_as: int, ending: str) -> None:
    Image.fromarray(np.full((8, 8), level, np.uint16)).save(tmp_path / f"a.{ending}")
    assert read_picture(tmp_path / f"a.{ending}").getpixel((4, 4)) == (seen_as,) * 3


def test_a_picture_made_for_print_is_read(tmp_path: Path) -> None:
    corners().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert close(seen(read_picture(tmp_path / "a.jpg")), UPRIGHT)


def test_black_and_white_is_read(tmp_path: Path) -> None:
    Image.new("1", (8, 8), 1).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").getpixel((0, 0)) == (255, 255, 255)


def test_the_first_frame_of_an_animation_is_taken(tmp_path: Path) -> None:
    corners().save(tmp_path / "a.webp", save_all=True, append_images=[Image.new("RGB", (96, 64))], quality=95)
    assert close(seen(read_picture(tmp_path / "a.webp")), UPRIGHT)


def test_a_missing_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadImage, match="There is no picture at"):
        read_picture(tmp_path / "none.png")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"x" * 50, b"%!PS-Adobe-3.0 EPSF-3.0\n"]
)
def test_what_is_no_picture_is_refused_with_what_to_choose(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(BadImage, match=r"not a picture|damaged") as caught:
        read_picture(tmp_path / "a.png")
    assert "PNG, JPEG or WebP" in caught.value.hint


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadImage):
        read_picture(tmp_path)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_a_torn_picture_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BadImage):
        read_picture(path)


@pytest.mark.parametrize("side", [11_000, 14_000, 200_000])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_does(tmp_path: Path, side: int) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    assert side**2 > MAX_PIXELS
    with pytest.raises(BadImage) as caught:
        read_picture(tmp_path / "a.png")
    assert "smaller" in caught.value.hint


@pytest.mark.parametrize("size", [(96, 64), (1, 1), (3000, 20), (97, 64), (64, 96)])
def test_any_picture_covers_the_frame_and_stays_in_range(size: tuple[int, int]) -> None:
    frame = fit_cover(corners(*size), 128, 64)
    assert frame.shape == (3, 1, 64, 128) and frame.dtype == torch.float32
    assert frame.min() >= -1 and frame.max() <= 1


def test_what_does_not_fit_is_cut_off_evenly() -> None:
    picture = Image.new("RGB", (128, 192), "black")
    picture.paste("white", (0, 64, 128, 128))
    frame = fit_cover(picture, 128, 64)
    assert frame.min() == 1


def test_a_picture_of_the_right_size_is_passed_on_level_by_level() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    frame = fit_cover(Image.fromarray(levels), 96, 64)
    assert np.array_equal(((frame[:, 0] + 1) * 127.5).round().permute(1, 2, 0).numpy(), levels)


def test_a_picture_too_long_and_thin_to_scale_is_refused() -> None:
    with pytest.raises(BadImage, match="too long and thin"):
        fit_cover(Image.new("RGB", (4, 4000)), 1280, 704)


def test_the_14b_frame_is_stretched_and_keeps_its_overshoot() -> None:
    frame = fit_bicubic(corners(31, 20), 64, 48)
    assert frame.shape == (3, 1, 48, 64)
    assert frame.min() < -1 or frame.max() > 1
