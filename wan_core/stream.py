"""Blocks of weights as a stream: some stay on the device, the rest come when it is their turn.

The rest wait in pinned RAM or on disk. Copies run on a stream of their own, ahead of the arithmetic, which is
the same wherever a block comes from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import cycle
from math import prod
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from wan_core.memory import Pinned
from wan_core.plan import SLOTS


class Source(Protocol):
    """Where blocks come from."""

    def fetch(self, i: int, buffer: Tensor) -> None:
        """Write the bytes of block `i` into a buffer in RAM."""

    def close(self) -> None:
        """Let go of files; `fetch` opens them again."""


class Entry(NamedTuple):
    """One parameter of a block, and where its bytes are in the block's buffer."""

    name: str
    shape: torch.Size
    dtype: torch.dtype
    start: int
    end: int


class Layout(NamedTuple):
    """The parameters of a block, one after the other."""

    entries: tuple[Entry, ...]
    nbytes: int

    @classmethod
    def of(cls, block: nn.Module, dtype: Callable[[str], torch.dtype]) -> Layout:
        """The layout of `block`, whose parameters are computed in `dtype(name)`."""
        entries, start = [], 0
        for name, parameter in block.named_parameters():
            kind = dtype(name)
            end = start + prod(parameter.shape) * kind.itemsize
            entries.append(Entry(name, parameter.shape, kind, start, end))
            start = end
        return cls(tuple(entries), start)

    def views(self, buffer: Tensor) -> dict[str, Tensor]:
        """The parameters in a buffer [nbytes] of uint8."""
        return {e.name: buffer[e.start : e.end].view(e.dtype).view(e.shape) for e in self.entries}


class Blocks:
    """The blocks of a model in order, each ready when it is reached; go through them again and again.

    `source` has the bytes of each block, as `layout` says. With `pinned`, blocks that do not stay on the
    device wait in RAM; else they are fetched anew each time. Nothing is anywhere before `settle`.
    """

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        layout: Layout,
        source: Source,
        device: torch.device,
        pinned: bool = True,
    ) -> None:
        self._blocks, self._layout, self._source, self._device = blocks, layout, source, device
        self._homes = [_homes(block, layout) for block in blocks]
        self._pinned = pinned
        self._resident: set[int] = set()
        self._kept: dict[int, Pinned] = {}  # in RAM, by block
        self._flow: _Flow | None = None

    def __len__(self) -> int:
        return len(self._blocks)

    @property
    def resident(self) -> int:
        """How many blocks stay on the device."""
        return len(self._resident)

    @property
    def nbytes(self) -> int:
        """Bytes of one block."""
        return self._layout.nbytes

    def settle(self, resident: int, pinned: bool | None = None) -> Generator[int, None, None]:
        """Let `resident` blocks stay on the device, the others wait; yields how many are in their place.

        `pinned` says anew whether those wait in RAM.
        """
        wanted = _spread_out(len(self._blocks), resident)
        self._pinned = self._pinned if pinned is None else pinned
        self.rest()
        for i in self._resident - wanted:  # first what makes room
            self._unbind(i)
        staging = Pinned(self._layout.nbytes, self._device) if wanted - self._resident else None
        try:
            for i in range(len(self._blocks)):
                if i in wanted and i not in self._resident and staging is not None:
                    self._source.fetch(i, staging.bytes)
                    self._bind(i, _Slot(self._layout, staging.bytes.to(self._device, copy=True)))
                    self._resident.add(i)
                    if i in self._kept:
                        self._kept.pop(i).free()
                elif i not in wanted and self._pinned and i not in self._kept:
                    self._kept[i] = self._read(i)
                yield i + 1
        finally:
            if staging is not None:
                staging.free()

    def _read(self, i: int) -> Pinned:
        """Block i in RAM of its own."""
        kept = Pinned(self._layout.nbytes, self._device)
        try:
            self._source.fetch(i, kept.bytes)
        except BaseException:
            kept.free()
            raise
        return kept

    def rest(self) -> None:
        """Give back what blocks pass through on the device, until they are walked through again."""
        if self._flow is None:
            return
        self._flow.close()
        self._flow = None
        for i in range(len(self._blocks)):
            if i not in self._resident:
                self._unbind(i)  # its parameters were in a slot

    def __iter__(self) -> Iterator[nn.Module]:
        away = [i for i in range(len(self._blocks)) if i not in self._resident]
        flow = self._flow
        if away:
            flow = self._flow = flow or _Flow(self._layout, self._device, self._waiting)
            flow.start(away)
        for i, block in enumerate(self._blocks):
            if flow is None or i in self._resident:
                yield block
            else:
                with flow.take(i) as slot:
                    self._bind(i, slot)
                    yield block

    def free(self) -> None:
        """Give all memory back; `settle` brings the blocks again."""
        self.rest()
        for kept in self._kept.values():
            kept.free()
        self._kept.clear()
        for i in range(len(self._blocks)):
            self._unbind(i)
        self._source.close()

    def _waiting(self, i: int, slot: _Slot) -> Tensor:
        """The bytes of block i in RAM: where it is kept, or read anew."""
        if i in self._kept:
            return self._kept[i].bytes
        if slot.staging is None:
            slot.staging = Pinned(self._layout.nbytes, self._device)
        self._source.fetch(i, slot.staging.bytes)
        return slot.staging.bytes

    def _bind(self, i: int, slot: _Slot) -> None:
        for home, leaf, entry in self._homes[i]:
            home[leaf] = slot.parameters[entry.name]

    def _unbind(self, i: int) -> None:
        self._resident.discard(i)
        for home, leaf, entry in self._homes[i]:
            home[leaf] = _parameter(torch.empty(entry.shape, dtype=entry.dtype, device="meta"))


