"""Gives the engine one job after the other, and decides what becomes of a job whose engine fails."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from sidecar.engine_reader import Gone, Heard
from sidecar.eta import Estimate, effort
from sidecar.failures import Failure, failure
from sidecar.folders import new_video, writable
from sidecar.job_queue import AGAIN, ATTEMPTS, SET_ASIDE, JobQueue
from sidecar.jobs import OVER, Job, State
from sidecar.messages import Failed, Generate, Made, Ready, Stepped, Stopped
from sidecar.store import Effort, Pace
from sidecar.supervisor import Supervisor
from sidecar.workspace import Workspace
from wan_core.errors import WanError
from wan_core.events import Finished, Progress

_CLOSED = Failure("CANCELLED", "Artifex was closed while this was being made.", AGAIN, case="artifex_closed")


class Dispatcher:
    """Stands between the job_queue and the engine. Used by the owner thread alone."""

    def __init__(self, workspace: Workspace, job_queue: JobQueue, supervisor: Supervisor) -> None:
        self._workspace = workspace
        self._job_queue = job_queue
        self._supervisor = supervisor
        self._job: Job | None = None  # whose turn it is
        self._sent = False  # whether the engine has it
        self._cancelling = False
        self._warmed = False
        self._estimate: Estimate | None = None

    def cancel(self, job: Job) -> None:
        """Stop a job, or keep it from starting; one that is over stays as it is."""
        if job is self._job and self._sent:
            self._cancelling = True
            self._supervisor.cancel()
        elif job.state not in OVER:
            self._end(job, "cancelled")

    def next(self) -> None:
        """Give the engine something to do, if there is something and the engine can take it."""
        if self._job is None:
            self._job = self._job_queue.waiting()
            if self._job is None:
                return
            self._sent = self._cancelling = False
            paces = self._workspace.store.paces(self._job.request.model)
            self._estimate = Estimate(self._effort(self._job), paces, time.monotonic())
            self._job_queue.begin(self._job)
        if self._sent:
            return
        if self._supervisor.hopeless:
            self._end(self._job, "failed", self._supervisor.pardon())
        elif self._supervisor.ready:
            self._send(self._job)
        else:
            self._supervisor.wake()

    def hear(self, heard: Heard) -> None:
        """Act on what the engine said."""
        message, job = self._supervisor.hear(heard), self._job
        match message:
            case Ready():
                self.next()
                self._warm()
            case Stepped(job=id, progress=progress, preview=preview) if job and job.id == id:
                job.preview = preview
                self._step(job, progress)
            case Made(job=id, finished=finished) if job and job.id == id:
                self._made(job, finished)
            case Stopped(job=id) if job and job.id == id:
                self._end(job, "cancelled")
            case Failed(job=id, why=why) if job and job.id == id:
                self._end(job, "failed", why)

    def lose(self, gone: Gone) -> None:
        """Act on the engine's end."""
        self._lost(self._supervisor.lose(gone))

    def tick(self) -> None:
        """Do what is due."""
        self._lost(self._supervisor.tick())
        self.next()

    def leave(self) -> None:
        """End the engine. What was being made waits for the next start, and is not blamed for this end."""
        self._supervisor.kill()
        if self._job is not None:
            if self._sent:
                self._job.attempts -= 1
            self._job_queue.interrupt(self._job, _CLOSED, told=False)

    def _lost(self, why: Failure | None) -> None:
        """If the engine ended, `why`: decide what becomes of the job it had."""
        job = self._job
        if why is None or job is None or not self._sent:
            return
        if self._cancelling:
            self._end(job, "cancelled")
        elif job.attempts >= ATTEMPTS:
            twice = f"{why.message} It was the second time."
            values = {**why.values, "times": job.attempts}
            self._end(job, "failed", replace(why, message=twice, hint=why.hint or SET_ASIDE, values=values))
        else:
            self._job = None
            self._job_queue.interrupt(job, replace(why, hint=AGAIN))

    def _send(self, job: Job) -> None:
        try:
            model = self._workspace.models.find(job.request.model)
            image = self._workspace.library.find(job.request.image)[1] if job.request.image else None
            path = job.path or job.out or self._named(job)
            work = self._job_queue.attempt(job, path)
        except (WanError, OSError) as problem:
            self._end(job, "failed", failure(problem))
            return
        order = Generate(
            job=job.id,
            request=job.request,
            checkpoint=str(model.path),
            image=str(image) if image else None,
            out=path,
            work=str(work),
            vram=self._workspace.vram(),
        )
        self._sent = True
        self._supervisor.generate(order)

    def _effort(self, job: Job) -> Effort | None:
        try:
            checkpoint = self._workspace.models.find(job.request.model).checkpoint
        except WanError:  # the model is gone: the job will say so when its turn comes
            return None
        return effort(job.request, checkpoint) if checkpoint else None

    def _named(self, job: Job) -> str:
        folder = writable(self._workspace.videos())
        return str(new_video(folder, job.request.prompt, job.request.seed, datetime.now()))

    def _warm(self) -> None:
        """Once, and if nobody waits: have the shipped model loaded ahead."""
        if self._job is None and not self._warmed:
            self._warmed = True
            shipped = self._workspace.models.shipped()
            if shipped is not None:
                self._supervisor.warm(str(shipped.path), self._workspace.vram())

    def _step(self, job: Job, progress: Progress) -> None:
        if self._estimate is not None:
            now = time.monotonic()
            self._estimate.see(progress, now)
            job.phase, job.step, job.steps = progress.phase, progress.step, progress.steps
            job.eta, job.elapsed = self._estimate.left(now), self._estimate.elapsed(now)
            self._job_queue.tell(job)

    def _made(self, job: Job, finished: Finished) -> None:
        if self._estimate is not None:
            now = time.monotonic()
            job.seconds, job.elapsed = self._estimate.seconds(now), self._estimate.elapsed(now)
        job.path = finished.path
        job.output = self._workspace.library.add_video(finished.path, finished.width, finished.height, job.id)
        if job.seconds and not finished.earlier and self._estimate and self._estimate.effort:
            pace = Pace(self._estimate.effort, job.seconds)
            with suppress(sqlite3.Error):  # a full disk; the next video will tell as well
                self._workspace.store.add_pace(job.request.model, pace)
        self._end(job, "done")

    def _end(self, job: Job, state: State, failure: Failure | None = None) -> None:
        if job is self._job:
            self._job = None
        self._job_queue.end(job, state, failure)
