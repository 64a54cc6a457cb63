"""The graphics cards as NVIDIA's own tool sees them: without torch, and when torch cannot."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from msgspec import Struct

from sidecar.machine import ask

MIB = 2**20
PATIENCE = 5.0  # seconds: a laptop's card that sleeps takes two or three


class Card(Struct, frozen=True):
    """One card. What the tool does not say is None."""

    name: str
    memory_total: int | None = None  # bytes
    memory_free: int | None = None  # bytes
    driver: str | None = None  # "566.36"
    capability: str | None = None  # CUDA compute capability, "8.9"


class Nvidia(Struct, frozen=True):
    """What `nvidia-smi` said: its cards or, where it is there and names none, why."""

    cards: tuple[Card, ...] = ()
    complaint: str | None = None  # in its own words; empty where it did not answer in time


def look() -> Nvidia:
    """Ask `nvidia-smi`; where there is none there is no card. Takes as long as `PATIENCE`."""
    tool = shutil.which("nvidia-smi") or _beside_windows()
    if tool is None:
        return Nvidia()
    fields = "name,memory.total,memory.free,driver_version"
    said = ask(tool, f"--query-gpu={fields},compute_cap", "--format=csv,noheader,nounits", patience=PATIENCE)
    if said is not None and said.code != 0 and "compute_cap" in said.text:  # a driver from before 2021
        said = ask(tool, f"--query-gpu={fields}", "--format=csv,noheader,nounits", patience=PATIENCE)
    if said is None:
        return Nvidia(complaint="")
    cards = parse(said.text) if said.code == 0 else ()
    return Nvidia(cards, None if cards else said.text.partition("\n")[0].strip())


def _beside_windows() -> str | None:
    """Where drivers put it on Windows, for a PATH that has been cut short."""
    if sys.platform != "win32":
        return None
    tool = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvidia-smi.exe")
    return str(tool) if tool.is_file() else None


def parse(csv: str) -> tuple[Card, ...]:
    """The cards in the lines of `nvidia-smi`: name, total and free MiB, driver and, if asked, capability."""
    rows = (line.split(", ") for line in csv.splitlines())
    return tuple(card for row in rows if (card := _card([cell.strip() for cell in row])))


def _card(cells: list[str]) -> Card | None:
    if len(cells) < 4 or not cells[0]:
        return None
    name, total, free, driver, *rest = cells
    capability = rest[0].replace(",", ".") if rest else ""
    return Card(
        name,
        _mebibytes(total),
        _mebibytes(free),
        driver if re.fullmatch(r"\d+(\.\d+)*", driver) else None,
        capability if re.fullmatch(r"\d+\.\d+", capability) else None,
    )


def _mebibytes(cell: str) -> int | None:
    return int(cell) * MIB if cell.isdecimal() else None
