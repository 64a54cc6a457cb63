"""Holds our parts against recorded results of the official code: `python -m tests.golden DIR`.

One line a case: PASS, FAIL or TODO, its name, the largest absolute difference, the tolerance.
TODO is what we do not do yet, and folders that only hold weights for others. Any FAIL: exit status 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import torch

from tests import golden_models, golden_rules
from tests.golden_set import Case, Folder

# Folders by name; a name may say more than the kind.
KINDS: dict[str, Callable[[Folder], Iterator[Case]]] = {
    "dit_*": golden_models.dit,
    "vae22": golden_models.vae22,
    "t5": golden_models.t5,
    "pipeline_ti2v": golden_models.pipeline_ti2v,
    "tokenizer_clean": golden_rules.tokenizer_clean,
    "schedulers": golden_rules.schedulers,
    "preprocess": golden_rules.preprocess,
}
LATER = ("vae21", "pipeline_*_a14b")  # models that this step does not run


class Line(NamedTuple):
    """What became of a case; `difference` and `tolerance` are None where nothing was measured."""

    verdict: str
    name: str
    difference: float | None = None
    tolerance: float | None = None
    why: str = ""

    def __str__(self) -> str:
        numbers = ("-" if number is None else f"{number:.1e}" for number in (self.difference, self.tolerance))
        return "  ".join([self.verdict, f"{self.name:<44}", *numbers, self.why]).rstrip()


def collect(root: Path) -> Iterator[Case | Line]:
    """The cases under `root`, and lines for what is known without running anything. Reads no weights."""
    for path in sorted(root.iterdir()):
        if not (path / "config.json").is_file():
            continue
        try:
            yield from _collect(Folder(path))
        except Exception as error:
            yield Line("FAIL", path.name, why=_last_line(error))


def _collect(folder: Folder) -> Iterator[Case | Line]:
    if any(fnmatch(folder.name, pattern) for pattern in LATER):
        for name in folder.config["cases"]:
            yield Line("TODO", f"{folder.name}/{name}", why="not in this step")
    elif "cases" not in folder.config and "tables" not in folder.config:
        yield Line("TODO", folder.name, why="weights only")
    else:
        kinds = [kind for pattern, kind in KINDS.items() if fnmatch(folder.name, pattern)]
        if not kinds:
            raise LookupError(f"no kind of folder is called {folder.name}")
        for case in kinds[0](folder):
            yield case._replace(name=f"{folder.name}/{case.name}")


def run(case: Case) -> Line:
    """Run one case; a crash is a FAIL that says its last line."""
    try:
        with torch.inference_mode():
            found = case.measure()
    except Exception as error:
        return Line("FAIL", case.name, None, case.tolerance, _last_line(error))
    return Line("PASS" if found <= case.tolerance else "FAIL", case.name, found, case.tolerance)


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[-1]}"


def main(arguments: list[str]) -> int:
    """Run every case of the directory in `arguments`; the exit status."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tests.golden DIR", file=sys.stderr)
        return 2
    count = {"PASS": 0, "FAIL": 0, "TODO": 0}
    for found in collect(Path(arguments[0])):
        line = found if isinstance(found, Line) else run(found)
        count[line.verdict] += 1
        print(line, flush=True)
    print(f"{count['PASS']} passed, {count['FAIL']} failed, {count['TODO']} to do")
    return 1 if count["FAIL"] or not count["PASS"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
