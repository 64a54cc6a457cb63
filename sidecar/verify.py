"""Hashes a downloaded model again, to the last byte."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sidecar.errand import PIECE, Errand, Told
from sidecar.parcel import File, Parcel


class Verify(Errand):
    """Ends with the files that are not what was downloaded, or not there."""

    def __init__(self, parcel: Parcel, tell: Callable[[Told], None]) -> None:
        super().__init__("verify", tell)
        self._parcel = msgspec.structs.replace(parcel)
        self._whole = parcel.whole

    def run(self) -> tuple[str, ...]:
        return tuple(file.path for file in self._parcel.files if not self._right(file))

    def _right(self, file: File) -> bool:
        self._now("checking", file.path)
        digest = file.digest()
        self._path = self._parcel.places(file)[0]
        try:
            with self._path.open("rb") as stream:
                while piece := stream.read(PIECE):
                    self._go_on()
                    digest.update(piece)
                    self._moved(len(piece))
        except FileNotFoundError:
            return False
        return digest.hexdigest() == file.hash
