"""From a wish to a job: nothing is queued that cannot be made."""

from __future__ import annotations

import re
import secrets

from msgspec.structs import replace

from sidecar import jobs
from sidecar.folders import checked_output, writable
from sidecar.jobs import Job
from sidecar.paths import checked
from sidecar.store import Media
from sidecar.workspace import Workspace
from wan_core.errors import BadRequest
from wan_core.request import DRAWN_BELOW, MAX_SEED, VideoRequest, resolve

_STORED = re.compile(r"[0-9a-f]{64}")  # the id of a stored picture


def is_stored(image: str) -> bool:
    """Whether a request's image is the id of a stored picture; otherwise it is a path."""
    return _STORED.fullmatch(image) is not None


def variation(job: Job, number: int) -> Job:
    """The same with a seed that is `number` higher, named by us; `BadRequest` where there is no such seed."""
    seed = job.request.seed + number
    if seed > MAX_SEED:
        raise BadRequest(
            f"From this seed on there are not so many: the last seed is {MAX_SEED}.",
            "Choose a smaller seed, or leave it out.",
            "$.request.seed",
            case="seed_last",
            high=str(MAX_SEED),
        )
    return jobs.new(replace(job.request, seed=seed), None)


def accept(workspace: Workspace, request: VideoRequest, image: Media | None) -> Job:
    """The job of a request, with everything decided, or a `WanError` that says what stands in the way."""
    workspace.still_there()
    entry = workspace.models.find(request.model)
    request_made = resolve(
        request,
        entry.variant,
        model=entry.model.id,
        image=image.id if image else None,
        image_size=(image.width, image.height) if image else None,
        drawn_seed=secrets.randbelow(DRAWN_BELOW),
    )
    if request.out is None:
        writable(workspace.videos())
        return jobs.new(request_made, None)
    return jobs.new(request_made, str(checked_output(checked(request.out, "$.request.out"))))
