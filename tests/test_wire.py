"""The wire under hostile lines: one answer each, the field where there is one, and the next line works."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sidecar import protocol
from sidecar.answers import Refusal
from sidecar.decode import read
from sidecar.lines import MAX_LINE, read_lines, write_line
from tests import replay
from tests.talk import Talk, parse

MAKES_VIDEOS = {"generate", "cancel", "read_video"}
GENERATE = '{{"op":"generate","id":"7","request":{{"prompt":"a",{}}}}}'


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ('{"op":"dance","id":"7"}', "UNKNOWN_OP", "$.op"),
        ('{"op":["hello"],"id":"7"}', "UNKNOWN_OP", "$.op"),
        ('{"id":"7"}', "UNKNOWN_OP", "$.op"),
        ('{"op":"hello","id":"7","more":1}', "BAD_REQUEST", "$.more"),
        ('{"op":"cancel","id":"7"}', "BAD_REQUEST", "$.job"),
        ('{"op":"cancel","id":"7","job":{}}', "BAD_REQUEST", "$.job"),
        ('{"op":"generate","id":"7"}', "BAD_REQUEST", "$.request"),
        ('{"op":"generate","id":"7","request":{}}', "BAD_REQUEST", "$.request.prompt"),
        ('{"op":"generate","id":"7","request":[]}', "BAD_REQUEST", "$.request"),
        (GENERATE.format('"framez":81'), "BAD_REQUEST", "$.request.framez"),
        (GENERATE.format('"frames":"81"'), "BAD_REQUEST", "$.request.frames"),
        (GENERATE.format('"frames":80.5'), "BAD_REQUEST", "$.request.frames"),
        (GENERATE.format('"width":1e999'), "BAD_REQUEST", "$.request.width"),
        (GENERATE.format('"width":' + "9" * 300), "BAD_REQUEST", "$.request.width"),
        (GENERATE.format('"seed":' + "9" * 5000), "BAD_REQUEST", "$.request.seed"),
        (GENERATE.format('"solver":"magic"'), "BAD_REQUEST", "$.request.solver"),
        (GENERATE.format('"guidance":[1,2,3]'), "BAD_REQUEST", "$.request.guidance"),
        (GENERATE.format('"guidance":[1,"2"]'), "BAD_REQUEST", "$.request.guidance[1]"),
    ],
)
def test_a_wrong_field_is_named_and_the_answer_has_the_commands_id(line: str, code: str, field: str) -> None:
    said = read(line.encode())
    assert isinstance(said, Refusal)
    assert (said.id, said.code, said.field) == ("7", code, field)
    assert said.message and "`" not in said.message


@pytest.mark.parametrize(
    ("field", "case", "values", "words"),
    [
        ('"steps":0', "too_small", {"name": "steps", "low": 1}, "Choose 1 or more."),
        ('"shift":0', "too_small", {"name": "shift", "low": 0.1}, "Choose 0.1 or more."),
        ('"shift":1000', "too_large", {"name": "shift", "high": 100}, "Choose 100 or less."),
        ('"model":""', "text_empty", {"name": "model"}, "model is empty."),
        (
            '"negative_prompt":"' + "a" * 10_001 + '"',
            "text_too_long",
            {"name": "negative_prompt", "most": 10_000},
            "The most is 10,000 characters.",
        ),
        (
            '"solver":"magic"',
            "no_such_choice",
            {"name": "solver", "choices": "unipc, dpm++, euler"},
            "Choose unipc, dpm++ or euler.",
        ),
        ('"fps":"many"', "wrong_kind", {"name": "fps"}, "expected a whole number, got text"),
        ('"loud":1', "field_unknown", {"name": "loud"}, "loud is not known here."),
    ],
    ids=lambda part: part if isinstance(part, str) and len(part) < 20 else "",
)
def test_a_wrong_value_is_told_with_its_limits(field: str, case: str, values: object, words: str) -> None:
    said = read(GENERATE.format(field).encode())
    assert isinstance(said, Refusal)
    assert (said.case, said.values) == (case, values)
    assert words in f"{said.message} {said.hint}"


def test_an_id_may_be_text_or_a_whole_number_and_comes_back_as_it_was() -> None:
    for id in ("7", 7):
        command = read(json.dumps({"op": "ping", "id": id}).encode())
        assert isinstance(command, protocol.Ping) and command.id == id


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"[]",
        b"5",
        b'"hello"',
        b"null",
        b"{",
        b'{"op":"hello","id":"7"',
        b'{"op":"hello","id":"7"} {"op":"hello","id":"8"}',
        b'{"op":"hello","id":7.5}',
        b'{"op":"hello","id":""}',
        b'{"op":"hello","id":"' + b"7" * 65 + b'"}',
        b'{"op":"hello"}',
        b"\xff\xfe{",
        b'{"op":"hello","id":"\xff"}',
        b'{"op":"hello","id":"\\ud800"}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"\0\0\0",
    ],
    ids=lambda line: repr(line[:24]),
)
def test_a_line_without_a_readable_id_is_answered_with_null(line: bytes) -> None:
    said = read(line)
    assert isinstance(said, Refusal) and said.id is None
    assert said.code in ("BAD_LINE", "BAD_REQUEST", "UNKNOWN_OP") and said.message


def test_half_a_character_in_a_prompt_is_answered_under_the_commands_id() -> None:
    said = read(b'{"op":"generate","id":"7","request":{"prompt":"\xed\x98"}}')
    assert isinstance(said, Refusal) and (said.id, said.code) == ("7", "BAD_LINE")


def test_every_op_is_read() -> None:
    fields: dict[str, dict[str, object]] = {
        "generate": {"request": {"prompt": "a"}},
        "estimate": {"request": {"prompt": "a"}},
        "cancel": {"job": "j"},
        "retry": {"job": "j"},
        "move": {"job": "j", "before": None},
        "edit": {"job": "j", "request": {"prompt": "a"}},
        "add_model": {"path": "/m"},
        "download": {"model": "m", "folder": "/m"},
        "cancel_download": {"keep": True},
        "verify_model": {"model": "m"},
        "remove_model": {"model": "m", "files": False},
        "store_input": {"path": "/i"},
        "read_video": {"path": "/v"},
        "gallery": {"limit": 1},
        "favourite": {"job": "j", "on": True},
        "trash": {"job": "j"},
        "restore": {"job": "j"},
        "media": {"media": "m"},
        "prefer": {"preferences": {"language": "ko"}},
    }
    ops = ["hello", "snapshot", "ping", "doctor", "shutdown", "models", "pause", "resume", *fields]
    ops += ["catalog", "pause_download", "resume_download", "prompts", "videos_folder"]
    for op in ops:
        line = msgspec.json.encode({"op": op, "id": "1", **fields.get(op, {})})
        assert not isinstance(read(line), Refusal), op
    assert len(ops) == len(protocol.Command.__args__)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=[pytest.mark.slow] if path.stem in MAKES_VIDEOS else [])
        for path in sorted(replay.FOLDER.glob("*.jsonl"))
    ],
)
def test_a_recorded_conversation_goes_the_same_way_again(
    name: str, checkpoint_folder: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(checkpoint_folder, tmp_path / "models" / "tiny"))
    recorded = replay.conversation(name)
    with Talk(tmp_path, model.parent) as talk:
        went = replay.hold(talk, model, recorded)
    assert replay.compared(went) == replay.compared(recorded)


class Pipe:
    """Bytes as a reader meets them, in pieces of the given sizes."""

    def __init__(self, data: bytes, pieces: Iterator[int]) -> None:
        self._data, self._pieces = data, pieces

    def read(self, descriptor: int, size: int) -> bytes:
        piece = min(next(self._pieces), size)
        taken, self._data = self._data[:piece], self._data[piece:]
        return taken


def pieces(monkeypatch: pytest.MonkeyPatch, data: bytes, sizes: Iterator[int]) -> list[bytes | None]:
    monkeypatch.setattr("sidecar.lines.os.read", Pipe(data, sizes).read)
    return list(read_lines(0))


def forever(size: int) -> Iterator[int]:
    while True:
        yield size


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 65536])
def test_lines_are_whole_however_they_are_cut(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    data = "호수 🎬\r\n\n  \n{}\nlast".encode()
    assert pieces(monkeypatch, data, forever(size)) == ["호수 🎬".encode(), b"{}", b"last"]


def test_lines_are_whole_wherever_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    data = '{"prompt":"호수 🎬"}\r\n\r\n{"prompt":"밤"}\r'.encode()
    for cut in range(1, len(data)):
        whole = ['{"prompt":"호수 🎬"}'.encode(), '{"prompt":"밤"}'.encode()]
        assert pieces(monkeypatch, data, iter((cut, len(data), 1))) == whole, cut


def test_a_line_that_is_too_long_is_skipped_to_its_end_and_the_next_one_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = b"x" * MAX_LINE + b"\n" + b"y" * (MAX_LINE + 1) + b"\n{}\n" + b"z" * (2 * MAX_LINE)
    sizes = (random.Random(1).randint(1, 65536) for _ in iter(int, 1))
    assert pieces(monkeypatch, data, sizes) == [b"x" * MAX_LINE, None, b"{}", None]


def test_a_line_goes_out_whole_through_a_pipe_that_takes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = bytearray()

    def write(descriptor: int, data: memoryview) -> int:
        taken.extend(data[:3])
        return min(3, len(data))

    monkeypatch.setattr("sidecar.lines.os.write", write)
    write_line(1, b"[reply] {}")
    assert bytes(taken) == b"[reply] {}\n"


def test_a_conversation_goes_the_same_way_however_its_bytes_arrive(tmp_path: Path) -> None:
    request = {"prompt": "호수 위의 노을 🎬", "seed": 5, "width": 64, "height": 64, "frames": 5}
    script: list[dict[str, object]] = [
        {"op": "ping", "id": "핑"},
        {"op": "generate", "id": "1", "request": request},
        {"op": "dance", "id": "2"},
        {"op": "generate", "id": "3", "request": {"prompt": "a", "frames": 4}},
        {"op": "ping", "id": "last"},
    ]
    lines = [json.dumps(line, ensure_ascii=False).encode() for line in script]
    went = []
    for end, size in ((b"\n", 10_000), (b"\r\n", 1), (b"\n\r\n", 3)):
        with Talk(tmp_path / str(size), None, "tests.fake_engine") as talk:
            talk.ask("hello")
            data = end.join(lines)  # the last one without an end
            assert talk.process.stdin
            for start in range(0, len(data), size):
                talk.process.stdin.write(data[start : start + size])
                talk.process.stdin.flush()
            talk.until(lambda said: "saved" in said)
            assert talk.end() == 0
        said = [parse(line) for line in talk.lines][1:]
        states = [one["progress"]["state"] for one in said if "progress" in one]
        replies = [one["reply"] for one in said if "reply" in one]
        went.append((list(dict.fromkeys(states)), replay.drop(replies, "job")))
    assert went[0][0] == ["queued", "running", "done"] and len(went[0][1]) == len(script)
    assert went[0] == went[1] == went[2]
