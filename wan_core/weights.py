"""Tensors from disk into modules that were built without memory of their own."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from wan_core.checkpoint import AGAIN
from wan_core.errors import ModelCorrupt

_TOGETHER = "Check that the model's files belong together."

M = TypeVar("M", bound=nn.Module)


def read(files: Iterable[Path]) -> Iterator[tuple[str, Tensor]]:
    """Every named tensor of `files` (.safetensors, or .pth of tensors alone), one at a time, on the CPU."""
    for file in files:
        try:
            if file.suffix == ".safetensors":
                with safe_open(file, framework="pt") as shard:
                    for name in shard.keys():  # noqa: SIM118 - not a dict
                        yield name, shard.get_tensor(name)
            else:
                yield from _pickled(file)
        except (SafetensorError, pickle.UnpicklingError, EOFError, RuntimeError, OSError) as problem:
            if isinstance(problem, torch.OutOfMemoryError):
                raise
            raise ModelCorrupt(
                f"{file} cannot be read: {str(problem).splitlines()[0]}.",
                AGAIN,
                case="model_file_unreadable",
                file=file.name,
            ) from problem


def _pickled(file: Path) -> Iterator[tuple[str, Tensor]]:
    """Tensors of a .pth file, mapped from disk; code in it is never run."""
    tensors = torch.load(file, map_location="cpu", mmap=True, weights_only=True)
    if not isinstance(tensors, dict) or not all(isinstance(t, Tensor) for t in tensors.values()):
        raise ModelCorrupt(
            f"{file} holds something other than named tensors.", AGAIN, case="not_tensors", file=file.name
        )
    yield from tensors.items()


def build(make: Callable[[], M]) -> M:
    """What `make` makes, with shapes but no memory, ready for `fill`."""
    with torch.device("meta"):
        return make().eval().requires_grad_(False)


def fill(
    module: nn.Module,
    tensors: Iterable[tuple[str, Tensor]],
    dtype: torch.dtype,
    device: torch.device,
    where: Path,
    float32: tuple[str, ...] = (),
) -> Generator[int, None, None]:
    """Give every parameter of a `build`-t module its tensor; yields how many have theirs.

    Parameters whose name contains one of `float32` become float32, the rest `dtype`. Raises
    ModelCorrupt, naming the tensors, where the file and the module do not agree.
    """
    wanted = dict(module.named_parameters())
    left = set(wanted)
    for name, tensor in tensors:
        if name not in left:
            raise ModelCorrupt(
                f"{where} holds a tensor this model has no place for: {name}.",
                _TOGETHER,
                case="tensor_extra",
                file=where.name,
                tensor=name,
            )
        if tensor.shape != wanted[name].shape:
            given, right = str(list(tensor.shape)), str(list(wanted[name].shape))
            raise ModelCorrupt(
                f"{name} in {where} is {given}; this model has {right}.",
                _TOGETHER,
                case="tensor_shape",
                file=where.name,
                tensor=name,
                given=given,
                right=right,
            )
        kind = torch.float32 if any(part in name for part in float32) else dtype
        _put(module, name, tensor.to(device, kind, copy=True))
        left.remove(name)
        yield len(wanted) - len(left)
    if left:
        raise ModelCorrupt(
            f"{where} lacks {len(left)} tensors, among them {min(left)}.",
            "Download the model again.",
            case="tensors_lacking",
            file=where.name,
            count=len(left),
            tensor=min(left),
        )


def _put(module: nn.Module, name: str, tensor: Tensor) -> None:
    path, _, leaf = name.rpartition(".")
    setattr(module.get_submodule(path), leaf, nn.Parameter(tensor, requires_grad=False))
