"""Tensors from disk into modules that were built without memory of their own."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
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


def compare(module: nn.Module, tensors: Mapping[str, Tensor], where: Path) -> None:
    """Raise ModelCorrupt, naming a tensor, where those in a file and a `build`-t module do not agree."""
    wanted = {name: parameter.shape for name, parameter in module.named_parameters()}
    for name, tensor in tensors.items():
        if name not in wanted:
            raise ModelCorrupt(
                f"{where} holds a tensor this model has no place for: {name}.",
                _TOGETHER,
                case="tensor_extra",
                file=where.name,
                tensor=name,
            )
        if tensor.shape != wanted[name]:
            given, right = str(list(tensor.shape)), str(list(wanted[name]))
            raise ModelCorrupt(
                f"{name} in {where} is {given}; this model has {right}.",
                _TOGETHER,
                case="tensor_shape",
                file=where.name,
                tensor=name,
                given=given,
                right=right,
            )
    if left := wanted.keys() - tensors.keys():
        raise ModelCorrupt(
            f"{where} lacks {len(left)} tensors, among them {min(left)}.",
            "Download the model again.",
            case="tensors_lacking",
            file=where.name,
            count=len(left),
            tensor=min(left),
        )


def fill(
    module: nn.Module,
    tensors: Mapping[str, Tensor],
    dtype: torch.dtype,
    device: torch.device,
    float32: tuple[str, ...] = (),
    without: str | None = None,
) -> Generator[int, None, None]:
    """Give the parameters of a `build`-t module their `tensors`; yields how many have theirs.

    Those whose name contains one of `float32` become float32, the rest `dtype`; those whose name begins with
    `without` get none.
    """
    for done, (name, tensor) in enumerate(tensors.items(), start=1):
        if without is None or not name.startswith(without):
            _put(module, name, tensor.to(device, computed_in(name, dtype, float32), copy=True))
        yield done


def computed_in(name: str, dtype: torch.dtype, float32: tuple[str, ...]) -> torch.dtype:
    """float32 for a parameter whose name contains one of `float32`, else `dtype`."""
    return torch.float32 if any(part in name for part in float32) else dtype


def _put(module: nn.Module, name: str, tensor: Tensor) -> None:
    path, _, leaf = name.rpartition(".")
    setattr(module.get_submodule(path), leaf, nn.Parameter(tensor, requires_grad=False))
