"""Every job: written down on each change of state, then told."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from sidecar import previews
from sidecar.failures import Failure
from sidecar.folders import Home
from sidecar.jobs import WAITING, Job, State
from sidecar.progress import ProgressLines
from sidecar.store import Store
from wan_core.partial import partial
from wan_core.request import ResolvedRequest

log = logging.getLogger(__name__)

ATTEMPTS = 2  # a job that ends this many engines is set aside
_REMEMBERED = 50  # newest jobs: a failed one among them can go on from where it came to
_PAUSED, _YES = "paused", "yes"  # a setting
AGAIN = "It is tried once more."
SET_ASIDE = "Try a smaller size or fewer frames; the log says more."
_ENDED = Failure("ENGINE_CRASHED", "Artifex ended while this was being made.", AGAIN, case="artifex_ended")
_ENDED_TWICE = Failure(
    "ENGINE_CRASHED",
    "Artifex ended twice while this was being made.",
    SET_ASIDE,
    case="artifex_ended_twice",
)


class JobQueue:
    """The jobs. Used by the owner thread alone."""

    def __init__(self, home: Home, store: Store, progress_lines: ProgressLines) -> None:
        self._home = home
        self._store = store
        self._progress = progress_lines
        self._open: list[Job] = []  # not over
        self._unsaved: dict[str, Job] = {}  # what became of them could not be written down yet
        self.paused = False  # nothing new begins

    def recover(self) -> None:
        """Take over what an earlier process left: what waited waits, what was running is tried once more.

        A pause goes on. Who takes nothing over is not held up by it.
        """
        self.paused = self._store.setting(_PAUSED) == _YES
        for job in self._store.unfinished_jobs():
            if job.state == "running":
                twice = job.attempts >= ATTEMPTS
                job.failure = _ENDED_TWICE if twice else _ENDED
                job.state = "failed" if twice else "interrupted"
                self._save(job)
                self._sweep(job)
            if job.state in WAITING:
                self._open.append(job)
        self._forget()

    def newest(self, count: int) -> list[Job]:
        """The newest jobs and all that are not over, newest last, as they are now."""
        written = {job.id: job for job in self._store.last_jobs(count)}
        now = {**written, **self._unsaved, **{job.id: job for job in self._open}}
        return sorted(now.values(), key=lambda job: job.number)

    def find(self, id: str) -> Job | None:
        """The job of that id."""
        waiting = next((job for job in self._open if job.id == id), None)
        return waiting or self._unsaved.get(id) or self._store.job(id)

    def waiting(self) -> Job | None:
        """The job whose turn it is; None while the queue is paused."""
        waiting = (job for job in self._open if job.state in WAITING)
        return None if self.paused else min(waiting, key=_place, default=None)

    def pause(self, paused: bool) -> None:
        """Begin nothing new, after the next start neither; or go on."""
        self._store.set(_PAUSED, _YES if paused else "no")
        self.paused = paused

    def wants(self, model: str) -> bool:
        """Whether a job that is not over is made with that model."""
        return any(job.request.model == model for job in self._open)

    def add(self, *jobs: Job) -> None:
        """Queue jobs, not told yet. If they cannot be written down, sqlite3.Error, and nothing is queued."""
        self._store.add_jobs(*jobs)
        self._open += jobs

    def again(self, job: Job) -> None:
        """A job that is over waits once more, as if never tried, but for what its work folder has."""
        job.state, job.failure, job.path, job.attempts = "queued", None, None, 0
        job.phase = job.step = job.steps = job.eta = job.elapsed = None
        self._open.append(job)
        self._save(job)

    def move(self, job: Job, before: Job | None) -> None:
        """A waiting job goes before another one, or to the end."""
        order = sorted((one for one in self._open if one is not job), key=_place)
        at = order.index(before) if before else len(order)
        low = order[at - 1].rank if at else None
        if before is None:
            job.rank = self._store.next_rank()
        elif low is None:
            job.rank = before.rank - 1
        elif low < (middle := (low + before.rank) / 2) < before.rank:
            job.rank = middle
        else:
            return self._renumber([*order[:at], job, *order[at:]])
        self._save(job)
        self._progress.place(job)

    def edit(self, job: Job, request: ResolvedRequest, out: str | None) -> None:
        """A waiting job becomes another one at the same place. What was made of it is thrown away."""
        job.request, job.out, job.path = request, out, None
        job.state, job.failure, job.attempts = "queued", None, 0
        job.phase = job.step = job.steps = job.elapsed = None
        shutil.rmtree(self._home.work / job.id, ignore_errors=True)
        self._save(job)
        self._progress.renew(job)

    def begin(self, job: Job) -> None:
        """It is this job's turn. Why an earlier try was interrupted is told until this one ends."""
        job.state, job.phase = "running", "load"
        job.step = job.steps = job.eta = job.elapsed = None
        self._save(job)
        self._progress.tell(job)

    def attempt(self, job: Job, path: str) -> Path:
        """An engine is about to get it: counted before the engine can die of it. Returns its work folder."""
        job.path = path
        job.attempts += 1
        self._save(job)
        work = self._home.work / job.id
        work.mkdir(parents=True, exist_ok=True)
        return work

    def tell(self, job: Job) -> None:
        """Tell how the job is now: that it waits, or progress, which need not outlive the process."""
        self._progress.tell(job)

    @property
    def seq(self) -> int:
        """The number of the last news told."""
        return self._progress.seq

    def end(self, job: Job, state: State, failure: Failure | None = None) -> None:
        """It is over."""
        job.state, job.failure = state, failure
        job.eta = job.preview = None
        self._open.remove(job)
        self._sweep(job)
        work = self._home.work / job.id
        if state == "failed":
            with suppress(OSError):
                work.rmdir()  # if nothing was made; else it can be gone on with
        else:
            shutil.rmtree(work, ignore_errors=True)
        self._save(job)
        self._progress.tell(job)

    def interrupt(self, job: Job, failure: Failure, *, told: bool = True) -> None:
        """It stopped through no wish of the person's, and waits for another try."""
        job.state, job.failure = "interrupted", failure
        job.eta = job.preview = None
        self._sweep(job)
        self._save(job)
        if told:
            self._progress.tell(job)

    def _save(self, job: Job) -> None:
        self._unsaved[job.id] = job
        try:
            for id, unsaved in list(self._unsaved.items()):
                self._store.save_job(unsaved)
                del self._unsaved[id]
        except sqlite3.Error:  # a full disk must not stop the queue; the next change of state tries again
            log.exception("Job %s is now %s, but that could not be written down", job.id, job.state)

    def _renumber(self, order: list[Job]) -> None:
        """Give all that wait whole ranks again, in this order."""
        waiting = [job for job in order if job.state in WAITING]
        for rank, job in enumerate(waiting, start=int(self._store.next_rank())):
            job.rank = float(rank)
            self._save(job)
            self._progress.place(job)

    def _forget(self) -> None:
        """Remove what nobody will go on with: of all jobs but those that wait, and the last that failed."""
        failed = [job.id for job in self._store.last_jobs(_REMEMBERED) if job.state == "failed"]
        wanted = {*failed, *(job.id for job in self._open)}
        for folder in self._home.work.iterdir():
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self, job: Job) -> None:
        """Remove the previews, and what an engine that was killed left half written."""
        previews.sweep(self._home.work / job.id)
        for leftover in partial(Path(job.path)) if job.path else ():
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def _place(job: Job) -> tuple[float, int]:
    return job.rank, job.number
