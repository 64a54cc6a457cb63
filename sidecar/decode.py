"""A line into a command, or into a refusal that names the field. Nothing that comes in ends the sidecar."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import get_args

import msgspec
from msgspec import Struct

from sidecar.answers import Refusal
from sidecar.lines import MAX_LINE
from sidecar.protocol import Command, Id, Language, Theme
from wan_core.errors import BadRequest, WanError
from wan_core.variants import Solver

_LONGEST = 500  # characters of somebody else's text in a message of ours
_UNREADABLE = (
    msgspec.DecodeError,
    RecursionError,
    ValueError,
)  # what decoding raises


class _Named(Struct):
    id: Id


_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_named = msgspec.json.Decoder(_Named)
_limit = re.compile(r"Expected `\w+` (of length )?([<>])= (\S+)")
_CHOICES: dict[str, tuple[str, ...]] = {
    "solver": get_args(Solver),
    "language": get_args(Language),
    "theme": get_args(Theme),
}

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
        return Refusal(
            id=None,
            code="BAD_LINE",
            message="The line is too long.",
            hint=f"The most is {MAX_LINE:,} bytes.",
            case="line_too_long",
            values={"most": MAX_LINE},
        )
    try:
        return _command.decode(line)
    except msgspec.ValidationError as problem:
        return _misfit(_id(line), str(problem))
    except _UNREADABLE as problem:
        return Refusal(
            id=_id(line),
            code="BAD_LINE",
            message=f"The line cannot be read: {str(problem)[:_LONGEST]}.",
            hint="Send one JSON object, in UTF-8.",
            case="line_unreadable",
        )


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
    """The command's id, if it can be read: what is wrong elsewhere in the line must not hide it."""
    with suppress(*_UNREADABLE):
        return _named.decode(line).id
    with suppress(*_UNREADABLE, LookupError, TypeError):
        found = json.loads(line)["id"]  # takes NaN and halves of characters, which JavaScript can send
        return _named.decode(msgspec.json.encode({"id": found})).id
    return None


def _misfit(id: Id | None, words: str) -> Refusal:
    what, _, place = words.partition(" - at `")
    if place == "$.op`" or what.endswith("required field `op`"):
        return Refusal(
            id=id,
            code="UNKNOWN_OP",
            message="There is no such op.",
            hint="Ask with hello what this sidecar can do.",
            field="$.op",
            case="unknown_op",
        )
    return refusal(id, misfit(words))


def misfit(words: str) -> BadRequest:
    """What msgspec says of a value that does not fit, in words for a person."""
    what, _, place = words.partition(" - at `")
    field = place.rstrip("`") or "$"
    if named := re.search(r"(required|unknown) field `(.*)`$", what, re.DOTALL):
        field = f"{field}.{named[2][:100]}"
        name = _name(field)
        if named[1] == "required":
            return BadRequest(f"{name} is missing.", "Fill it in.", field, case="field_missing", name=name)
        return BadRequest(
            f"{name} is not known here.", "Leave it out.", field, case="field_unknown", name=name
        )
    name = _name(field)
    if name in _CHOICES:
        choices = ", ".join(_CHOICES[name])
        hint = f"Choose {' or '.join(choices.rsplit(', ', 1))}."
        return BadRequest(
            f"There is no such {name}.", hint, field, case="no_such_choice", name=name, choices=choices
        )
    if limit := _limit.fullmatch(what):
        of_text, sign, number = limit.groups()
        return _beyond(field, name, sign == "<", float(number), of_text is not None)
    said = re.sub(r"`(.*?)`", lambda found: _either(found[1]), what)
    said = f"{name}: {said[:1].lower()}{said[1:]}."
    return BadRequest(said, "Correct it and try again.", field, case="wrong_kind", name=name)


def _beyond(field: str, name: str, above: bool, limit: float, of_text: bool) -> BadRequest:
    bound = int(limit) if limit.is_integer() else limit
    if of_text and above:
        hint = f"The most is {bound:,} characters."
        return BadRequest(f"{name} is too long.", hint, field, case="text_too_long", name=name, most=bound)
    if of_text:
        return BadRequest(f"{name} is empty.", "Fill it in.", field, case="text_empty", name=name)
    if above:
        hint = f"Choose {bound} or less."
        return BadRequest(f"{name} is too large.", hint, field, case="too_large", name=name, high=bound)
    hint = f"Choose {bound} or more."
    return BadRequest(f"{name} is too small.", hint, field, case="too_small", name=name, low=bound)


def _name(field: str) -> str:
    return re.sub(r"^\$\.(request\.|preferences\.)?", "", field)


def _either(types: str) -> str:
    names = [name for name in types.split(" | ") if name != "null"] or ["null"]
    return " or ".join(_WORDS.get(name, name) for name in names)
