"""The graphics card: whether PyTorch can use it, its driver and its memory."""

from __future__ import annotations

import re

from sidecar.doctor.check import Check, fail, gib, ok, warn
from sidecar.doctor.seen import Facts
from sidecar.messages import Device
from sidecar.models import Model
from sidecar.nvidia import PATIENCE, Card, Nvidia

# As `torchIndex` of app/setup/decide.mjs has it, which chooses the build: a test holds them together.
LEAST_DRIVER = {"12": 528, "13": 580}  # by the CUDA that a torch was built for
BLACKWELL = 10.0  # from this capability on only CUDA 13 will do
_OLDEST = 5.0  # Maxwell: nothing before it is in any build of this torch

_GIB = 2**30
_REAL_MODEL = 5 * _GIB  # Wan2.2-TI2V-5B at its own size, its blocks passing through, beside a desktop
_REAL_MODEL_CARD = 6  # GB, as cards are sold
_TAKEN = 2 * _GIB  # more than a desktop needs
DRIVERS = "https://www.nvidia.com/drivers"


def card_in_use(device: Device | None, nvidia: Nvidia) -> Card | None:
    """The card PyTorch computes on, as `nvidia-smi` sees it; else as PyTorch sees it; else the first."""
    if device is None or device.kind != "cuda":
        return nvidia.cards[0] if nvidia.cards else None
    twin = next((card for card in nvidia.cards if card.name == device.name), None)
    return twin or Card(device.name, device.memory_total, device.memory_free, capability=device.capability)


def idle_card(device: Device, nvidia: Nvidia) -> Card | None:
    """A card that stands idle because PyTorch is the build for the CPU, though there is one for it."""
    card = card_in_use(device, nvidia)
    return None if card is None or device.kind == "cuda" or device.cuda or _ancient(card) else card


def supports(builds: tuple[str, ...], capability: str) -> bool:
    """Whether code was built for this capability: `sm_86` runs on 8.6 and 8.9, `compute_90` from 9.0 on.

    Where either is not known, nobody is frightened.
    """
    if not builds or capability == "?":
        return True
    have = numbers(capability)
    for kind, *digits in re.findall(r"^(sm|compute)_(\d+)(\d)$", "\n".join(builds), re.MULTILINE):
        built = (int(digits[0]), int(digits[1]))
        if built <= have and (kind == "compute" or built[0] == have[0]):
            return True
    return False


def numbers(capability: str) -> tuple[int, int]:
    """A compute capability to be compared: (8, 9) for "8.9"."""
    major, _, minor = capability.partition(".")
    return int(major), int(minor or 0)


def _ancient(card: Card) -> bool:
    return card.capability is not None and float(card.capability) < _OLDEST


def gpu(device: Device | None, card: Card | None, count: int) -> Check:
    """Whether there is a card that PyTorch can compute on, shown by a small calculation."""
    if card is None:
        return warn(
            "gpu",
            "No NVIDIA card was found: videos are computed on the CPU.",
            "The shipped model runs well there; real models take hours. If this computer has an NVIDIA card, "
            f"install its driver from {DRIVERS} and run: npm run setup -- --repair",
            case="gpu_none",
        )
    name, capability = card.name, card.capability or (device and device.capability) or "?"
    said = (device and device.trouble) or "it does not say why."
    computing = device if device is not None and device.kind == "cuda" else None
    if _ancient(card) or (computing and not supports(computing.builds, capability)):
        return fail(
            "gpu",
            f"This PyTorch was not built for {name}, compute capability {capability} (GPU_UNSUPPORTED).",
            "From 5.0 on: delete the folder .venv, then run: npm run setup, which chooses the build for this "
            "card. An older card cannot be used.",
            case="gpu_unsupported",
            values={"name": name, "capability": capability, "least": "5.0"},
        )
    if computing and computing.works is False:
        return fail(
            "gpu",
            f"A small calculation on {name} failed: {said}",
            f"Restart the computer. If it stays so, install the newest driver from {DRIVERS}",
            case="gpu_fault",
            values={"name": name, "said": said},
        )
    if device and not computing and device.cuda and not _driver_too_old(device, card):
        return fail(
            "gpu",
            f"PyTorch cannot reach {name}: {said}",
            "If CUDA_VISIBLE_DEVICES is set, unset it. Restart the computer. If it stays so, install the "
            f"newest driver from {DRIVERS}",
            case="gpu_unreachable",
            values={"name": name, "said": said},
        )
    if count > 1:
        return ok(
            "gpu",
            f"{name}, compute capability {capability}, the one in use of {count}",
            "Another one is chosen by its number, counted from 0: CUDA_VISIBLE_DEVICES=1",
            case="gpu_found_several",
            values={"name": name, "capability": capability, "count": count},
        )
    words = f"{name}, compute capability {capability}"
    return ok("gpu", words, case="gpu_found", values={"name": name, "capability": capability})


