"""Replays a recorded conversation against a real sidecar process, or records one anew.

    python -m tests.replay            records every conversation of tests/conversations again
    python -m tests.replay cancel     records one

The format is told in tests/conversations/README.md.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.talk import Talk

FOLDER = Path(__file__).parent / "conversations"
SECONDS = ("elapsed_s", "eta_s", "seconds")
VARYING = (*SECONDS, "seq", "n", "engine", "bytes", "verdict", "phase", "step", "steps")


class Names:
    """Turns what differs from run to run into what stands in a recording, and back."""

    def __init__(self, talk: Talk, model: Path) -> None:
        self._talk = talk
        self._real: dict[str, str] = {}  # by recorded name
        self._recorded: dict[str, str] = {}  # by real name
        for model_face in talk.ask("models")["models"]:
            if model_face["name"] == model.name:
                self._bind(model_face["id"], "tiny-model")
        self._paths = {
            str(talk.home): "/home/me/data",
            str(talk.videos): "/home/me/videos",
            str(model): "/models/tiny",
        }

    def real(self, line: Any) -> Any:
        """A recorded `in` as it is sent."""
        text = json.dumps(line, ensure_ascii=False)
        for name, real in self._real.items():
            text = text.replace(f'"{name}"', f'"{real}"')
        for place, name in self._paths.items():
            text = text.replace(f'"{name}', f'"{json.dumps(place)[1:-1]}')
        return json.loads(text)

    def recorded(self, said: dict[str, Any]) -> dict[str, Any]:
        """A real `out` as it is recorded."""
        body = said.get("reply") or said.get("progress")
        if isinstance(body, dict):
            for key, kind in (("job", "job"), ("preview", "preview"), ("output", "video")):
                if isinstance(body.get(key), str):
                    self._bind(body[key], f"{kind}-{1 + sum(name.startswith(kind) for name in self._real)}")
        return self._plain(said)

    def _bind(self, real: str, name: str) -> None:
        if real not in self._recorded:
            self._recorded[real], self._real[name] = name, real

    def _plain(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            if key == "seconds":
                return dict.fromkeys(value, 1.0)
            if key == "versions":
                return dict.fromkeys(value, "1.2.3")
            if key == "device":
                return {"kind": "cpu", "name": "CPU", "torch": "1.2.3"}
            return {name: self._plain(item, name) for name, item in value.items()}
        if isinstance(value, list):
            if key == "places":
                value = [place for place in value if place["origin"] != "shipped"]
            if key == "models":
                value = [model for model in value if not model["shipped"]]
            return [self._plain(item, key) for item in value]
        if key in SECONDS and isinstance(value, float):
            return 1.0
        if key == "created":
            return "2025-08-29T12:19:57+00:00"
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for real, name in {**self._recorded, **self._paths}.items():
            text = text.replace(real, name)
        return re.sub(r"\d{8}-\d{6}_", "20250829-121957_", text)


def settled(said: dict[str, Any]) -> dict[str, Any] | None:
    """What must be the same in every run; None for a line that may be merged into a later one."""
    event = said.get("progress", {})
    if said.get("download", {}).get("state") in ("asking", "checking", "fetching", "waiting"):
        return None
    if event.get("state") == "running" and event.get("step") is not None:
        return None
    found: dict[str, Any] = drop(said, *VARYING)
    return found


def drop(value: Any, *keys: str) -> Any:
    """`value` without what is called so anywhere in it."""
    if isinstance(value, dict):
        return {name: drop(item, *keys) for name, item in value.items() if name not in keys}
    return [drop(item, *keys) for item in value] if isinstance(value, list) else value


def conversation(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def hold(talk: Talk, model: Path, script: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say every `in` of a script and give the whole conversation as it went this time.

    Before an `in` is said, as many settled lines are waited for as the script has there.
    """
    names = Names(talk, model)
    begun = len(talk.lines)
    went: list[dict[str, Any]] = []

    def listen(count: int) -> None:
        nonlocal begun
        while count:
            said = names.recorded(talk.until(lambda said: True))
            went.append({"out": said})
            count -= settled(said) is not None

    expected = 0
    for line in script:
        if "out" in line:
            expected += settled(line["out"]) is not None
            continue
        listen(expected)
        expected = 0
        went.append(line)
        talk.raw(line["raw"].encode() if "raw" in line else json.dumps(names.real(line["in"])).encode())
    listen(expected)
    return went


def compared(lines: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """A conversation without what may differ."""
    kept = [line if "out" not in line else settled(line["out"]) for line in lines]
    return [line for line in kept if line is not None]


def record(name: str) -> None:
    from tests.tiny import make_checkpoint

    with tempfile.TemporaryDirectory() as folder:
        model = make_checkpoint(Path(folder) / "models" / "tiny")
        with Talk(Path(folder), model.parent) as talk:
            went = hold(talk, model, conversation(name))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in went)
    (FOLDER / f"{name}.jsonl").write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or [path.stem for path in sorted(FOLDER.glob("*.jsonl"))]:
        record(chosen)
        print(chosen, len(conversation(chosen)), "lines")
