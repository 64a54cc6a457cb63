"""The wire under attack: one answer to each hostile line, and nothing else of the sidecar changes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from sidecar import protocol
from sidecar.answers import Refusal
from sidecar.decode import read
from tests import hostile
from tests.talk import ROOT, Talk, parse
from tests.weight import MIB, Weight
from wan_core.errors import BadRequest
from wan_core.request import ResolvedRequest, VideoRequest, resolve
from wan_core.variants import TI2V_5B

posix = pytest.mark.skipif(os.name == "nt", reason="uses what only POSIX has")


def write(talk: Talk, data: bytes) -> None:
    assert talk.process.stdin
    write_all(talk.process.stdin, data)


def write_all(stream: IO[bytes], data: bytes) -> None:
    stream.write(data)
    stream.flush()


def refusals(talk: Talk, count: int) -> list[dict[str, Any]]:
    """Wait until there are that many, and for all that comes before a last ping's answer."""
    seen = sum('"code":' in line for line in talk.lines)
    end = time.monotonic() + 60
    while seen < count and time.monotonic() < end:
        time.sleep(0.05)
        seen = sum('"code":' in line for line in list(talk.lines))
    talk.ask("ping")
    replies = [parse(line).get("reply", {}) for line in list(talk.lines)]
    return [reply for reply in replies if "code" in reply]


def attack(talk: Talk, lines: list[hostile.Hostile], seed: int) -> list[str]:
    """Send the lines, a good one after every tenth, in pieces of any size; the ids of the good ones."""
    rng = random.Random(seed)
    good, data = [], bytearray()
    for number, line in enumerate(lines):
        data += line.line + rng.choice((b"\n", b"\r\n", b"\n \n\n"))
        if number % 10 == 9:
            good.append(f"good.{seed}.{number}")
            op = rng.choice(("ping", "hello", "models", "snapshot"))
            data += json.dumps({"op": op, "id": good[-1]}).encode() + b"\n"
    while data:
        size = 1 if rng.random() < 0.9 else rng.choice((7, 1000, 65536, MIB, 3 * MIB))
        write(talk, bytes(data[:size]))
        del data[:size]
    return good


def test_two_thousand_hostile_lines_get_one_answer_each_and_the_good_ones_between_them_work(
    tmp_path: Path,
) -> None:
    warm, lines = list(hostile.lines(300, seed=1)), list(hostile.lines(2000, seed=2))
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        while talk.ask("snapshot")["engine"]["state"] != "ready":
            time.sleep(0.05)
        attack(talk, warm, 1)
        begun = len(refusals(talk, len(warm)))
        assert begun == len(warm)
        before = Weight.of(talk.process.pid)
        good = attack(talk, lines, 2)
        answers = refusals(talk, len(warm) + len(lines))[begun:]
        after = Weight.of(talk.process.pid)
        assert talk.ask("snapshot")["jobs"] == []
        heard = [parse(line)["reply"] for line in talk.lines]
        assert talk.end() == 0

    assert len(answers) == len(lines)
    assert [reply["id"] for reply in heard if str(reply["id"]).startswith("good.2")] == good
    assert not any("code" in reply for reply in heard if reply["id"] in good)
    count = Counter(answer["id"] for answer in answers)
    by_id = {answer["id"]: answer for answer in answers}
    assert [line for line in lines if line.id is not None and count[line.id] != 1] == []
    unnamed = [
        (line.line[:120], by_id[line.id])
        for line in lines
        if line.id and line.field and not (by_id[line.id]["field"] or "").startswith(line.field)
    ]
    assert unnamed == []
    assert {answer["code"] for answer in answers} <= {
        *("BAD_LINE", "BAD_REQUEST", "UNKNOWN_OP", "UNKNOWN_JOB", "UNKNOWN_MEDIA"),
        *("INPUT_BAD_IMAGE", "INPUT_BAD_VIDEO", "OUTPUT_DENIED", "MODEL_MISSING"),
    }
    assert all(answer["message"] for answer in answers)
    assert max(len(line) for line in talk.lines if '"code":' in line) < 4000
    assert after.memory - before.memory <= 20 * MIB
    assert (after.threads, after.files) <= (before.threads, before.files)
    assert "Traceback" not in "\n".join(talk.log)


