"""The settings in an mp4 of ours, read from the file alone: from real files, and from hostile bytes."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import msgspec
import pytest

from tests.frames import bars, child, write
from tests.receipts import REQUEST, WEIGHTS, box, changed, mp4, receipt
from wan_core.errors import BadVideo
from wan_core.receipt import read_receipt
from wan_core.request import MAX_SEED
from wan_core.tags import comment


@pytest.fixture
def put(tmp_path: Path):
    """Bytes, in a file."""

    def put(data: bytes) -> Path:
        (tmp_path / "a.mp4").write_bytes(data)
        return tmp_path / "a.mp4"

    return put


@pytest.mark.parametrize(
    "prompt",
    [
        "호수 위의 산, \"따옴표\" 'one' \\ ; # = 🐱\n둘째 줄",
        '{"artifex": {"request": {}}} moov udta \xa9cmt',
        "밤" * 4096,
        "\x01\x7f\u2028",
    ],
    ids=["awkward", "deceitful", "long", "control"],
)
def test_what_the_writer_wrote_comes_back_to_the_last_character(tmp_path: Path, prompt: str) -> None:
    wish = msgspec.structs.replace(REQUEST, prompt=prompt, negative_prompt=prompt)
    found = read_receipt(write(tmp_path / "a.mp4", bars(), receipt(wish)))
    assert found.request == wish and found.weights == WEIGHTS
    assert found.numerics == "cpu/v5" and found.unknown == ()


def test_it_does_not_matter_where_in_the_file_the_settings_are(tmp_path: Path) -> None:
    first = write(tmp_path / "a.mp4", bars(), receipt())
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-i", str(first), "-c", "copy"]
    subprocess.run([*command, str(tmp_path / "b.mp4")], check=True, capture_output=True)
    data = (tmp_path / "b.mp4").read_bytes()
    assert data.index(b"mdat") < data.index(b"moov")
    assert read_receipt(tmp_path / "b.mp4") == read_receipt(first)


def test_the_beginning_of_the_file_up_to_the_end_of_moov_is_enough(tmp_path: Path) -> None:
    data = write(tmp_path / "a.mp4", bars(), receipt()).read_bytes()
    at = data.index(b"moov") - 4
    (tmp_path / "head.mp4").write_bytes(data[: at + int.from_bytes(data[at : at + 4], "big")])
    assert read_receipt(tmp_path / "head.mp4").request == REQUEST


def test_it_is_read_without_torch_and_from_a_video_of_any_size(tmp_path: Path) -> None:
    first = write(tmp_path / "a.mp4", bars(), receipt()).read_bytes()
    with (tmp_path / "large.mp4").open("wb") as file:  # 6 GB of nothing lie between
        file.write(box(b"ftyp", b"isom") + struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 6 * 10**9))
        file.seek(file.tell() + 6 * 10**9 - 16)
        file.write(first[first.index(b"moov") - 4 :])
    code = (
        "import sys\nfrom pathlib import Path\nfrom wan_core.receipt import read_receipt\n"
        "print(read_receipt(Path(sys.argv[1])).request.seed, 'torch' in sys.modules, 'numpy' in sys.modules)"
    )
    assert child(code, tmp_path / "large.mp4").stdout == f"{MAX_SEED} False False\n"


def refused(path: Path) -> str:
    with pytest.raises(BadVideo) as problem:
        read_receipt(path)
    assert problem.value.reason and problem.value.hint
    return str(problem.value.case)


@pytest.mark.parametrize(
    ("data", "case"),
    [
        (b"", "not_a_video"),
        (b"{}", "not_a_video"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "not_a_video"),
        (box(b"ftyp", b"isom"), "video_torn"),
        (box(b"ftyp", b"isom") + box(b"mdat", bytes(99)), "video_torn"),
        (mp4(receipt().encode())[:-1], "video_torn"),
        (mp4(b"holiday"), "no_receipt"),
        (mp4(receipt().encode(), b"\xa9nam"), "no_receipt"),
        (mp4(b'{"artifex": 1}'), "no_receipt"),
        (mp4(b'{"other": {}}'), "no_receipt"),
        (mp4(b'[{"artifex": {}}]'), "no_receipt"),
        (mp4(b"[" * 200_000), "no_receipt"),
        (mp4(b"\xff\xfe"), "no_receipt"),
        (mp4(b'{"artifex": {}}'), "receipt_unreadable"),
        (mp4(b'{"artifex": {"request": [], "weights": {}, "numerics": ""}}'), "receipt_unreadable"),
    ],
    ids=str,
)
def test_what_holds_no_settings_is_refused_by_what_it_is(put, data: bytes, case: str) -> None:
    assert refused(put(data)) == case


def test_a_video_of_somebody_else_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path / "a.mp4", bars(), "a holiday")) == "no_receipt"
    assert refused(write(tmp_path / "b.mp4", bars(), "")) == "no_receipt"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.mp4") == "no_video"
    assert refused(tmp_path) == "not_a_video"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mp4")
        assert refused(tmp_path / "pipe.mp4") == "not_a_video"


@pytest.mark.parametrize(
    "fields",
    [
        {"steps": "20"},
        {"steps": 10**9},
        {"solver": "of tomorrow"},
        {"seed": 5},
        {"seed": "-1"},
        {"seed": "9" * 5000},
        {"seed": str(MAX_SEED + 1)},
        {"image": "/etc/passwd"},
        {"prompt": ""},
        {"prompt": "a" * 10_001},
        {"width": None},
    ],
    ids=str,
)
def test_values_that_no_request_has_are_refused(put, fields: dict[str, object]) -> None:
    assert refused(put(mp4(changed(**fields).encode()))) == "receipt_unreadable"


def test_what_a_later_version_wrote_down_is_left_out_and_named(put) -> None:
    facts = json.loads(changed(camera="pan", **{"x" * 1000: 1}))
    facts["artifex"]["approximate"] = ["step cache"]
    found = read_receipt(put(mp4(json.dumps(facts).encode())))
    assert found.request == REQUEST and found.unknown == ("approximate", "camera", "x" * 40)
    many = {f"field{number}": number for number in range(1000)}
    assert len(read_receipt(put(mp4(changed(**many).encode()))).unknown) == 8


@pytest.mark.parametrize("size", [0, 1, 7, 8, 2**31, 2**32 - 1])
@pytest.mark.parametrize("name", [b"moov", b"udta", b"meta", b"ilst", b"\xa9cmt", b"data"])
def test_a_box_that_lies_about_its_size_is_survived(put, name: bytes, size: int) -> None:
    data = bytearray(mp4(receipt().encode()))
    at = data.index(name) - 4
    data[at : at + 4] = struct.pack(">I", size)
    if size == 0:  # it goes to the end, which is true here
        assert read_receipt(put(data)).request == REQUEST
    else:
        assert refused(put(data)) in ("video_torn", "no_receipt")


@pytest.mark.parametrize("size", [0, 15, 16, 2**63, 2**64 - 1])
def test_a_long_box_that_lies_about_its_size_is_survived(put, size: int) -> None:
    long = struct.pack(">I", 1) + b"free" + struct.pack(">Q", size)
    data = box(b"ftyp", b"isom") + long + mp4(receipt().encode())
    if size == 16:
        assert read_receipt(put(data)).request == REQUEST
    else:
        assert refused(put(data)) == "video_torn"


def test_boxes_without_end_and_boxes_in_boxes_are_given_up(put) -> None:
    assert refused(put(box(b"ftyp", b"isom") + box(b"free") * 10**6 + mp4(b"x"))) == "video_torn"
    deep = b""
    for _ in range(2000):
        deep = box(b"udta", deep)
    assert refused(put(box(b"ftyp", b"isom") + box(b"moov", deep))) == "no_receipt"
    assert comment(put(mp4(b" " * (2**20 + 1)))) is None


def test_a_file_that_was_cut_or_changed_anywhere_is_read_or_refused(put) -> None:
    whole = mp4(receipt().encode())
    chance = random.Random(5)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_receipt(put(data[: chance.randint(0, len(data))]))
        except BadVideo as problem:
            assert problem.case


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does")
def test_a_huge_comment_takes_no_memory(put) -> None:
    data = bytearray(mp4(b"x"))
    for name in (b"moov", b"udta", b"meta", b"ilst", b"\xa9cmt", b"data"):
        at = data.index(name)
        data[at - 4 : at] = bytes(4)  # it goes to the end
    path = put(data)
    os.truncate(path, 2**32)
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom wan_core.tags import comment\n"
        "used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\nbefore = used()\n"
        "print(comment(Path(sys.argv[1])), used() - before < 8000)  # KiB"
    )
    assert child(code, path).stdout == "None True\n"
