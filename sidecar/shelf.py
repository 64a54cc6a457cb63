"""Where the models are that are here, and which of them may go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from sidecar.downloads import Downloads
from sidecar.job_queue import JobQueue
from sidecar.models import Entry
from sidecar.parcel import Parcel
from sidecar.workspace import Workspace
from wan_core.errors import BadRequest

Origin = Literal["shipped", "downloaded", "added", "configured"]


class Place(Struct, frozen=True, kw_only=True):
    """Where a model is, and how it came there."""

    model: str
    path: str
    bytes: int | None  # None: it cannot be used, so nobody knows which files are its own
    origin: Origin


class Leaving(Struct, frozen=True):
    """A model that may go; `parcel`, where its files go with it."""

    entry: Entry
    parcel: Parcel | None

    def delete(self) -> None:
        """Delete the files that go with it; in any thread."""
        if self.parcel is not None:
            self.parcel.remove()


class Shelf:
    """Used by the owner thread alone."""

    def __init__(self, workspace: Workspace, job_queue: JobQueue, downloads: Downloads) -> None:
        self._workspace = workspace
        self._job_queue = job_queue
        self._downloads = downloads

    def places(self) -> Callable[[], list[Place]]:
        """What tells where each model is; to be asked in any thread, for it looks at every file."""
        entries = self._workspace.models.entries()
        origins = [self._origin(entry) for entry in entries]

        def look() -> list[Place]:
            return [
                Place(model=entry.model.id, path=str(entry.path), bytes=_size(entry), origin=origin)
                for entry, origin in zip(entries, origins, strict=True)
            ]

        return look

    def leaving(self, model: str, *, files: bool) -> Leaving:
        """The model of that id as one that may go, with its files or without; a BadRequest if it may not."""
        entry = self._workspace.models.listed(model, "$.model")
        name, parcel = entry.model.name, self._downloads.of(entry.path)
        if entry.model.shipped:
            raise BadRequest(
                f"{name} belongs to Artifex and stays.",
                "Others can be removed.",
                "$.model",
                case="model_shipped",
                name=name,
            )
        if str(entry.path) not in self._workspace.store.models():
            raise BadRequest(
                f"{name} is listed because ARTIFEX_MODELS names its folder.",
                "Take the folder out of ARTIFEX_MODELS, then start Artifex again.",
                "$.model",
                case="model_configured",
                name=name,
            )
        if self._job_queue.wants(model) or self._downloads.about(entry.path):
            raise BadRequest(
                f"{name} is in use.",
                "Wait for what is made with it, or cancel that first.",
                "$.model",
                case="model_in_use",
                name=name,
            )
        if files and parcel is None:
            raise BadRequest(
                f"The files of {name} were not downloaded by Artifex, so it does not delete them.",
                "Remove it from the list alone, and delete its folder yourself.",
                "$.files",
                case="model_not_ours",
                name=name,
            )
        return Leaving(entry, parcel if files else None)

    def forget(self, leaving: Leaving) -> None:
        """List it no more; of files that are gone, nothing is remembered either."""
        if leaving.parcel is not None:
            self._downloads.forget(leaving.parcel)
        else:
            self._workspace.store.forget_model(str(leaving.entry.path))

    def _origin(self, entry: Entry) -> Origin:
        if entry.model.shipped:
            return "shipped"
        if self._downloads.of(entry.path) is not None:
            return "downloaded"
        return "added" if str(entry.path) in self._workspace.store.models() else "configured"


def _size(entry: Entry) -> int | None:
    try:
        return None if entry.checkpoint is None else entry.checkpoint.size()
    except OSError:  # a drive may be unplugged
        return None