def complaint(said: str) -> Check:
    """`nvidia-smi` is there and names no card."""
    if said:
        return fail(
            "driver",
            f"nvidia-smi cannot speak to the driver: {said}",
            f"Restart the computer. If it stays so, install the newest driver from {DRIVERS}",
            case="driver_complaint",
            values={"said": said},
        )
    return warn(
        "driver",
        f"nvidia-smi did not answer within {PATIENCE:.0f} s.",
        "Check again. If it stays so, restart the computer.",
        case="driver_silent",
        values={"seconds": PATIENCE},
    )


def driver(device: Device | None, card: Card, version: str) -> Check:
    """Whether the driver is new enough for the CUDA that PyTorch was built for."""
    least, cuda = _least_driver(device, card), device.cuda if device is not None else None
    if not _driver_too_old(device, card) and cuda:
        return ok(
            "driver",
            f"Driver {version}; {least} is the least for PyTorch's CUDA {cuda}",
            case="driver_found_for",
            values={"version": version, "least": least, "cuda": cuda},
        )
    if not _driver_too_old(device, card):
        return ok("driver", f"Driver {version}", case="driver_found", values={"version": version})
    say = warn if device is not None and device.works else fail
    if cuda:
        return say(
            "driver",
            f"Driver {version} is too old: PyTorch's CUDA {cuda} needs {least} or newer (DRIVER_OLD).",
            f"Update it from {DRIVERS}, then restart the computer.",
            case="driver_old_for",
            values={"version": version, "cuda": cuda, "least": least},
        )
    return say(
        "driver",
        f"Driver {version} is too old: {card.name} needs {least} or newer here (DRIVER_OLD).",
        f"Update it from {DRIVERS}, then restart the computer.",
        case="driver_old",
        values={"version": version, "name": card.name, "least": least},
    )


def _driver_too_old(device: Device | None, card: Card) -> bool:
    return card.driver is not None and int(card.driver.split(".")[0]) < _least_driver(device, card)


def _least_driver(device: Device | None, card: Card) -> int:
    """What the installed build needs; where that is the CPU's, what set-up would choose for the card."""
    built = device.cuda.split(".")[0] if device is not None and device.cuda else None
    if built not in LEAST_DRIVER:
        built = "13" if card.capability and float(card.capability) >= BLACKWELL else "12"
    return LEAST_DRIVER[built]


def memory(facts: Facts, card: Card, total: int) -> Check:
    """Whether the card has room for what is in the list of models."""
    # Our own models count as taken now, and were not there when the engine started: the larger one is ours.
    at_start = facts.device.memory_free if facts.device is not None else None
    free = max(card.memory_free or 0, at_start or 0)
    total_gib, free_gib, taken_gib = gib(total), gib(free), gib(total - free)
    words = f"{total_gib} GiB, of which Artifex can have {free_gib}"
    if free and total - free > max(_TAKEN, total // 4):
        return warn(
            "gpu_memory",
            f"{words}: other programs hold {taken_gib}.",
            "Close games, browsers and other AI programs, then start Artifex again.",
            case="gpu_memory_taken",
            values={"total_gib": total_gib, "free_gib": free_gib, "taken_gib": taken_gib},
        )
    if total >= _REAL_MODEL:
        return ok(
            "gpu_memory",
            words,
            case="gpu_memory_found",
            values={"total_gib": total_gib, "free_gib": free_gib},
        )
    say = warn if any(map(_real, facts.models)) else ok
    return say(
        "gpu_memory",
        words,
        "That is plenty for the shipped model. Wan2.2-TI2V-5B wants a card "
        f"of {_REAL_MODEL_CARD} GB or more, or smaller videos.",
        case="gpu_memory_small",
        values={"total_gib": total_gib, "free_gib": free_gib, "needed_gb": _REAL_MODEL_CARD},
    )


def _real(model: Model) -> bool:
    return model.state == "ready" and not model.shipped
