"""Why an engine ended, and whether it is alive: decided from what can be known of it, told with a code."""

from __future__ import annotations

import errno

import pytest

from sidecar import pulse
from sidecar.endings import how_it_ended
from sidecar.failures import failure, harmless
from sidecar.messages import Pong
from sidecar.pulse import Pulse
from wan_core.errors import BadRequest


@pytest.mark.parametrize(
    ("code", "platform", "oom", "expected", "case", "words"),
    [
        (0, "linux", False, "ENGINE_CRASHED", "engine_ended", "without being asked"),
        (None, "win32", False, "ENGINE_CRASHED", "engine_ended", "without being asked"),
        (3, "linux", False, "ENGINE_CRASHED", "engine_exit_code", "exit code 3"),
        (-9, "linux", False, "ENGINE_CRASHED", "engine_killed", "from outside"),
        (-9, "linux", True, "RAM_OOM", "ram_full", "out of memory"),
        (-11, "linux", True, "ENGINE_CRASHED", "engine_signal", "SIGSEGV"),
        (-7, "linux", False, "ENGINE_CRASHED", "engine_signal", "SIGBUS"),
        (-99, "linux", False, "ENGINE_CRASHED", "engine_signal", "99"),
        (1, "win32", False, "ENGINE_CRASHED", "engine_exit_code", "exit code 1"),
        (0xC0000005, "win32", False, "ENGINE_CRASHED", "engine_access_violation", "access violation"),
        (-0x3FFFFFFB, "win32", False, "ENGINE_CRASHED", "engine_access_violation", "access violation"),
        (0xC0000409, "win32", False, "ENGINE_CRASHED", "engine_stack_overrun", "stack overrun"),
        (0xC0000017, "win32", False, "RAM_OOM", "ram_full", "out of memory"),
        (0xC000012D, "win32", False, "RAM_OOM", "page_file_small", "page file"),
        (0xC000013A, "win32", False, "ENGINE_CRASHED", "engine_killed", "from outside"),
        (0xC000001D, "win32", False, "ENGINE_CRASHED", "engine_exit_code", "0xc000001d"),
    ],
)
def test_an_exit_code_is_told_in_words_with_what_to_do(
    code: int | None, platform: str, oom: bool, expected: str, case: str, words: str
) -> None:
    why = how_it_ended(code, platform, oom)
    assert (why.code, why.case) == (expected, case)
    assert words in why.message and why.message.endswith(".") and why.hint.endswith(".")
    assert all(str(value) in why.message for value in why.values.values())


def windows_error(number: int, words: str) -> OSError:
    made: type[OSError] = type("OSError", (OSError,), {"winerror": number})
    return made(words)


def named(name: str, words: str) -> Exception:
    made: type[Exception] = type(name, (RuntimeError,), {})
    return made(words)


@pytest.mark.parametrize(
    ("problem", "code", "case", "engine_lives"),
    [
        (BadRequest("No.", "Do.", case="no"), "BAD_REQUEST", "no", True),
        (named("OutOfMemoryError", "CUDA out of memory. Tried to …"), "VRAM_OOM", "gpu_full", True),
        (named("AcceleratorError", "CUDA error: out of memory"), "VRAM_OOM", "gpu_full", True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when …"), "VRAM_OOM", "gpu_full", True),
        (
            named("AcceleratorError", "CUDA error: device-side assert triggered\nCompile with"),
            "ENGINE_CRASHED",
            "gpu_error",
            False,
        ),
        (RuntimeError("CUDA error: unspecified launch failure"), "ENGINE_CRASHED", "gpu_error", False),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "ENGINE_CRASHED", "gpu_error", False),
        (
            RuntimeError("CUDA error: no kernel image is available for execution on the device"),
            "GPU_UNSUPPORTED",
            "gpu_not_built_for",
            True,
        ),
        (MemoryError(), "RAM_OOM", "ram_full", False),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate"), "RAM_OOM", "ram_full", False),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "RAM_OOM", "ram_full", False),
        (windows_error(1450, "Insufficient system resources"), "RAM_OOM", "ram_full", False),
        (windows_error(1455, "The paging file is too small"), "RAM_OOM", "page_file_small", False),
        (OSError("The paging file is too small (os error 1455)"), "RAM_OOM", "page_file_small", False),
        (OSError(errno.ENOSPC, "No space left"), "DISK_FULL", "disk_full", True),
        (
            ImportError("No module named 'torch'", name="torch"),
            "ENGINE_CRASHED",
            "package_missing",
            True,
        ),
        (ImportError("DLL load failed while importing _C"), "ENGINE_CRASHED", "library_unloadable", True),
        (windows_error(1114, "Error loading c10.dll"), "ENGINE_CRASHED", "library_unloadable", False),
        (ValueError("made up"), "INTERNAL", "internal", False),
        (ValueError("long" * 1000), "INTERNAL", "internal", False),
    ],
)
def test_an_exception_is_told_in_words_and_says_whether_the_engine_can_be_trusted(
    problem: Exception, code: str, case: str, engine_lives: bool
) -> None:
    why = failure(problem)
    assert (why.code, why.case) == (code, case)
    assert why.message and why.hint and "\n" not in why.message and len(why.message) < 600
    assert harmless(problem) == engine_lives


