"""Layers of weights that take turns on the device, where all of them together would not fit.

They wait mapped from disk: their pages are the system's to drop, and no memory of this process.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing

import torch
from torch import Tensor

Layer = dict[str, Tensor]

_PIECE = 32 * 2**20  # bytes of a staging buffer: a bus runs at full speed, and two are little beside a layer


class Layers:
    """The tensors of layers that are alike, to be had one layer after the other.

    `waiting` has them wherever they are. `dtypes` says, by a tensor's name, what it is computed in.
    """

    def __init__(
        self, waiting: Sequence[Layer], device: torch.device, dtypes: Mapping[str, torch.dtype]
    ) -> None:
        self._waiting, self._device, self._dtypes = waiting, device, dtypes

    def __len__(self) -> int:
        return len(self._waiting)

    def in_turn(self) -> Generator[Layer, None, None]:
        """Each layer's tensors on the device in their dtypes, good until the next layer is asked for.

        Queue all work on a layer before you ask on: the next is fetched while the device does it.
        Closing the generator gives all memory back.
        """
        if all(
            tensor.device.type == self._device.type for layer in self._waiting for tensor in layer.values()
        ):
            for layer in self._waiting:  # what has its dtype already is used where it lies
                here = {name: tensor.to(self._dtypes[name]) for name, tensor in layer.items()}
                yield here
                here.clear()  # what was converted goes before more is
            return
        with closing(self._carried()) as layers:
            yield from layers

    def _carried(self) -> Generator[Layer, None, None]:
        slots = [self._slot(), self._slot()]
        porter = _Porter(self._device)
        compute = torch.cuda.current_stream(self._device)
        free = [compute.record_event() for _ in slots]  # when each may be written to
        try:
            here = porter.carry(self._waiting[0], slots[0], free[0])
            for number in range(len(self._waiting)):
                this, other = number % 2, (number + 1) % 2
                compute.wait_event(here)
                yield slots[this]
                free[this] = compute.record_event()
                if number + 1 < len(self._waiting):
                    here = porter.carry(self._waiting[number + 1], slots[other], free[other])
        finally:
            porter.stream.synchronize()  # nothing is written any more into memory that others get now
            for slot in slots:
                slot.clear()
            torch.cuda.empty_cache()

    def _slot(self) -> Layer:
        return {
            name: torch.empty(tensor.shape, dtype=self._dtypes[name], device=self._device)
            for name, tensor in self._waiting[0].items()
        }


class _Porter:
    """Carries layers to the device on a stream of its own, through two pinned buffers.

    A copy from mapped memory itself would wait until all work on the device is done.
    """

    def __init__(self, device: torch.device) -> None:
        self.stream = torch.cuda.Stream(device)
        self._buffers = [_pinned(_PIECE), _pinned(_PIECE)]
        self._sent = [torch.cuda.Event(), torch.cuda.Event()]
        self._turn = 0

    def carry(self, layer: Layer, slot: Layer, free: torch.cuda.Event) -> torch.cuda.Event:
        """Copy `layer` into `slot` once that is `free`; what comes back happens when it is there."""
        with torch.cuda.stream(self.stream):
            self.stream.wait_event(free)
            for name, tensor in layer.items():
                self._copy(tensor.reshape(-1), slot[name].view(-1))
            return self.stream.record_event()

    def _copy(self, source: Tensor, target: Tensor) -> None:
        size = _PIECE // target.element_size()
        for piece, place in zip(source.split(size), target.split(size), strict=True):
            sent = self._sent[self._turn]
            sent.synchronize()  # the buffer has been read
            staged = self._buffers[self._turn].view(target.dtype)[: len(piece)]
            staged.copy_(piece)
            place.copy_(staged, non_blocking=True)
            sent.record(self.stream)
            self._turn = 1 - self._turn


def _pinned(nbytes: int) -> Tensor:
    return torch.empty(nbytes, dtype=torch.uint8, pin_memory=True)
