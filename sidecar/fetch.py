"""Fetches what is missing of a parcel, one file after the other; nothing that has come is fetched twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TypeVar

import msgspec

from sidecar import machine
from sidecar.catalog import find
from sidecar.errand import PIECE, Doing, Errand, Listed, Stopped, Told
from sidecar.failures import Failure
from sidecar.hub import Cut, Hub, Refused
from sidecar.parcel import File, Parcel
from wan_core.checkpoint import inspect
from wan_core.errors import DiskFull
from wan_core.plan import GIB

TRIES = 6  # that bring nothing, one after the other, until the download pauses
BACK_OFF = 1.0  # seconds before the second try; each time twice as long
RESERVE = 2 * GIB  # bytes that stay free: videos are made meanwhile

Found = TypeVar("Found")


class Fetch(Errand):
    """One stretch of a download, from its start or a pause to the next pause or its end."""

    def __init__(self, parcel: Parcel, tell: Callable[[Told], None], before: Errand | None) -> None:
        """`before` had its hands on the same files: it is waited for."""
        super().__init__("download", tell)
        self._parcel = msgspec.structs.replace(parcel)  # the owner's own may change
        self._hub = Hub(parcel.hub)
        self._offer = find(parcel.offer)
        self._before = before

    def stop(self) -> None:
        super().stop()
        self._hub.hang_up()

    def run(self) -> tuple[str, ...]:
        if self._before is not None:
            self._before.join()
        self._go_on()
        parcel = self._parcel
        self._path = parcel.root / "."
        if parcel.commit is None:
            self._now("asking")
            parcel.commit = self._patiently("asking", None, lambda: self._hub.commit(self._offer))
            commit = parcel.commit
            parcel.files = self._patiently("asking", None, lambda: self._hub.files(self._offer, commit))
        self._path.mkdir(parents=True, exist_ok=True)
        for file in parcel.files:
            if file.wrong:
                parcel.places(file)[0].unlink(missing_ok=True)
        parcel.files = tuple(msgspec.structs.replace(file, wrong=False) for file in parcel.files)
        self._tell(Listed(parcel.commit, parcel.files))
        self._whole, self._bytes = parcel.whole, parcel.here()
        self._room()
        for file in parcel.files:
            self._fetch(file, parcel.commit)
        inspect(parcel.root)
        return ()

    def _room(self) -> None:
        left = (self._whole or 0) - self._bytes
        free = machine.disk_free(self._parcel.root)
        if left and free is not None and free < left + RESERVE:
            needed, there = round((left + RESERVE) / GIB, 1), round(free / GIB, 1)
            raise DiskFull(
                f"The download needs {needed} GiB of free space; {there} GiB are free there.",
                "Free some space and resume, or cancel and choose a folder on another drive.",
                case="download_room",
                needed=needed,
                free=there,
            )

    def _fetch(self, file: File, commit: str) -> None:
        whole, part = self._parcel.places(file)
        if whole.is_file() and not whole.is_symlink() and whole.stat().st_size == file.size:
            return  # it has that name only since it was found to be right
        self._path = whole
        whole.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(2):
            with _Part(part, file) as coming:
                self._take_in(coming)
                while coming.size < file.size:
                    self._patiently("fetching", file.path, partial(self._receive, coming, commit))
                coming.sync()
            if coming.right:
                os.replace(part, whole)
                _sync(whole.parent)
                return
            part.unlink()
            self._moved(-file.size)
        raise _wrong(file)

    def _take_in(self, coming: _Part) -> None:
        """Hash what is there already."""
        if coming.size:
            self._now("checking", coming.file.path)
        if coming.size > coming.file.size:
            self._moved(-coming.file.size)
            coming.begin_anew()
        for _ in coming.there():
            self._go_on()
        self._now("fetching", coming.file.path)

    def _receive(self, coming: _Part, commit: str) -> None:
        """What one connection brings."""
        file = coming.file
        body = self._hub.open(self._offer, commit, file.path, coming.size)
        other = body.size not in (None, file.size)
        if other and not coming.size:
            body.close()
            raise _wrong(file)
        if coming.size and (body.start == 0 or other or coming.etag not in (None, body.etag)):
            self._moved(-coming.size)
            coming.begin_anew()
        if body.start != coming.size:
            body.close()
            raise Cut("The file changed on the other side.")
        coming.etag = body.etag
        for piece in body.pieces():
            self._go_on()
            taken = coming.write(piece)
            self._fetched += taken
            self._moved(taken)
            if coming.size == file.size:
                return body.close()
        raise Cut("The connection broke.")

    def _patiently(self, doing: Doing, file: str | None, work: Callable[[], Found]) -> Found:
        """Do `work`, once more where the connection breaks, for as long as something comes of it."""
        tries, best = 0, self._bytes
        while True:
            try:
                return work()
            except Cut as cut:
                self._go_on()
                tries = 1 if self._bytes > best else tries + 1
                best = max(best, self._bytes)
                why = _unreachable(self._parcel.hub, str(cut))
                if tries > TRIES:
                    raise why from cut
                self._now("waiting", file, Failure(why.code, why.reason, "", why.case, why.values))
                if self._over.wait(max(cut.wait or 0.0, BACK_OFF * 2 ** (tries - 1))):
                    raise Stopped from None
                self._now(doing, file)


class _Part:
    """A file on its way: its bytes so far, and their hash."""

    def __init__(self, path: Path, file: File) -> None:
        if path.is_symlink():
            path.unlink()
        self._path = path
        self._stream = FileIO(path, "ab+")
        self._digest = file.digest()
        self.file = file
        self.size = path.stat().st_size
        self.etag: str | None = None  # of the connection before

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    @property
    def right(self) -> bool:
        """Whether these are the bytes that were promised."""
        return self._digest.hexdigest() == self.file.hash

    def there(self) -> Iterator[None]:
        """Hash what came earlier, a piece at a time."""
        self._stream.seek(0)
        while piece := self._stream.read(PIECE):
            self._digest.update(piece)
            yield

    def begin_anew(self) -> None:
        """Forget what has come."""
        self._stream.truncate(0)
        self._digest, self.size, self.etag = self.file.digest(), 0, None

    def write(self, piece: bytes) -> int:
        """Append what of `piece` the file has room for."""
        rest = memoryview(piece)[: self.file.size - self.size]
        taken = len(rest)
        self._digest.update(rest)
        while rest:
            rest = rest[self._stream.write(rest) :]
        self.size += taken
        return taken

    def sync(self) -> None:
        """Have it outlive a power cut."""
        os.fsync(self._stream.fileno())


def _sync(folder: Path) -> None:
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _wrong(file: File) -> Refused:
    return Refused(
        f"{file.path} came with other bytes than the hub says it has, and once more.",
        "Resume to try again, or cancel and try another mirror.",
        case="download_wrong",
        file=file.path,
    )


def _unreachable(hub: str, said: str) -> Refused:
    host = hub.split("//")[-1]
    return Refused(
        f"{host} cannot be reached ({said}).",
        "Check the connection and resume: what has come is kept. Or cancel and try a mirror.",
        case="hub_unreachable",
        host=host,
        said=said,
    )
