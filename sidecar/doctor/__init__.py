"""Is this machine well? Each check says what was found and, where something is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.doctor import arithmetic, card, room, software
from sidecar.doctor.check import Check
from sidecar.doctor.seen import Facts, Seen, look

__all__ = ["Check", "Facts", "Seen", "examine", "judge", "look"]


def examine(facts: Facts) -> list[Check]:
    """Look at the machine and judge what is seen. Takes seconds; any thread."""
    return list(judge(facts, look(facts)))


def judge(facts: Facts, seen: Seen) -> Iterator[Check]:
    """Every check, in the order in which a person would want to read them."""
    yield software.python(seen)
    if seen.node is not None:
        yield software.node(seen.node)
    yield software.torch(facts, seen)
    yield from _graphics(facts, seen)
    yield room.memory(seen.memory)
    if seen.memory is not None:
        yield from room.beyond_memory(seen.memory)
    yield from map(room.folder, seen.folders)
    yield software.ffmpeg(seen.ffmpeg)
    yield from map(software.model, facts.models)


def _graphics(facts: Facts, seen: Seen) -> Iterator[Check]:
    device, used = facts.device, card.card_in_use(facts.device, seen.nvidia)
    yield card.gpu(device, used, len(seen.nvidia.cards))
    if seen.nvidia.complaint is not None:
        yield card.complaint(seen.nvidia.complaint)
    if used is not None and used.driver is not None:
        yield card.driver(device, used, used.driver)
    if used is not None and used.memory_total is not None:
        yield card.memory(facts, used, used.memory_total)
    yield from _computing(facts, seen)


def _computing(facts: Facts, seen: Seen) -> Iterator[Check]:
    device = facts.device
    if facts.self_test:
        yield arithmetic.self_test(device, seen.self_test)
    if device is None:
        return
    if device.dtype is not None:
        yield arithmetic.dtype(device, device.dtype)
    if device.compile:
        yield arithmetic.compiling(device)
    if device.works is not False:
        yield arithmetic.attention(device)
