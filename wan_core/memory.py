"""How much memory there is for us, and RAM that the GPU can read by itself."""

from __future__ import annotations

import logging
import statistics
import sys
from functools import cache
from math import inf

import torch

from wan_core.plan import RESERVE

log = logging.getLogger(__name__)

_before: dict[torch.device, float] = {}  # by device held: the share of it that is allowed otherwise

_USUAL, _SLOW = 3, 1.5  # a step is slow beside at least so many others, if it takes so much longer

# What a refusal of memory says, besides torch.OutOfMemoryError: the driver's and the libraries' own words.
_REFUSALS = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")


def room(device: torch.device) -> int | None:
    """Bytes this process can have on `device` in all, with what it has already; None where there is no end.

    A limit set on the process is honoured. The one place that asks.
    """
    if device.type != "cuda":
        return None
    free, total = torch.cuda.mem_get_info(device)
    allowed = _before.get(device, torch.cuda.get_per_process_memory_fraction(device))
    return min(free + torch.cuda.memory_reserved(device), int(allowed * total))


def limit(device: torch.device, nbytes: int | None) -> None:
    """Let this process have no more than `nbytes` of `device`; with None, all there is."""
    if device.type == "cuda":
        _, total = torch.cuda.mem_get_info(device)
        torch.cuda.set_per_process_memory_fraction(min(1.0, (nbytes or total) / total), device)


def hold(device: torch.device, nbytes: int | None) -> None:
    """Until `let_go`, let PyTorch hold no more than `nbytes`, the memory that it has in stock included.

    It then gives back of its stock before it asks for more, and what was to be kept free is.
    """
    if device.type != "cuda" or nbytes is None:
        return
    _before.setdefault(device, torch.cuda.get_per_process_memory_fraction(device))
    limit(device, nbytes)


def let_go(device: torch.device) -> None:
    """Allow again what was allowed before `hold`."""
    if device in _before:
        torch.cuda.set_per_process_memory_fraction(_before.pop(device), device)


def ran_out(problem: RuntimeError) -> bool:
    """Whether `problem` is that the device has no memory left."""
    return isinstance(problem, torch.OutOfMemoryError) or any(words in str(problem) for words in _REFUSALS)


class SpillWatch:
    """Tells when a step was slow because the device is full.

    Windows does not refuse GPU memory then: it lends RAM in its place, many times slower. Elsewhere nothing
    is ever told.
    """

    def __init__(self, device: torch.device) -> None:
        self._device, self._seconds = device, list[float]()
        self._lent = sys.platform == "win32" and device.type == "cuda"

    def slow(self, seconds: float) -> bool:
        """Whether a step of so many seconds was that; steps are told one after the other."""
        usual = statistics.median(self._seconds) if len(self._seconds) >= _USUAL else inf
        self._seconds.append(seconds)
        if not self._lent or seconds < _SLOW * usual:
            return False
        free, _ = torch.cuda.mem_get_info(self._device)
        return free < RESERVE


class Pinned:
    """`nbytes` bytes of RAM, registered with the GPU where there is one, so that copies need no CPU.

    PyTorch's own pinned allocator rounds up to powers of two: a block of 327 MB would take 512 MiB.
    """

    def __init__(self, nbytes: int, device: torch.device) -> None:
        # To write it first, with all threads, brings it here three times as fast as registering alone does.
        self.bytes = torch.empty(nbytes, dtype=torch.uint8).zero_()
        self._registered = device.type == "cuda" and _register(self.bytes)

    def free(self) -> None:
        """Give the memory back."""
        if self._registered:
            torch.cuda.cudart().cudaHostUnregister(self.bytes.data_ptr())
            self._registered = False
        self.bytes = torch.empty(0, dtype=torch.uint8)


def _register(memory: torch.Tensor) -> bool:
    error = torch.cuda.cudart().cudaHostRegister(memory.data_ptr(), memory.nbytes, 0)
    if int(error) != 0:
        _say_unpinned()
        return False
    return True


@cache
def _say_unpinned() -> None:
    log.warning("[Memory] the system pins no more RAM; weights are copied through ordinary RAM, slower")
