"""The models a person can choose: the one that ships, those in their folders, those they added."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from sidecar.failures import Failure, failure
from sidecar.folders import SHIPPED_MODEL, last_change, slug
from wan_core.checkpoint import Checkpoint, inspect
from wan_core.errors import BadRequest, ModelCorrupt, ModelMissing, WanError
from wan_core.shapes import Stride
from wan_core.variants import TI2V_5B, Defaults, Kind, Variant

State = Literal["ready", "missing", "broken"]


class Model(Struct, frozen=True, kw_only=True):
    """A model on the wire: what a form needs to offer it."""

    id: str
    name: str
    kind: Kind
    shipped: bool
    state: State
    note: dict[str, str]  # by language: what its makers say of it
    trouble: Failure | None  # why it cannot be used
    defaults: Defaults
    multiple: int  # pixels: the step of width and height
    sizes: tuple[tuple[int, int], ...]
    max_frames: int
    min_side: int
    max_side: int
    images: bool


class Entry(Struct, frozen=True):
    """A model, where it is and what it is; where it cannot be used, `why`, and a variant to show."""

    model: Model
    path: Path
    variant: Variant
    why: WanError | None = None  # it cannot be used
    checkpoint: Checkpoint | None = None  # absent where it cannot be used


class Models:
    """The list. Looked at anew each time, but a folder is read again only when it has changed."""

    def __init__(
        self,
        added: Callable[[], list[str]],
        *,
        shipped: Path = SHIPPED_MODEL,
        look: Callable[[Path], Checkpoint] = inspect,
    ) -> None:
        self._added = added
        self._shipped = shipped
        self._look = look
        self._also: list[Path] = []
        self._seen: dict[Path, tuple[float, Entry]] = {}

    def entries(self) -> list[Entry]:
        """Every model, the shipped one first."""
        folders = [self._shipped, *_configured(), *map(Path, self._added()), *self._also]
        return [self._entry(folder) for folder in dict.fromkeys(folders)]

    def faces(self) -> list[Model]:
        """Every model as the wire shows it."""
        return [entry.model for entry in self.entries()]

    def find(self, id: str | None) -> Entry:
        """The model of that id, or the shipped one; a `WanError` if it cannot be used."""
        found = self.listed(id)
        if found.why is not None:
            found.why.field = "$.request.model"
            raise found.why
        return found

    def listed(self, id: str | None, field: str = "$.request.model") -> Entry:
        """The model of that id, or the shipped one, whether it can be used or not."""
        entries = self.entries()
        found = next((entry for entry in entries if id is None or entry.model.id == id), None)
        if found is None:
            known = ", ".join(entry.model.id for entry in entries)
            raise BadRequest(
                f"There is no model {id!r}.",
                f"Choose one of: {known}.",
                field,
                case="unknown_model",
                model=id or "",
                known=known,
            )
        return found

    def also(self, folder: Path) -> Entry:
        """Put `folder` on the list for as long as this process lives."""
        entry = self.recognise(folder)
        self._also.append(folder)
        return entry

    def shipped(self) -> Entry | None:
        """The model that ships with the app, if it can be used."""
        entry = self._entry(self._shipped)
        return entry if entry.why is None else None

    def recognise(self, folder: Path) -> Entry:
        """The model in `folder`, which need not be in the list; a `WanError` if it is none."""
        entry = self.at(folder)
        if entry.why is not None:
            raise entry.why
        return entry

    def at(self, folder: Path) -> Entry:
        """What is in `folder`, whether it can be used or not."""
        return self._entry(folder)

    def _entry(self, folder: Path) -> Entry:
        changed = last_change(folder)
        seen = self._seen.get(folder)
        if seen is not None and seen[0] == changed:
            return seen[1]
        entry = self._read(folder)
        if entry.why is None:  # what cannot be used is read anew each time, and there may be no end of it
            self._seen[folder] = changed, entry
        return entry

    def _read(self, folder: Path) -> Entry:
        shipped = folder == self._shipped
        id = folder.name if shipped else _id(folder)
        try:
            checkpoint = self._look(folder)
        except WanError as why:
            state: State = "broken" if isinstance(why, ModelCorrupt) else "missing"
            return _unusable(id, folder, shipped, state, why)
        except OSError as problem:
            denied = ModelMissing(
                f"{folder} cannot be read: {problem.strerror or problem}.",
                "Allow reading it.",
                case="model_folder_denied",
                folder=folder.name,
            )
            return _unusable(id, folder, shipped, "missing", denied)
        variant = checkpoint.variant
        model = _face(id, checkpoint.name, variant, shipped, "ready", note=checkpoint.note)
        return Entry(model, folder, variant, checkpoint=checkpoint)


def _unusable(id: str, folder: Path, shipped: bool, state: State, why: WanError) -> Entry:
    model = _face(id, folder.name, TI2V_5B, shipped, state, trouble=failure(why))
    return Entry(model, folder, TI2V_5B, why)


def _face(
    id: str,
    name: str,
    variant: Variant,
    shipped: bool,
    state: State,
    *,
    note: dict[str, str] | None = None,
    trouble: Failure | None = None,
) -> Model:
    stride: Stride = variant.stride
    return Model(
        id=id,
        name=name,
        kind=variant.kind,
        shipped=shipped,
        state=state,
        note=note or {},
        trouble=trouble,
        defaults=variant.defaults,
        multiple=stride.multiple,
        sizes=variant.sizes,
        max_frames=variant.max_frames,
        min_side=variant.min_side,
        max_side=variant.max_side,
        images=variant.images,
    )


def _id(folder: Path) -> str:
    short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:6]
    return f"{slug(folder.name)}-{short}"


def _configured() -> Iterator[Path]:
    """Models in the folders of `ARTIFEX_MODELS`: a folder itself, or what lies directly in it."""
    for text in filter(None, os.environ.get("ARTIFEX_MODELS", "").split(os.pathsep)):
        folder = Path(text).absolute()
        try:
            found = [folder] if _holds_model(folder) else sorted(filter(_holds_model, folder.iterdir()))
        except OSError:
            found = [folder]  # listed with the reason: a drive may be unplugged, or reading not allowed
        yield from filter(_is_text, found)


def _is_text(folder: Path) -> bool:
    """Whether the wire can carry the folder's name."""
    return str(folder).encode("utf-8", "replace").decode() == str(folder)


def _holds_model(folder: Path) -> bool:
    """One that can be used, or one that is known and said to be of no use yet."""
    files = ("config.json", "model_index.json")
    return any((folder / name).is_file() for name in files) or (folder / "high_noise_model").is_dir()