class Watch:
    """A pulse, and a clock that only its test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pulse = Pulse(self.now)

    def wait(
        self, seconds: float, *, cpu: float | None = None, data: int = 0, gpu: bool = True
    ) -> str | None:
        """Go on; the engine answers each question with more CPU time used. The case of giving it up."""
        pong = Pong(0.0, 0)
        end = self.now + seconds
        while self.now < end:
            self.now += 0.5
            if why := self.pulse.look(self.now, gpu=gpu):
                return why.case
            if self.pulse.asks() and cpu is not None:
                pong = Pong(pong.cpu_seconds + cpu, pong.bytes_moved + data)
                self.pulse.answer(pong)
        return None


def test_an_engine_that_answers_nothing_is_given_up_within_30_seconds_whatever_it_does() -> None:
    for doing, case in (
        ("idle", "engine_silent_idle"),
        ("load", "engine_silent"),
        ("write", "engine_silent"),
    ):
        watch = Watch()
        watch.pulse.begin(doing)  # type: ignore[arg-type]
        assert watch.wait(pulse.SILENT - 1) is None
        assert watch.wait(4) == case


def test_an_engine_that_starts_is_given_more_time() -> None:
    assert Watch().wait(pulse.STARTING - 1) is None
    assert Watch().wait(pulse.STARTING + 1) == "engine_silent_at_start"
    assert Watch().wait(pulse.STUCK - 1, cpu=1.0) is None
    assert Watch().wait(pulse.STUCK + 1, cpu=1.0) == "engine_silent_at_start"


def test_one_that_answers_but_does_nothing_is_given_up_only_while_it_has_work() -> None:
    working, idle = Watch(), Watch()
    working.pulse.begin("denoise")
    idle.pulse.begin("idle")
    assert working.wait(30, cpu=0.001) == "engine_silent"
    assert idle.wait(3600, cpu=0.0) is None


def test_work_before_the_last_progress_is_no_sign_of_life_after_it() -> None:
    watch = Watch()
    watch.pulse.begin("denoise")
    watch.wait(10, cpu=1.0)
    watch.pulse.begin("denoise")
    watch.pulse.answer(Pong(50.0, 0))
    assert watch.wait(pulse.SILENT + 1) == "engine_silent"


@pytest.mark.parametrize(("cpu", "data"), [(1.0, 0), (0.0, 1 << 20), (-1.0, 0)])
def test_one_that_computes_or_reads_without_news_is_left_alone_for_minutes(cpu: float, data: int) -> None:
    watch = Watch()
    watch.pulse.begin("decode")
    assert watch.wait(pulse.STUCK - 60, cpu=cpu, data=data) is None


def test_a_gpu_that_spins_for_ever_is_given_up_but_neither_loading_nor_a_slow_cpu() -> None:
    for doing, gpu, case in (
        ("denoise", True, "engine_stuck"),
        ("denoise", False, None),
        ("load", True, None),
        ("idle", True, None),
    ):
        watch = Watch()
        watch.pulse.begin(doing)  # type: ignore[arg-type]
        assert watch.wait(2 * pulse.STUCK, cpu=1.0, gpu=gpu) == case


def test_time_in_which_this_computer_slept_is_not_held_against_the_engine() -> None:
    watch = Watch()
    watch.pulse.begin("denoise")
    watch.now += 8 * 3600
    assert watch.wait(pulse.SILENT - 5) is None
