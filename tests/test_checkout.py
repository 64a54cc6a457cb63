"""A checkout stays small, and its lock files hold for every machine and name none."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MIB = 2**20
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pins(*locks: str) -> list[str]:
    lines = [line for lock in locks for line in (ROOT / lock).read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def package_lock() -> dict[str, dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "package-lock.json").read_text("utf-8"))[
        "packages"
    ]
    return packages


@pytest.fixture(scope="module")
def files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says which files belong to it")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [path for line in listed.stdout.decode().split("\0") if line and (path := ROOT / line).is_file()]


def test_no_file_is_larger_than_14_mib(files: list[Path]) -> None:
    assert [f"{path}: {path.stat().st_size}" for path in files if path.stat().st_size > 14 * MIB] == []


def test_the_checkout_stays_under_60_mib(files: list[Path]) -> None:
    assert sum(path.stat().st_size for path in files) < 60 * MIB


@pytest.mark.parametrize("lock", LOCKS)
def test_a_python_lock_is_exact_pins_without_host_or_path(lock: str) -> None:
    for line in pins(lock):
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[\w.]+( ; [^/@]+)?", line), line


def test_the_python_locks_leave_torch_to_setup() -> None:
    assert [line for line in pins(*LOCKS) if re.match(r"torch|triton|nvidia-|cuda-", line)] == []


def test_the_python_locks_hold_everything_that_pyproject_names() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    named = re.findall(r'^    "([a-z0-9-]+)[><=~]', text, re.M)
    dev = re.findall(r'"([a-z-]+)"', re.search(r"^dev = \[(.+?)\]", text, re.M)[1])  # type: ignore[index]
    locked = {line.split("==")[0] for line in pins(*LOCKS)}
    assert len(named) > 5
    assert {*named, *dev} - {"torch"} <= locked


def test_the_npm_lock_names_no_host_no_path_and_runs_no_install_script() -> None:
    for path, package in package_lock().items():
        assert not {"resolved", "hasInstallScript", "link"} & package.keys(), path


def test_the_npm_lock_has_the_packages_of_every_system() -> None:
    packages = package_lock()
    for path, package in packages.items():
        for optional in package.get("optionalDependencies", {}):
            assert {f"node_modules/{optional}", f"{path}/node_modules/{optional}"} & packages.keys(), (
                f"{path} may need {optional}, which the lock lacks: npm ci refuses such a lock"
            )


def test_npm_packages_are_pinned_exactly() -> None:
    root = package_lock()[""]
    for kind in ("dependencies", "devDependencies"):
        assert [f"{name} {version}" for name, version in root[kind].items() if not version[0].isdigit()] == []


def test_the_windows_starter_asks_for_half_precision_and_compiled_kernels_from_any_folder() -> None:
    lines = (ROOT / "start_optimized.bat").read_text("ascii").splitlines()
    order = ['cd /d "%~dp0"', "set WAN_FORCE_FP16=1", "set WAN_COMPILE=1", "call npm start -- %*"]
    assert [line for line in lines if line in order] == order


def test_the_windows_starter_has_windows_line_ends() -> None:
    text = (ROOT / "start_optimized.bat").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") > 0
    assert text.isascii()