class _Slot:
    """A place on the device for one block."""

    def __init__(self, layout: Layout, buffer: Tensor) -> None:
        self.buffer = buffer
        self.parameters = {name: _parameter(view) for name, view in layout.views(buffer).items()}
        self.staging: Pinned | None = None  # where a block passes through RAM, if it comes from disk
        cuda = buffer.device.type == "cuda"
        self.come = torch.cuda.Event() if cuda else None  # the block is here
        self.used = torch.cuda.Event() if cuda else None  # and not needed any more
        if self.used is not None:  # nor is what was in this memory before
            self.used.record(torch.cuda.current_stream(buffer.device))


class _Flow:
    """Brings blocks into slots, in a fixed order over and over, while others are used."""

    def __init__(self, layout: Layout, device: torch.device, waiting: Callable[[int, _Slot], Tensor]) -> None:
        self._layout, self._device, self._waiting = layout, device, waiting
        self._slots = [
            _Slot(layout, torch.empty(layout.nbytes, dtype=torch.uint8, device=device)) for _ in range(SLOTS)
        ]
        self._free = deque(self._slots)
        self._coming: deque[tuple[int, _Slot, Future[None]]] = deque()
        self._order: Iterator[int] = iter(())
        self._thread = ThreadPoolExecutor(1, "blocks")
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def start(self, order: list[int]) -> None:
        """Expect `order`, again and again; what is under way for it already is not sent for twice."""
        first = [i for i, _, _ in self._coming]
        if not first or first != [order[n % len(order)] for n in range(len(first))]:
            self._drain()
            self._order = cycle(order)
        while self._free:
            self._send_for(next(self._order))

    @contextmanager
    def take(self, i: int) -> Iterator[_Slot]:
        """Block `i`, which must be the next in order, for as long as the context lasts."""
        next_up, slot, future = self._coming.popleft()
        try:
            future.result()
            assert next_up == i
            if slot.come is not None:
                torch.cuda.current_stream(self._device).wait_event(slot.come)
            yield slot
        finally:
            if slot.used is not None:
                slot.used.record(torch.cuda.current_stream(self._device))
            self._free.append(slot)
        self._send_for(next(self._order))

    def close(self) -> None:
        """Stop, and give all memory back."""
        self._drain()
        self._thread.shutdown()
        for slot in self._slots:
            if slot.staging is not None:
                slot.staging.free()
        self._slots.clear()
        self._free.clear()

    def _drain(self) -> None:
        while self._coming:
            _, slot, future = self._coming.popleft()
            wait([future])
            if slot.come is not None:
                slot.come.synchronize()
            self._free.append(slot)

    def _send_for(self, i: int) -> None:
        slot = self._free.popleft()
        self._coming.append((i, slot, self._thread.submit(self._bring, i, slot)))

    @torch.inference_mode()
    def _bring(self, i: int, slot: _Slot) -> None:
        if self._stream is None or slot.come is None or slot.used is None:
            slot.buffer.copy_(self._waiting(i, slot))
            return
        slot.come.synchronize()  # its staging may still be read from
        waiting = self._waiting(i, slot)
        with torch.cuda.stream(self._stream):
            self._stream.wait_event(slot.used)
            slot.buffer.copy_(waiting, non_blocking=True)
            slot.come.record(self._stream)


def _parameter(tensor: Tensor) -> nn.Parameter:
    return nn.Parameter(tensor, requires_grad=False)


def _homes(block: nn.Module, layout: Layout) -> list[tuple[dict[str, nn.Parameter | None], str, Entry]]:
    """Where in `block` each parameter is looked for."""
    homes = []
    for entry in layout.entries:
        path, _, leaf = entry.name.rpartition(".")
        homes.append((block.get_submodule(path)._parameters, leaf, entry))
    return homes


def _spread_out(count: int, resident: int) -> set[int]:
    """`resident` of `count` blocks, the first among them, as evenly as can be between those that come."""
    return {n * count // resident for n in range(min(resident, count))} if resident > 0 else set()
