"""Which field of a command is to blame for what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from wan_core.errors import WanError

Found = TypeVar("Found")


def read_for(field: str, read: Callable[[Path], Found], path: Path) -> Found:
    """What is `read` from the `path` that a field names."""
    with about(field):
        return read(path)


@contextmanager
def about(field: str) -> Iterator[None]:
    """What is refused within is refused because of this field."""
    try:
        yield
    except WanError as problem:
        problem.field = field
        raise