SOUP = (
    *(None, True, False, 0, -1, 1, 4, 5, 64, 81, 704, 1280, 2**63, -(2**64), 10**400),
    *(0.1, 1.5, 5.0, -0.0, 1e308, "", " ", "-1", "42", "unipc", "호수", "\0", "\ud800", "a" * 300, "/a.mp4"),
)


def anything(rng: random.Random, names: tuple[str, ...], depth: int) -> Any:
    """A piece of JSON: mostly a plain value, else a list or an object of such pieces."""
    kind = rng.random() if depth else 0.0
    if kind < 0.7:
        return rng.choice(SOUP)
    if kind < 0.85:
        return [anything(rng, names, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(names): anything(rng, names, depth - 1) for _ in range(rng.randrange(5))}


def test_whatever_a_line_holds_it_is_a_command_or_refused_and_a_request_can_be_made_or_is_refused() -> None:
    rng = random.Random(3)
    wishes = VideoRequest.__struct_fields__
    names = (*wishes, "op", "id", "request", "job", "path", "media", "preferences", "x")
    ops = [str(command.__struct_config__.tag) for command in protocol.Command.__args__]
    variants = TI2V_5B, msgspec.structs.replace(TI2V_5B, kind="t2v", boundary=0.875)
    seen: Counter[str] = Counter()
    for _ in range(5000):
        if rng.random() < 0.3:
            command = {"op": rng.choice(ops), "id": "7", rng.choice(names): anything(rng, names, 3)}
        else:
            request = {rng.choice(wishes): rng.choice(SOUP) for _ in range(2)}
            command = {"op": "generate", "id": "7", "request": {"prompt": "a", **request}}
        said = read(json.dumps(command).encode())
        if isinstance(said, Refusal):
            assert said.message and said.code in ("BAD_LINE", "BAD_REQUEST", "UNKNOWN_OP")
            seen["refused"] += 1
        elif isinstance(said, protocol.Generate):
            size = rng.choice((None, (1, 1), (1, 10_000), (10_000, 1), (1024, 768)))
            image = "0" * 64 if size else None
            variant = rng.choice(variants)
            try:
                made = resolve(said.request, variant, model="m", image=image, image_size=size, drawn_seed=1)
            except BadRequest as refused:
                assert refused.field and refused.field.startswith("$.request.") and refused.hint
                seen["cannot be made"] += 1
            else:
                assert 0 <= made.seed < 2**63 and made.frames % 4 == 1
                assert all(variant.min_side <= side <= variant.max_side for side in (made.width, made.height))
                assert msgspec.json.decode(msgspec.json.encode(made), type=ResolvedRequest) == made
                seen["can be made"] += 1
    assert min(seen["refused"], seen["cannot be made"], seen["can be made"]) > 50, seen


def test_no_id_and_no_prompt_can_forge_a_line(tmp_path: Path) -> None:
    forged = "a\n[progress] saved=/etc/passwd\r\n[reply] {}\u2028[progress] saved=/x\0"
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        talk.raw(json.dumps({"op": "ping", "id": forged[:64]}).encode())
        job = talk.generate(prompt=forged, negative_prompt=forged)
        assert talk.news(job, "done", "failed")["state"] == "done"
        talk.until(lambda said: "saved" in said)
        assert talk.ask("snapshot")["jobs"][0]["request"]["prompt"] == forged
        said = [parse(line) for line in talk.lines]
        assert next(one["reply"]["id"] for one in said if "reply" in one) == forged[:64]
        (saved,) = [one["saved"] for one in said if "saved" in one]
        assert Path(saved).parent == talk.videos and Path(saved).is_file()


@posix
def test_files_that_are_none_are_refused_and_nobody_waits_for_them(tmp_path: Path) -> None:
    """A pipe without a writer would be waited for, a device would be read for ever."""
    pipe, model = tmp_path / "pipe", tmp_path / "model"
    os.mkfifo(pipe)
    names = ("config.json", "diffusion_pytorch_model.safetensors")
    config = {"model_type": "ti2v", "dim": 1, "in_dim": 1, "num_layers": 1}
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        for place in (pipe, "/dev/zero", "/dev/random", "/dev/tty", tmp_path):
            reply = talk.ask("generate", request={"prompt": "a", "image": str(place)})
            assert (reply["code"], reply["field"]) == ("INPUT_BAD_IMAGE", "$.request.image"), place
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        reply = talk.ask("store_input", path=str(tmp_path / "loop" / "a.png"))
        assert (reply["code"], reply["field"]) == ("BAD_REQUEST", "$.path")
        os.mkfifo(talk.home / "incoming" / "pipe")
        assert talk.ask("store_input", path=str(talk.home / "incoming" / "pipe"))["code"] == "INPUT_BAD_IMAGE"
        for name in names:
            model.mkdir(exist_ok=True)
            (model / names[0]).write_text(json.dumps(config))
            (model / name).unlink(missing_ok=True)
            os.mkfifo(model / name)
            assert talk.ask("add_model", path=str(model))["code"] == "MODEL_MISSING", name
            (model / name).unlink()
        with (model / "config.json").open("wb") as huge:
            huge.truncate(8 * 2**30)  # no byte of it is on the disk
        before = Weight.of(talk.process.pid).memory
        assert talk.ask("add_model", path=str(model))["code"] == "MODEL_CORRUPT"
        assert Weight.of(talk.process.pid).memory - before < 20 * MIB
        (model / "config.json").write_bytes(b'{"a":' * hostile.DEEP)
        assert talk.ask("add_model", path=str(model))["code"] == "MODEL_CORRUPT"
        assert talk.ask("ping")["op"] == "ping"


def test_half_a_line_is_waited_for_in_peace_and_judged_at_the_end(tmp_path: Path) -> None:
    with Talk(tmp_path, None, "tests.fake_engine") as talk:
        job = talk.generate(prompt="a lake")
        for piece in (b'{"op":"pi', b'ng","id":"slow"', b"}\r", b"\n", b'{"op":"hello","id":"ha'):
            write(talk, piece)
            time.sleep(0.3)
        talk.news(job, "done")  # the queue went on meanwhile
        assert talk.end() == 0
        replies = [parse(line)["reply"] for line in talk.lines if "[reply]" in line]
        assert [reply["id"] for reply in replies[1:]] == ["slow", None]
        assert replies[-1]["code"] == "BAD_LINE"


@pytest.mark.slow
def test_a_burst_of_fifty_thousand_lines_loses_nothing_though_nobody_reads_for_five_seconds(
    tmp_path: Path,
) -> None:
    count = 50_000
    wish = '{{"op":"generate","id":"{}","request":{{"prompt":"many in denoise"}}}}'
    pings = (f'{{"op":"ping","id":{number}}}' for number in range(count))
    lines = [wish.format("first"), *pings, wish.format("second")]
    env = {**os.environ, "ARTIFEX_HOME": str(tmp_path / "data"), "ARTIFEX_VIDEOS": str(tmp_path)}
    command = [sys.executable, "-m", "tests.fake_engine"]
    with (
        subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL
        ) as process,
        ThreadPoolExecutor(1) as aside,
    ):
        assert process.stdin and process.stdout
        written = aside.submit(write_all, process.stdin, "".join(f"{line}\n" for line in lines).encode())
        time.sleep(1)
        before = Weight.of(process.pid)
        time.sleep(4)
        after = Weight.of(process.pid)
        assert not written.done()  # what cannot be answered yet is not read
        said: list[dict[str, Any]] = []
        saved = 0
        while saved < 2:
            said.append(parse(process.stdout.readline().decode().removesuffix("\n")))
            saved += "saved" in said[-1]
        process.stdin.close()
        assert process.stdout.read() == b"" and process.wait(20) == 0

    replies = [one["reply"] for one in said if "reply" in one]
    assert [reply["id"] for reply in replies] == ["first", *range(count), "second"]
    news = [one["progress"] for one in said if "progress" in one]
    assert [line["seq"] for line in news] == list(range(1, len(news) + 1))
    for reply in (replies[0], replies[-1]):
        states = [line["state"] for line in news if line["job"] == reply["job"]]
        assert list(dict.fromkeys(states)) == ["queued", "running", "done"] and states.count("done") == 1
        done = next(place for place, one in enumerate(said) if is_done(one, reply["job"]))
        assert said[done + 1] == {"saved": said[done]["progress"]["path"]}
    assert after.memory - before.memory <= 20 * MIB


def is_done(said: dict[str, Any], job: str) -> bool:
    news = said.get("progress", {})
    return news.get("job") == job and news["state"] == "done"
