"""Every video that was made, as the gallery shows it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec import Struct

from sidecar import protocol, trash
from sidecar.jobs import Job, Resolved, resolved
from sidecar.store import Video
from sidecar.workspace import Workspace
from wan_core.errors import BadRequest


class Entry(Struct, frozen=True, kw_only=True):
    """A video on the wire."""

    job: str
    output: str
    request: Resolved
    created: str
    elapsed_s: float | None
    seconds: dict[str, float] | None
    favourite: bool
    missing: bool  # its file is gone


class Page(Struct, frozen=True, kw_only=True):
    """Some of the videos that were asked for."""

    entries: list[Entry]
    more: bool
    count: int  # on all pages
    made_with: list[str]  # the models of all videos


class Gallery:
    """Used by the owner thread alone; what it gives to be called may be called in any."""

    def __init__(self, workspace: Workspace) -> None:
        self._home = workspace.home
        self._store = workspace.store

    def page(self, wish: protocol.Gallery, before: Job | None) -> Callable[[], Page]:
        """What tells the page, which looks at every file on it."""
        videos = self._store.videos(wish, before.number if before else None)
        count, made_with = self._store.count_videos(wish), self._store.video_models()

        def look() -> Page:
            entries = [_entry(video) for video in videos[: wish.limit]]
            return Page(entries=entries, more=len(videos) > wish.limit, count=count, made_with=made_with)

        return look

    def mark(self, job: Job, on: bool) -> None:
        """Make a video a favourite, or none any more."""
        _path(job)
        self._store.set_favourite(job.id, on)

    def leaving(self, job: Job) -> Callable[[], None]:
        """What moves the file of a video into the trash, unless it belongs to another one, too."""
        path = _path(job)
        return (lambda: None) if self._store.is_shared(job) else partial(trash.put, self._home, job.id, path)

    def gone(self, job: Job) -> None:
        """It has left."""
        self._store.throw_away(job.id)

    def returning(self, job: Job) -> Callable[[], Path]:
        """What moves the file of a video out of the trash again, and tells where to."""
        return partial(trash.take, self._home, job.id, _path(job))

    def back(self, job: Job, place: Path) -> Callable[[], Entry]:
        """It is there again; what tells its entry."""
        self._store.take_back(job, str(place))
        video = self._store.video(job.id)
        assert video is not None
        return partial(_entry, video)


def _path(job: Job) -> Path:
    if job.state != "done" or job.path is None:
        raise BadRequest(
            "This job has made no video.", "Wait until it is done.", "$.job", case="nothing_made"
        )
    return Path(job.path)


def _entry(video: Video) -> Entry:
    job = video.job
    return Entry(
        job=job.id,
        output=job.output or "",
        request=resolved(job.request),
        created=job.created,
        elapsed_s=None if job.elapsed is None else round(job.elapsed, 1),
        seconds=job.seconds,
        favourite=video.favourite,
        missing=not os.path.isfile(job.path or ""),
    )
