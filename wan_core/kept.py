"""Where a run has come to, on disk: another process, or another try, goes on from there."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from wan_core.partial import cannot_write
from wan_core.sampling.solvers import SamplerState, load_state, save_state

log = logging.getLogger(__name__)

APART = 20.0  # seconds between two savings before the last step; a full-size state takes a part of one


class Kept:
    """The state of one run in the file `path`; `origin` is everything that its numbers depend on."""

    def __init__(self, path: Path, origin: str) -> None:
        self._path, self._origin, self._when = path, origin, time.monotonic()

    def find(self) -> SamplerState | None:
        """The state that an earlier try of the same run came to, on the CPU; None where there is none."""
        try:
            return load_state(self._path, self._origin)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as problem:
            log.warning("What an earlier try had made cannot be gone on with: %s", problem)
            return None

    def passing(self, state: SamplerState) -> None:
        """A step is done. It is saved if the last saving was a while ago; the run goes on without, too."""
        if time.monotonic() - self._when < APART:
            return
        try:
            save_state(self._path, state, self._origin)
        except OSError as problem:
            log.warning("The steps done so far could not be saved: %s", problem)
        self._when = time.monotonic()

    def finished(self, state: SamplerState) -> None:
        """All steps are done. Raises DiskFull or OutputDenied where that cannot be written down."""
        try:
            save_state(self._path, state, self._origin)
        except OSError as problem:
            raise cannot_write(self._path, problem) from problem
