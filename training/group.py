"""The GPUs that train together, one process each: they average their slopes and agree on the time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor
from torch.multiprocessing.spawn import spawn


class Group:
    """`size` processes of which this is number `rank`; of one, everything here is free."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size
        self.device = "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def first(self) -> bool:
        """Whether this process writes the files and says how it goes."""
        return self.rank == 0

    def average(self, slopes: list[Tensor]) -> None:
        """Replace each tensor by its mean over all processes."""
        if self.size > 1:
            for slope in slopes:
                dist.all_reduce(slope)
                slope.div_(self.size)

    def agree(self, value: float) -> float:
        """The first process's `value`, in all."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(told, 0)
        return told.item()

    def say(self, *words: object) -> None:
        """Print, once for all."""
        if self.first:
            print(*words, flush=True)


def together(work: Callable[..., None], arguments: tuple[object, ...], size: int, meeting: Path) -> None:
    """Run `work(group, *arguments)` in `size` processes, which meet by the file `meeting`."""
    if size == 1:
        work(Group(), *arguments)
        return
    meeting.parent.mkdir(parents=True, exist_ok=True)
    meeting.unlink(missing_ok=True)
    spawn(_member, (work, arguments, size, meeting.resolve()), nprocs=size)


def _member(
    rank: int, work: Callable[..., None], arguments: tuple[object, ...], size: int, meeting: Path
) -> None:
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(rank)
    dist.init_process_group(
        "nccl" if cuda else "gloo", init_method=f"file://{meeting}", rank=rank, world_size=size
    )
    try:
        work(Group(rank, size), *arguments)
    finally:
        dist.destroy_process_group()
