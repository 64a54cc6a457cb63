"""Our parts compute what the official code computes: every case of the golden set, one test each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golden import Line, collect, main, run
from tests.golden_set import Case

_HERE = Path(__file__).parent
_WHOLE = _HERE.parents[1] / "shared" / "golden"  # beside the project, where there is one
_ROOT = _WHOLE if _WHOLE.is_dir() else _HERE / "golden"


@pytest.mark.parametrize("case", [pytest.param(found, id=found.name) for found in collect(_ROOT)])
def test_agrees_with_the_official_code(case: Case | Line):
    line = case if isinstance(case, Line) else run(case)
    if line.verdict == "TODO":
        pytest.skip(f"{line.name}: {line.why}")
    assert line.verdict == "PASS", str(line)


def test_a_crash_in_a_case_is_a_failure_and_the_rest_go_on():
    def crash() -> float:
        raise ValueError("first line\nthe last line")

    assert "ValueError: the last line" in str(run(Case("x", 1.0, crash)))
    assert run(Case("y", 1.0, lambda: 0.5)).verdict == "PASS"


@pytest.mark.parametrize("measure", [lambda: 0.2, lambda: float("inf"), lambda: float("nan")])
def test_too_large_a_difference_or_none_at_all_is_a_failure(measure: Callable[[], float]):
    assert run(Case("x", 0.1, measure)).verdict == "FAIL"


def test_a_folder_of_no_known_kind_or_a_torn_one_is_a_failure(tmp_path: Path):
    for name, config in (("unheard_of", '{"cases": {}}'), ("t5", "{")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(config)
    assert [line.verdict for line in collect(tmp_path) if isinstance(line, Line)] == ["FAIL", "FAIL"]
    assert main([str(tmp_path)]) == 1


def test_a_directory_without_cases_is_refused(tmp_path: Path):
    assert main([str(tmp_path)]) == 1
    assert main([str(tmp_path / "missing")]) == 2
