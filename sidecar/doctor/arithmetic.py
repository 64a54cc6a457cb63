"""What PyTorch computes with, and whether it comes out right: precision, torch.compile, attention."""

from __future__ import annotations

from sidecar.doctor.card import DRIVERS, numbers
from sidecar.doctor.check import ANEW, Check, fail, failed, ok, warn
from sidecar.failures import Failure
from sidecar.messages import Device, Measured

_PART = {"text": "text", "dit": "motion", "vae": "picture"}


def dtype(device: Device, dtype: str) -> Check:
    """The table: before capability 8.0 there is no bf16; RTX 30 (8.6): FP16; RTX 40 and newer: BF16."""
    if device.kind != "cuda" and device.forced_fp16 and dtype != "float16":
        return warn(
            "dtype",
            f"{dtype}: WAN_FORCE_FP16=1 cannot be honoured without a graphics card.",
            "It does no harm. To be rid of this line, start without it.",
            case="dtype_fp16_refused",
            values={"dtype": dtype},
        )
    if device.kind != "cuda":
        return ok("dtype", f"{dtype}, on the CPU", case="dtype_cpu", values={"dtype": dtype})
    if device.capability is not None and numbers(device.capability) < (8, 0):
        return ok("dtype", f"{dtype}: this card has no bf16", case="dtype_no_bf16", values={"dtype": dtype})
    if device.capability == "8.6" and dtype == "bfloat16":
        return ok(
            "dtype",
            f"{dtype}. For cards of the RTX 30 series FP16 is advised; both work.",
            "Start with start_optimized.bat, or set WAN_FORCE_FP16=1.",
            case="dtype_fp16_advised",
            values={"dtype": dtype},
        )
    if device.capability != "8.6" and device.forced_fp16:
        return ok(
            "dtype",
            f"{dtype}, as WAN_FORCE_FP16=1 asks. For this card BF16 is advised; both work.",
            "To use BF16, start without WAN_FORCE_FP16.",
            case="dtype_bf16_advised",
            values={"dtype": dtype},
        )
    return ok("dtype", f"{dtype}, as advised for this card", case="dtype_found", values={"dtype": dtype})


def compiling(device: Device) -> Check:
    """Whether the torch.compile that was asked for can be had."""
    if device.compile_lacks == "Triton":
        return warn(
            "compile",
            "WAN_COMPILE=1 cannot be honoured: Triton is not installed.",
            "Videos are made without it, slower. PyTorch for Windows does not bring Triton.",
            case="compile_no_triton",
        )
    if device.compile_lacks is not None:
        return warn(
            "compile",
            "WAN_COMPILE=1 cannot be honoured: no C++ compiler was found.",
            "Videos are made without it, slower. To be rid of this line, start without it.",
            case="compile_no_compiler",
        )
    words = "Asked for by WAN_COMPILE=1. The first video takes some minutes longer."
    return ok("compile", words, case="compile_ready")


def attention(device: Device) -> Check:
    """Which of PyTorch's own kernels takes the model's attention: the fastest that can."""
    if device.kind != "cuda":
        words = "PyTorch's own kernel for the CPU, sparing with memory"
        return ok("attention", words, case="attention_cpu")
    if not device.attention:
        return warn(
            "attention",
            "PyTorch SDPA has no fast kernel for this card: it is slow and takes more memory.",
            "Choose a small size and few frames.",
            case="attention_plain",
        )
    if device.attention[0] == "flash":
        words = "Flash Attention, which PyTorch brings: fast, and sparing with memory"
        return ok("attention", words, case="attention_flash")
    if device.attention[0] == "cudnn":
        words = "NVIDIA's cuDNN kernel, which PyTorch brings: fast, and sparing with memory"
        return ok("attention", words, case="attention_cudnn")
    words = "PyTorch's memory-efficient kernel: sparing with memory, somewhat slower than Flash Attention"
    return ok("attention", words, case="attention_efficient")


def self_test(device: Device | None, found: tuple[Measured, ...] | Failure | None) -> Check:
    """Whether the parts of the model give the official numbers on this device."""
    if found is None:
        return ok(
            "arithmetic",
            "Not checked: a video is being made.",
            "Check again when it is finished.",
            case="self_test_busy",
        )
    if isinstance(found, Failure):
        return failed("arithmetic", found)
    wrong = [result for result in found if not result.ok]
    if wrong:
        return _wrong(device, wrong)
    exact = [result for result in found if result.dtype == "float32"]
    rough = [result for result in found if result.dtype != "float32"]
    words = (
        "The text, motion and picture parts give the official numbers on this device "
        f"(largest error {_largest(exact)})."
    )
    if not rough:
        return ok(
            "arithmetic",
            words,
            f"One by one: {_errors(exact)}",
            case="self_test_right",
            values={"largest": _largest(exact), "errors": _errors(exact)},
        )
    dtype = rough[-1].dtype
    return ok(
        "arithmetic",
        words,
        f"One by one: {_errors(exact)}; rounded to {dtype}, as videos are made: {_errors(rough)}",
        case="self_test_right_rounded",
        values={
            "largest": _largest(exact),
            "errors": _errors(exact),
            "dtype": dtype,
            "rounded": _errors(rough),
        },
    )


def _wrong(device: Device | None, wrong: list[Measured]) -> Check:
    said = ", ".join(f"{_PART[result.part]} in {result.dtype} off by {_number(result)}" for result in wrong)
    words = f"This device gives wrong numbers: {said}."
    if device is not None and device.forced_fp16 and all(result.dtype == "float16" for result in wrong):
        hint = "Start without WAN_FORCE_FP16=1, that is, not with start_optimized.bat."
        return fail("arithmetic", words, hint, case="self_test_wrong_fp16", values={"said": said})
    if device is None or device.kind != "cuda":
        hint = f"Undo any overclocking, of memory too, and restart the computer. If it stays so, {ANEW}"
        return fail("arithmetic", words, hint, case="self_test_wrong_cpu", values={"said": said})
    hint = (
        f"Undo any overclocking, install the newest driver from {DRIVERS} and restart the computer. "
        "Until then videos can be made on the CPU: start Artifex with CUDA_VISIBLE_DEVICES=-1"
    )
    return fail("arithmetic", words, hint, case="self_test_wrong_gpu", values={"said": said})


def _largest(results: list[Measured]) -> str:
    return _number(max(results, key=lambda result: result.error or 0))


def _errors(results: list[Measured]) -> str:
    return ", ".join(map(_number, results))


def _number(result: Measured) -> str:
    return "?" if result.error is None else f"{result.error:.1g}"
