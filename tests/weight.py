"""What a process holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

MIB = 2**20


class Weight(NamedTuple):
    """Memory, threads and open files of a process; all 0 where the system does not say."""

    memory: int = 0  # bytes
    threads: int = 0
    files: int = 0

    @classmethod
    def of(cls, pid: int) -> Weight:
        """As it is now."""
        if sys.platform != "linux":
            return cls()
        place = Path(f"/proc/{pid}")
        memory = int((place / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return cls(memory, len(list((place / "task").iterdir())), len(list((place / "fd").iterdir())))
