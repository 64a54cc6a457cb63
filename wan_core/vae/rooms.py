"""Room on the device for what strips remember: each its own, or fewer that they have in turns."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from wan_core.memory import Pinned

_PIECES = 16  # that a room is emptied and filled again in: both ways at once


class Rooms:
    """A room for each of the strips in order, as many values large as `sizes` says, over and over.

    Where there are fewer `rooms`, the strips that are not at work wait in RAM; while one is, the last room
    gets its next strip. Use each strip's room between `enter` and `leave`.
    """

    def __init__(self, sizes: Sequence[int], rooms: int, like: Tensor) -> None:
        self._sizes, self._device = [size * like.itemsize for size in sizes], like.device
        fits = sizes if rooms >= len(sizes) else [max(sizes)] * rooms
        self._rooms = [like.new_empty(size) for size in fits]
        self._come: set[int] = set()  # strips that have been here
        # To pin memory is slow: once for a video, and all of it at once.
        self._pinning = ThreadPoolExecutor(len(sizes), "rooms")
        self._ram: dict[int, Future[Pinned]] = {
            strip: self._pinning.submit(Pinned, size, like.device)
            for strip, size in enumerate(self._sizes)
            if self._after(strip) != strip
        }
        cuda = like.is_cuda
        self._out, self._in = (torch.cuda.Stream(like.device) if cuda else None for _ in range(2))
        self._here: dict[int, torch.cuda.Event] = {}  # when the room is the strip's, by strip

    def __getitem__(self, strip: int) -> Tensor:
        return self._rooms[strip % len(self._rooms)]

    def enter(self, strip: int) -> None:
        """Let what follows on the device wait until the strip has its room."""
        if strip in self._here:
            torch.cuda.current_stream(self._device).wait_event(self._here[strip])

    def leave(self, strip: int) -> None:
        """Leave the room to the next strip that has it, if another one does."""
        following = self._after(strip)
        if following == strip:
            return
        self._come.add(strip)
        room, left = self[strip].view(torch.uint8), self._ram[strip].result().bytes
        brought = self._ram[following].result().bytes if following in self._come else left[:0]
        if self._out is None or self._in is None:
            self._move(left, room, 0, room.nbytes)
            self._move(room, brought, 0, room.nbytes)
            return
        self._out.wait_stream(torch.cuda.current_stream(self._device))
        step = -(-room.nbytes // _PIECES)
        for start in range(0, room.nbytes, step):
            with torch.cuda.stream(self._out):
                self._move(left, room, start, start + step)
            self._in.wait_stream(self._out)
            with torch.cuda.stream(self._in):
                self._move(room, brought, start, start + step)
        self._here[following] = self._in.record_event()

    def _after(self, strip: int) -> int:
        """The strip that has the same room next."""
        following = strip + len(self._rooms)
        return following if following < len(self._sizes) else strip % len(self._rooms)

    @staticmethod
    def _move(to: Tensor, from_: Tensor, start: int, end: int) -> None:
        end = min(end, to.nbytes, from_.nbytes)
        if start < end:
            to[start:end].copy_(from_[start:end], non_blocking=True)

    def close(self) -> None:
        """Give all memory back."""
        if self._out is not None and self._in is not None:
            self._out.synchronize()
            self._in.synchronize()
        for waiting in self._ram.values():
            waiting.result().free()
        self._pinning.shutdown()
        self._ram.clear()
        self._rooms.clear()
