"""Imports point one way: sidecar → pipeline → parts → ground, and the parts do not know each other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wan_core

ROOT = Path(__file__).parents[1]

TORCH_FREE = [
    {"errors", "events", "shapes"},
    {"variants", "places", "vae_memory", "tags"},
    {"request", "plan", "checkpoint", "picture", "partial"},
    {"sizes", "receipt"},
]
FLOORS = [  # lowest first; rooms on one floor do not know each other
    *TORCH_FREE,
    {"device"},
    {"attention", "memory", "quantize"},
    {"weights", "stream"},
    {"lora"},
    {"text", "dit", "vae", "sampling", "image", "video", "preview"},
    {"denoise", "kept", "prepared"},
    {"pipeline", "selftest"},
    {"loading"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
QUIET = set().union(*TORCH_FREE)


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(path: Path) -> Iterator[str]:
    """The absolute names of what a file imports when it runs, also within functions."""
    package = path.relative_to(ROOT).parent.parts
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def room(module: str) -> str | None:
    """The file or folder of wan_core that a module's name leads to."""
    package, _, rest = module.partition(".")
    if package != "wan_core" or not rest:
        return None
    first = rest.split(".")[0]
    return wan_core._HOMES.get(first, first)


def rooms(path: Path) -> set[str]:
    return {there for module in modules(path) if (there := room(module))}


@pytest.mark.parametrize("path", python_files("wan_core"), ids=name)
def test_a_file_of_wan_core_imports_only_from_floors_below_it(path: Path) -> None:
    here = path.relative_to(ROOT / "wan_core").parts[0].removesuffix(".py")
    if here == "__init__":
        return
    assert here in FLOOR, f"wan_core/{here} has no floor yet: give it one in FLOORS"
    for there in rooms(path) - {here}:
        assert FLOOR[there] < FLOOR[here], f"{name(path)} reaches sideways or up to wan_core.{there}"


@pytest.mark.parametrize("path", python_files("sidecar"), ids=name)
def test_only_processes_of_their_own_reach_the_part_of_wan_core_that_needs_torch(path: Path) -> None:
    if name(path) not in ("sidecar/engine.py", "sidecar/doctor/self_test.py"):
        assert rooms(path) <= QUIET
        assert not {module.split(".")[0] for module in modules(path)} & {"torch", "transformers", "numpy"}


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("wan_core", {"sidecar", "training", "benchmarks", "tests"}),
        ("sidecar", {"training", "benchmarks", "tests"}),
        ("training", {"sidecar", "benchmarks", "tests"}),
        ("benchmarks", {"training"}),
    ],
)
def test_a_folder_knows_nothing_of_those_above_or_beside_it(folder: str, never: set[str]) -> None:
    for path in python_files(folder):
        assert not {module.split(".")[0] for module in modules(path)} & never, name(path)


def test_importing_the_sidecar_and_the_ground_floors_loads_no_torch() -> None:
    ground = [f"wan_core.{room}" for room in sorted(QUIET) if (ROOT / "wan_core" / f"{room}.py").exists()]
    files = [path for path in python_files("sidecar") if not path.stem.startswith("__")]
    sidecar = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    heavy = "{'torch', 'transformers', 'numpy'} & set(sys.modules)"
    code = f"import sys, {', '.join(['wan_core', *ground, *sidecar])}; sys.exit(str({heavy} or '') or None)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


# The app: what the files of a folder may import, relative paths as the folder they lead to.
MAY_IMPORT = {
    "contract": r"zod|app/contract",
    "core": r"node:.+|zod|app/(contract|core)",
    "web": r"node:.+|ws|zod|app/(contract|core|web)",
    "desktop": r"node:.+|zod|app/(contract|core|web|setup|desktop)",
    "main": r"node:.+|electron|zod|app/(contract|core|setup|desktop|main)",
    "preload": r"electron|app/(contract|preload)",
    "renderer": r"react(-dom|-aria-components)?(/.+)?|lucide-react|zustand(/.+)?|zod|app/(contract|renderer)",
}
IMPORT = re.compile(r"""(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*)(['"])(?P<what>[^'"\n]+)\1""")


def app_files(*folders: str) -> list[Path]:
    kinds = {".ts", ".tsx", ".mjs", ".cts", ".mts"}
    return sorted(p for folder in folders for p in (ROOT / "app" / folder).rglob("*") if p.suffix in kinds)


@pytest.mark.parametrize("path", app_files(*MAY_IMPORT), ids=name)
def test_a_file_of_the_app_imports_only_what_its_folder_may(path: Path) -> None:
    folder = path.relative_to(ROOT / "app").parts[0]
    for found in IMPORT.finditer(path.read_text("utf-8")):
        what = found["what"]
        if what.startswith("."):
            target = (path.parent / what).resolve().relative_to(ROOT)
            what = "/".join(target.parts[:2])
        assert re.fullmatch(MAY_IMPORT[folder], what), f"{name(path)} imports {found['what']}"


@pytest.mark.parametrize("path", app_files("contract", "core"), ids=name)
def test_the_contract_and_the_core_know_no_window(path: Path) -> None:
    assert not re.search(r"\b(document|window|localStorage|navigator)\s*\.\w", path.read_text("utf-8"))


def test_only_what_is_electrons_own_imports_electron() -> None:
    users = {
        path.relative_to(ROOT / "app").parts[0]
        for path in app_files(".")
        if not {"dist", "tests", "node_modules"} & set(path.relative_to(ROOT).parts)
        and any(found["what"] == "electron" for found in IMPORT.finditer(path.read_text("utf-8")))
    }
    assert users <= {"main", "preload"}
