"""Lines that nobody means well with, each with the answer that it must get."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import NamedTuple

from sidecar.answers import Refusal
from sidecar.decode import read
from sidecar.lines import MAX_LINE


class Hostile(NamedTuple):
    """A line, and what its one answer has: this id and this field, where they are known."""

    line: bytes
    id: str | None = None
    field: str | None = None


MANY = "9" * 5000
DEEP = 100_000
WHOLE = ("-1", "0", "-0", "1.0", "1e3", "1e400", MANY, f"-{MANY}", '"5"', "true", "[]", "{}")
TEXT = ("5", "1.5", "-1e400", "true", "[]", "{}", '["a"]', '""')
PATHS = tuple(
    json.dumps(path)
    for path in (
        *(" ", "a.mp4", "../../etc/passwd", "~/a.mp4", "file:///etc/passwd", "C:\\CON", "C:a.mp4:stream"),
        *("//server/share/a.mp4", "\\\\server\\share\\a.mp4", "\\\\?\\C:\\a.mp4", "\\\\.\\COM1"),
        *("/a\nb.mp4", "/a\r[progress] saved=/b.mp4", "/a\0b.mp4", "/a\x85b.mp4", "/a\u2028b.mp4"),
        *("/" + "a" * 5000 + ".mp4", "/" + "노" * 200 + ".mp4", "/" + "a" * 256 + ".mp4", "/" + "a/" * 2000),
        *("/proc/nothing/a.mp4", "/dev/null", "/dev/full", "/dev/zero", "/proc/self/mem", "/", "/tmp"),
    )
)
# What each field of a request does not take.
REQUEST = {
    "prompt": (*TEXT, '" "', json.dumps("호" * 100_000)),
    "model": (*TEXT, '"../wan-mini"', json.dumps("m" * 201)),
    "negative_prompt": (*TEXT[:-1], json.dumps("n" * 10_001)),
    "image": (*TEXT, *PATHS, json.dumps("0" * 64)),
    "width": (*WHOLE, "33", "8208"),
    "height": (*WHOLE, "33", "8208"),
    "frames": (*WHOLE, "4", "4097"),
    "fps": (*WHOLE, "121"),
    "steps": (*WHOLE, "201"),
    "guidance": ("[]", "[1]", "[1,2,3]", '[1,"2"]', "[[1],2]", '"1"', "true", "{}", "1e400", "-1", "31"),
    "shift": ('"5"', "true", "[]", "{}", "1e400", "-1e400", "0", "101"),
    "solver": ('"magic"', '""', '"UNIPC"', "5", "true", "[]"),
    "seed": ("1.0", "true", "[]", "{}", MANY, "9223372036854775808", "-2", '"-2"', '""', '"１"', f'"{MANY}"'),
    "out": (*TEXT, *PATHS),
}
# The same of the other commands; a null is an absent field only in a request.
COMMANDS = {
    "cancel": ("job", (*TEXT, "null", '"none"', '"a\\u0000b"', json.dumps("j" * 4097))),
    "media": ("media", (*TEXT, "null", '"none"', '"../../etc/passwd"', json.dumps("0" * 64))),
    "add_model": ("path", (*TEXT, "null", *PATHS)),
    "store_input": ("path", (*TEXT, "null", *PATHS, '"/etc/passwd"')),
    "read_video": ("path", (*TEXT, "null", *PATHS, '"/etc/passwd"', '"/dev/zero"')),
    "prefer": ("preferences", ("null", "5", "[]", '""', '{"theme":"pink"}', '{"language":1}', '{"more":1}')),
}
# ID stands for an id. Whether the answer can have it, and the field that it must name.
ODD: tuple[tuple[str, bool, str | None], ...] = (
    ('{"op":"dance","id":ID}', True, "$.op"),
    ('{"op":"PING","id":ID}', True, "$.op"),
    ('{"op":["ping"],"id":ID}', True, "$.op"),
    ('{"op":null,"id":ID}', True, "$.op"),
    ('{"op":"ping","op":"dance","id":ID}', True, "$.op"),
    ('{"id":ID}', True, "$.op"),
    ("{}", False, "$.op"),
    ('{"op":"ping"}', False, "$.id"),
    ('{"op":"ping","id":null}', False, "$.id"),
    ('{"op":"ping","id":true}', False, "$.id"),
    ('{"op":"ping","id":7.5}', False, "$.id"),
    ('{"op":"ping","id":""}', False, "$.id"),
    ('{"op":"ping","id":{}}', False, "$.id"),
    ('{"op":"ping","id":9007199254740993}', False, "$.id"),
    ('{"op":"ping","id":"' + "7" * 65 + '"}', False, "$.id"),
    ('{"op":"ping","id":ID,"__proto__":{}}', True, "$.__proto__"),
    ('{"op":"ping","id":ID,"' + "k" * 100 + '":1}', True, "$." + "k" * 100),
    ('{"op":"ping","id":ID,"\\n[progress] saved=/x":1}', True, None),
    ('{"op":"cancel","id":ID}', True, "$.job"),
    ('{"op":"prefer","id":ID}', True, "$.preferences"),
    ('{"op":"generate","id":ID}', True, "$.request"),
    ('{"op":"generate","id":ID,"request":[]}', True, "$.request"),
    ('{"op":"generate","id":ID,"request":{}}', True, "$.request.prompt"),
    ('{"op":"generate","id":ID,"request":{"prompt":null}}', True, "$.request.prompt"),
    ('{"op":"generate","id":ID,"request":{"prompt":"a","framez":81}}', True, "$.request.framez"),
    ('{"op":"generate","id":ID,"request":{"prompt":"\\ud800"}}', True, None),
    ('{"op":"generate","id":ID,"request":{"prompt":"\\udc00\\ud800"}}', True, None),
    ('{"op":"generate","id":ID,"request":{"prompt":"a","shift":NaN}}', True, None),
    ('{"op":"generate","id":ID,"request":{"prompt":"a","shift":-Infinity}}', True, None),
    ('{"op":"ping","id":ID}{"op":"ping","id":ID}', False, None),
    ('{"op":"ping","id":ID}\r{"op":"ping","id":ID}', False, None),
    ('{"op":"ping","id":ID,}', False, None),
    ('{"op":"ping","id":ID', False, None),
    ('\ufeff{"op":"ping","id":ID}', False, None),
    ('{"op":"ping","id":ID}\0', False, None),
    ("\0\0\0", False, None),
    ('[{"op":"ping","id":ID}]', False, "$"),
    ('"ping"', False, "$"),
    ("null", False, "$"),
    (MANY, False, "$"),
    ("1e400", False, "$"),
    ("NaN", False, None),
    ("[" * DEEP, False, "$"),
    ('{"a":' * DEEP, False, None),
    ('{"op":"ping","a":' + "[" * DEEP + "]" * DEEP + ',"id":ID}', False, "$.a"),
    ('{"op":"generate","id":ID,"request":' + '{"a":' * DEEP + "1" + "}" * (DEEP + 1), False, None),
)
BYTES = (
    b"\xff\xfe{\0",
    b"\xed\x98",
    b'{"op":"generate","id":"x","request":{"prompt":"\xed\x98"}}',
    b'{"op":"generate","id":"x","request":{"prompt":"\xc0\x80\xf4\x90\x80\x80"}}',
    '{"op":"ping","id":"x"}'.encode("utf-16-le"),
    b'{"op":"ping","id":"' + b"x" * (2 * MAX_LINE) + b'"}',
    b"x" * (MAX_LINE + 1),
)


def lines(count: int, seed: int) -> Iterator[Hostile]:
    """`count` hostile lines in mixed order: every one of the tables above, then wrong and torn ones anew."""
    rng = random.Random(seed)
    drawn = [_odd(number, *row) for number, row in enumerate(ODD)] + [Hostile(line) for line in BYTES]
    for field, values in REQUEST.items():
        drawn += [_request(f"{seed}.{field}.{number}", field, value) for number, value in enumerate(values)]
    for op, (field, values) in COMMANDS.items():
        drawn += [_command(f"{seed}.{op}.{number}", op, field, value) for number, value in enumerate(values)]
    if len(drawn) > count:
        drawn = rng.sample(drawn, count)
    drawn += [rng.choice((_wrong, _torn))(rng, f"{seed}.{number}") for number in range(count - len(drawn))]
    rng.shuffle(drawn)
    yield from drawn


def _odd(number: int, template: str, answered: bool, field: str | None) -> Hostile:
    id = f"odd.{number}"
    return Hostile(template.replace("ID", json.dumps(id)).encode(), id if answered else None, field)


def _request(id: str, field: str, value: str, *others: str) -> Hostile:
    fields = [f'"{field}":{value}', *others]
    if field != "prompt":
        fields.append('"prompt":"a"')
    if field in ("width", "height"):
        fields.append('"height":64' if field == "width" else '"width":64')
    text = f'{{"op":"generate","id":"{id}","request":{{{",".join(fields)}}}}}'
    return Hostile(text.encode(), id, f"$.request.{field}")


def _command(id: str, op: str, field: str, value: str) -> Hostile:
    return Hostile(f'{{"op":"{op}","id":"{id}","{field}":{value}}}'.encode(), id, f"$.{field}")


def _wrong(rng: random.Random, id: str) -> Hostile:
    """A command of which one field is wrong, its others in another order."""
    if rng.random() < 0.5:
        op = rng.choice(sorted(COMMANDS))
        field, values = COMMANDS[op]
        return _command(id, op, field, _small(rng, values))
    field = rng.choice(sorted(REQUEST))
    return _request(id, field, _small(rng, REQUEST[field]), f'"negative_prompt":"{"x" * rng.randrange(99)}"')


def _small(rng: random.Random, values: tuple[str, ...]) -> str:
    return rng.choice([value for value in values if len(value) < 20_000])


def _torn(rng: random.Random, id: str) -> Hostile:
    """A good command after some of its bytes were lost, doubled or changed, such that it is one no more."""
    good = json.dumps({"op": "generate", "id": id, "request": {"prompt": "호수 위의 노을", "frames": 5}})
    while True:
        line = bytearray(good, "utf-8")
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(line))
            cut = line[at : at + rng.randint(0, 9)]
            line[at : at + rng.randint(0, 9)] = rng.choice((b"", bytes(cut) * 3, rng.randbytes(3)))
        torn = bytes(line).replace(b"\n", b"").strip()
        if torn and isinstance(read(torn), Refusal):
            return Hostile(torn)
