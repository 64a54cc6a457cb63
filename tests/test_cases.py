"""Every sentence about something gone wrong is named in one list, from which other languages say it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sidecar.folders import REPOSITORY

LIST = REPOSITORY / "app" / "contract" / "cases.ts"
SOURCES = sorted(path for folder in ("sidecar", "wan_core") for path in (REPOSITORY / folder).rglob("*.py"))
CORES = "  // Core and the hosts.\n"  # from here on the sentences are said in TypeScript
WAN_ERRORS_OWN = {"reason", "hint", "field", "case"}
WITHOUT_A_CASE = {  # by file and code, and why nobody reads it
    ("sidecar/jobs.py", ""): "it stands for a job that has no failure",
    ("sidecar/supervisor.py", "CANCELLED"): "it ends a job that then counts as cancelled",
}


class Call(NamedTuple):
    """Something is made by calling `name`."""

    name: str
    node: ast.Call
    file: str  # "sidecar/paths.py"

    @property
    def where(self) -> str:
        return f"{self.file}:{self.node.lineno}"

    @property
    def code(self) -> object:
        """The first argument, where it is written out."""
        given = self.node.args[0] if self.node.args else None
        return given.value if isinstance(given, ast.Constant) else None

    def keyword(self, name: str) -> ast.expr | None:
        return next((given.value for given in self.node.keywords if given.arg == name), None)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text("utf-8"))


def calls() -> Iterator[Call]:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                yield Call(name, node, path.relative_to(REPOSITORY).as_posix())


def wan_errors() -> set[str]:
    """`WanError` and all that is derived from it, by name."""
    found, before = {"WanError"}, 0
    classes = [node for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while len(found) > before:
        before = len(found)
        for node in classes:
            if any(isinstance(base, ast.Name) and base.id in found for base in node.bases):
                found.add(node.name)
    return found


def said() -> dict[str, dict[str, frozenset[str]]]:
    """Every case with the places that say it, each with the names of the values it gives."""
    errors = wan_errors()
    found: dict[str, dict[str, frozenset[str]]] = {}
    for call in calls():
        case, values = call.keyword("case"), call.keyword("values")
        for part in ast.walk(case) if case else ():
            if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
                continue
            names: set[str] = set()
            if isinstance(values, ast.Dict):
                names = {str(key.value) for key in values.keys if isinstance(key, ast.Constant)}
            elif values is not None:
                names = {"values that are not written out in this call"}
            elif call.name in errors:
                names = {str(given.arg) for given in call.node.keywords} - WAN_ERRORS_OWN
            found.setdefault(part.value, {})[call.where] = frozenset(names)
    return found


def listed() -> dict[str, frozenset[str]]:
    """What `cases.ts` says of the sentences that Python says."""
    lines = re.findall(
        r"^  (\w+): \[(.*?)\],$", LIST.read_text("utf-8").split(CORES)[0], re.MULTILINE | re.DOTALL
    )
    return {case: frozenset(re.findall(r"'(\w+)'", names)) for case, names in lines}


def test_the_list_has_every_sentence_that_python_says_with_its_values_and_no_other() -> None:
    wanted, found = said(), listed()
    wrong = [
        f"{where} says {case!r} with {sorted(names)}; {LIST.name} has "
        + (f"it with {sorted(found[case])}" if case in found else "no such case")
        for case, places in wanted.items()
        for where, names in places.items()
        if found.get(case) != names
    ]
    wrong += [
        f"{LIST.name} has {case!r}, which no Python source says" for case in found if case not in wanted
    ]
    assert not wrong, "\n" + "\n".join(sorted(wrong))


def test_whatever_a_person_can_meet_has_a_case() -> None:
    kinds = wan_errors() | {"Failure", "Refusal"}
    wrong = [
        f"{call.where} makes a {call.name} without a case"
        for call in calls()
        if call.name in kinds
        and call.keyword("case") is None
        and len(call.node.args) < 4  # a Failure may be copied field by field
        and (call.file, call.code) not in WITHOUT_A_CASE
    ]
    assert not wrong, "\n" + "\n".join(sorted(wrong))
