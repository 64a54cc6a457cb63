"""What PyTorch computes with: precision, torch.compile, attention."""

from __future__ import annotations

from sidecar.doctor.card import numbers
from sidecar.doctor.check import Check, ok, warn
from sidecar.messages import Device


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
    """Which of PyTorch's own kernels takes the model's attention."""
    if device.kind != "cuda":
        return ok("attention", "PyTorch SDPA, on the CPU", case="attention_cpu")
    if not device.attention:
        return warn(
            "attention",
            "PyTorch SDPA has no fast kernel for this card: it is slow and takes more memory.",
            "Choose a small size and few frames.",
            case="attention_plain",
        )
    backends = ", ".join(device.attention)
    words = f"PyTorch SDPA ({backends})"
    return ok("attention", words, case="attention_found", values={"backends": backends})
