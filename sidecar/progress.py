"""Job news as lines: numbered, at most ten a second, no change of state ever dropped."""

from __future__ import annotations

import time
from typing import Protocol

from sidecar.jobs import OVER, Job, News, State, news

_APART = 0.1  # seconds between two lines of mere progress


class Listener(Protocol):
    """Where news goes: the wire, or a person at a terminal."""

    def news(self, line: News) -> None:
        """A job has something new to say."""

    def saved(self, path: str) -> None:
        """A video is complete under its final name. Comes directly after its job's `done`."""


class ProgressLines:
    """Tells a listener about jobs. What comes faster than it may be told is merged: the newest counts."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._told: dict[str, State] = {}  # of jobs that are not over
        self._waiting: Job | None = None
        self._next = 0.0  # when a line of mere progress may be told again
        self.seq = 0

    def tell(self, job: Job) -> None:
        """Tell now if the state is new; otherwise when it is time."""
        if self._told.get(job.id) == job.state:
            self._waiting = job
            self.tick()
            return
        if self._waiting is job:
            self._waiting = None
        self._told[job.id] = job.state
        self._say(job)
        if job.state in OVER:
            del self._told[job.id]
        if job.state == "done" and job.path:
            self._listener.saved(job.path)

    def place(self, job: Job) -> None:
        """Tell now where a job stands, which no later line of progress may replace."""
        self._say(job)

    def renew(self, job: Job) -> None:
        """Tell that more of a job is new than news carries: the number left out asks for a snapshot."""
        self.seq += 1
        self._told[job.id] = job.state
        self._say(job)

    def deadline(self) -> float | None:
        """When `tick` has something to tell, on the monotonic clock."""
        return self._next if self._waiting else None

    def tick(self) -> None:
        """Tell the newest of what had to wait, if it is time."""
        if self._waiting and time.monotonic() >= self._next:
            job, self._waiting = self._waiting, None
            self._say(job)

    def _say(self, job: Job) -> None:
        self._next = time.monotonic() + _APART
        self.seq += 1
        self._listener.news(news(job, self.seq))
