"""A line into a command, or into a refusal that names the field. Nothing that comes in ends the sidecar."""

from __future__ import annotations

import re
from typing import get_args

import msgspec
from msgspec import Struct

from sidecar.lines import MAX_LINE
from sidecar.protocol import Command, Id, Refusal
from wan_core.errors import BadRequest, WanError
from wan_core.variants import Solver

_LONGEST = 500  # characters of somebody else's text in a message of ours


class _Named(Struct):
    id: Id


_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_named = msgspec.json.Decoder(_Named)
_SOLVERS = " or ".join(", ".join(get_args(Solver)).rsplit(", ", 1))

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "nothing",
}


def read(line: bytes | None) -> Command | Refusal:
    """The command in a line; `None` stands for a line that was too long to be kept."""
    if line is None:
        limit = f"The most is {MAX_LINE:,} bytes."
        return Refusal(id=None, code="BAD_LINE", message="The line is too long.", hint=limit)
    try:
        return _command.decode(line)
    except msgspec.ValidationError as problem:
        return _misfit(_id(line), str(problem))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        message = f"The line cannot be read: {str(problem)[:_LONGEST]}."
        return Refusal(id=_id(line), code="BAD_LINE", message=message, hint="Send one JSON object, in UTF-8.")


def refusal(id: Id | None, problem: WanError) -> Refusal:
    """A `WanError` as an answer."""
    return Refusal(
        id=id,
        code=problem.code,
        message=problem.reason[:_LONGEST],
        hint=problem.hint,
        field=problem.field,
        case=problem.case,
        values=problem.values,
    )


def _id(line: bytes) -> Id | None:
    try:
        return _named.decode(line).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def _misfit(id: Id | None, words: str) -> Refusal:
    what, _, place = words.partition(" - at `")
    if place == "$.op`" or what.endswith("required field `op`"):
        message, hint = "There is no such op.", "Ask with hello what this sidecar can do."
        return Refusal(id=id, code="UNKNOWN_OP", message=message, hint=hint, field="$.op")
    return refusal(id, misfit(words))


def misfit(words: str) -> BadRequest:
    """What msgspec says of a value that does not fit, in words for a person."""
    what, _, place = words.partition(" - at `")
    field = place.rstrip("`") or "$"
    if named := re.search(r"(required|unknown) field `(.*)`$", what, re.DOTALL):
        field = f"{field}.{named[2][:100]}"
        wrong = "is missing" if named[1] == "required" else "is not known here"
        return BadRequest(f"{_name(field)} {wrong}.", "", field)
    if _name(field) == "solver":
        return BadRequest(f"There is no such {_name(field)}.", f"Choose {_SOLVERS}.", field)
    said = re.sub(r"`(.*?)`", lambda found: _either(found[1]), what)
    return BadRequest(f"{_name(field)}: {said[:1].lower()}{said[1:]}.", "Correct it and try again.", field)


def _name(field: str) -> str:
    return field.removeprefix("$.request.").removeprefix("$.")


def _either(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | ") if name != "null")
