"""The one download, or verification, that goes on; and what is known of earlier ones."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sidecar.catalog import find
from sidecar.errand import Ended, Errand, Listed, Moved, Told
from sidecar.failures import Failure
from sidecar.fetch import Fetch
from sidecar.folders import writable
from sidecar.models import Entry, Models
from sidecar.parcel import Parcel
from sidecar.store import Store
from sidecar.verify import Verify
from wan_core.errors import BadRequest, OutputDenied

log = logging.getLogger(__name__)

What = Literal["download", "verify"]
State = Literal["asking", "checking", "fetching", "waiting", "paused", "done", "cancelled"]


class Download(Struct, frozen=True, kw_only=True):
    """It, as a window shows it. `n` grows with each that is told: what is heard late is known as old."""

    n: int
    what: What
    offer: str
    name: str
    path: str  # of the model's folder
    state: State
    file: str | None = None  # that is being fetched or hashed
    bytes: int = 0
    whole: int | None = None  # bytes of all files; None before the hub has said so
    speed: float | None = None  # bytes a second
    eta_s: float | None = None
    model: str | None = None  # the model's id, once it can be chosen
    trouble: Failure | None = None  # why it is paused, or what it waits out


class Downloads:
    """Used by the owner thread alone; `post` brings news of an errand back to that thread."""

    def __init__(
        self,
        store: Store,
        models: Models,
        post: Callable[[Callable[[], None]], None],
        say: Callable[[Download], None],
    ) -> None:
        """A download that an earlier process left is paused."""
        self._store = store
        self._models = models
        self._post = post
        self._say = say
        self._errand: Errand | None = None
        self._before: Errand | None = None  # it may still have its hands on the files
        self._parcel = next((parcel for parcel in store.parcels() if parcel.state == "open"), None)
        self.face = self._paused(self._parcel, 1) if self._parcel else None

    def begin(self, offer_id: str, folder: Path, hub: str) -> Download:
        """Fetch an offered model into a folder of its own in `folder`."""
        offer = find(offer_id)
        self._free()
        root = writable(folder, "$.folder") / offer.name
        known = self._known(root)
        if known is None and root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise OutputDenied(
                f"{root} is there already, and Artifex has not made it.",
                "Choose another folder; or, if it holds the model, add it as a folder.",
                "$.folder",
                case="download_taken",
                path=str(root),
            )
        parcel = known or Parcel(folder=str(root), offer=offer.id, hub=hub)
        parcel.hub = hub
        return self._fetch(parcel)

    def pause(self) -> Download:
        """Stop fetching; what has come is kept."""
        parcel = self._open()
        self._leave()
        return self._tell(self._paused(parcel, self._n))

    def resume(self) -> Download:
        """Go on where it stopped."""
        parcel = self._open()
        return self._fetch(parcel) if self._errand is None else self._told

    def cancel(self, *, keep: bool) -> Callable[[], None]:
        """Give it up; the answer is what is left to do of it, in another thread."""
        if self._parcel is None and self._errand is None:
            raise _nothing()
        before, parcel = self._errand or self._before, self._parcel
        self._leave()
        self._parcel = None
        if parcel is not None and keep:
            listed = parcel.folder in self._store.models()
            parcel.state, parcel.failure = ("done" if listed else "kept"), None
            self._store.save_parcel(parcel)
        elif parcel is not None:
            self.forget(parcel)
        self._tell(msgspec.structs.replace(self._told, n=self._n, state="cancelled", trouble=None))

        def remove() -> None:
            if parcel is None or keep:
                return
            if before is not None:
                before.join()
            parcel.remove()

        return remove

    def verify(self, entry: Entry) -> bool:
        """Begin to hash all of a model, if it was downloaded here; otherwise there is nothing to compare."""
        parcel = self.of(entry.path)
        if parcel is None:
            return False
        self._free()
        self._errand = errand = Verify(
            parcel, lambda told: self._post(lambda: self._hear(errand, parcel, told))
        )
        face = self._face(parcel, "verify", "checking", whole=parcel.whole, model=entry.model.id)
        self._tell(face)
        errand.start()
        return True

    def of(self, folder: Path) -> Parcel | None:
        """What is known of the download that made the model in `folder`."""
        parcel = self._known(folder)
        return parcel if parcel is not None and parcel.state == "done" else None

    def forget(self, parcel: Parcel) -> None:
        """Know nothing of it any more, and list no model in its folder."""
        self._store.forget_parcel(parcel.folder)
        self._store.forget_model(parcel.folder)

    def about(self, folder: Path) -> bool:
        """Whether what goes on is about the model in that folder."""
        return self.face is not None and self._going and self.face.path == str(folder)

    @property
    def _told(self) -> Download:
        assert self.face is not None
        return self.face

    @property
    def _n(self) -> int:
        return self.face.n + 1 if self.face else 1

    @property
    def _going(self) -> bool:
        return self._parcel is not None or self._errand is not None

    def _known(self, folder: Path) -> Parcel | None:
        return next((parcel for parcel in self._store.parcels() if parcel.folder == str(folder)), None)

    def _free(self) -> None:
        if self._going:
            raise BadRequest(
                f"{self._told.name} is not finished yet.",
                "Wait for it, or cancel it first.",
                case="download_busy",
                name=self._told.name,
            )

    def _open(self) -> Parcel:
        if self._parcel is None:
            raise _nothing()
        return self._parcel

    def _fetch(self, parcel: Parcel) -> Download:
        parcel.state, parcel.failure = "open", None
        self._store.save_parcel(parcel)
        self._parcel = parcel
        self._errand = errand = Fetch(
            parcel, lambda told: self._post(lambda: self._hear(errand, parcel, told)), self._before
        )
        log.info("Downloading %s to %s", parcel.offer, parcel.folder)
        errand.start()
        return self._tell(self._face(parcel, "download", "asking", bytes=parcel.here(), whole=parcel.whole))

    def _leave(self) -> None:
        if self._errand is not None:
            self._errand.stop()
            self._before, self._errand = self._errand, None

    def _hear(self, errand: Errand, parcel: Parcel, told: Told) -> None:
        if errand is not self._errand:  # it was stopped after it had said that
            return
        match told:
            case Listed(commit=commit, files=files):
                parcel.commit, parcel.files = commit, files
                self._save(parcel)
            case Moved():
                self._tell(self._moved(told))
            case Ended():
                self._before, self._errand = errand, None
                self._end(parcel, told)

    def _moved(self, moved: Moved) -> Download:
        left = None if moved.whole is None else moved.whole - moved.bytes
        return msgspec.structs.replace(
            self._told,
            n=self._n,
            state=moved.doing,
            file=moved.file,
            bytes=moved.bytes,
            whole=moved.whole,
            speed=moved.speed,
            eta_s=round(left / moved.speed, 1) if left is not None and moved.speed else None,
            trouble=moved.trouble,
        )

    def _end(self, parcel: Parcel, ended: Ended) -> None:
        fetched = self._told.what == "download"
        if ended.why is None and not ended.wrong:
            self._finish(parcel)
        elif fetched or ended.wrong:
            log.warning("The download of %s is paused: %s", parcel.offer, ended.why or ended.wrong)
            parcel.files = tuple(
                msgspec.structs.replace(file, wrong=file.path in ended.wrong) for file in parcel.files
            )
            parcel.state, parcel.failure = "open", ended.why or _damaged(ended.wrong)
            self._save(parcel)
            self._parcel = parcel
            self._tell(self._paused(parcel, self._n))
        else:
            self._tell(msgspec.structs.replace(self._told, n=self._n, state="cancelled", trouble=ended.why))

    def _finish(self, parcel: Parcel) -> None:
        parcel.state, parcel.failure = "done", None
        self._save(parcel, listed=True)
        self._parcel = None
        model = self._models.at(parcel.root).model.id
        log.info("%s is whole", parcel.folder)
        size = parcel.whole or 0
        self._tell(self._face(parcel, self._told.what, "done", bytes=size, whole=size, model=model))

    def _save(self, parcel: Parcel, *, listed: bool = False) -> None:
        try:
            self._store.save_parcel(parcel)
            if listed:
                self._store.add_model(parcel.folder)
        except sqlite3.Error:  # nobody asked just now whom it could be told; the files themselves are there
            log.exception("What became of %s could not be written down", parcel.folder)

    def _tell(self, face: Download) -> Download:
        self.face = face
        self._say(face)
        return face

    def _face(
        self,
        parcel: Parcel,
        what: What,
        state: State,
        *,
        bytes: int = 0,
        whole: int | None = None,
        model: str | None = None,
    ) -> Download:
        return Download(
            n=self._n,
            what=what,
            offer=parcel.offer,
            name=parcel.root.name,
            path=parcel.folder,
            state=state,
            bytes=bytes,
            whole=whole,
            model=model,
        )

    def _paused(self, parcel: Parcel, n: int) -> Download:
        return Download(
            n=n,
            what="download",
            offer=parcel.offer,
            name=parcel.root.name,
            path=parcel.folder,
            state="paused",
            bytes=parcel.here(),
            whole=parcel.whole,
            trouble=parcel.failure,
        )


def _damaged(wrong: tuple[str, ...]) -> Failure:
    more = f" So are {len(wrong) - 1} other files." if len(wrong) > 1 else ""
    return Failure(
        "MODEL_CORRUPT",
        f"{wrong[0]} is damaged.{more}",
        "Resume to fetch what is damaged once more; the rest stays.",
        case="download_damaged",
        values={"file": wrong[0], "count": len(wrong)},
    )


def _nothing() -> BadRequest:
    return BadRequest(
        "There is no download that goes on.",
        "Look at the list of models: it may be finished.",
        case="no_download",
    )
