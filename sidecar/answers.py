"""The wire: answers as they go out. Examples: tests/conversations."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from sidecar.doctor import Check
from sidecar.downloads import Download
from sidecar.gallery import Entry
from sidecar.jobs import Face, Resolved
from sidecar.library import Input
from sidecar.messages import Device
from sidecar.models import Model
from sidecar.protocol import Id, Preferences
from sidecar.restored import Restored
from sidecar.shelf import Place
from sidecar.verdict import Verdict
from wan_core.errors import Value


class _Answer(Struct, kw_only=True, tag_field="op"):
    id: Id


class Versions(Struct, frozen=True):
    """Of what speaks here."""

    artifex: str
    python: str
    msgspec: str


class HelloAnswer(_Answer, tag="hello"):
    """What is spoken here, and where things are."""

    protocol: int
    versions: Versions
    capabilities: tuple[str, ...]
    data_folder: str
    videos_folder: str


class PingAnswer(_Answer, tag="ping"):
    """Here."""


class EngineFace(Struct, frozen=True):
    """How the engine is."""

    state: str
    device: Device | None


class SnapshotAnswer(_Answer, tag="snapshot"):
    """Everything, as it was when event `seq` had been told."""

    seq: int
    jobs: list[Face]
    paused: bool
    models: list[Model]
    engine: EngineFace
    preferences: Preferences
    download: Download | None  # the last that is known of; None: there was none since the start


class DoctorAnswer(_Answer, tag="doctor"):
    """What was looked at, and what to do about it."""

    checks: list[Check]


class GenerateAnswer(_Answer, tag="generate"):
    """The job's id, and the request with nothing left open; of variations, those of the first."""

    job: str
    request: Resolved


class EstimateAnswer(_Answer, tag="estimate"):
    """What it would take, and whether that is there."""

    verdict: Verdict


class CancelAnswer(_Answer, tag="cancel"):
    """How the job was when the cancel was taken; its end is told as news."""

    job: str
    state: str


class RetryAnswer(_Answer, tag="retry"):
    """The job waits for its turn."""

    job: str
    state: str


class MoveAnswer(_Answer, tag="move"):
    """The job stands there."""

    job: str


class EditAnswer(_Answer, tag="edit"):
    """The job's new request, with nothing left open."""

    job: str
    request: Resolved


class PauseAnswer(_Answer, tag="pause"):
    """Nothing new begins."""

    paused: bool


class ResumeAnswer(_Answer, tag="resume"):
    """It goes on."""

    paused: bool


class ShutdownAnswer(_Answer, tag="shutdown"):
    """Leaving."""


class ModelsAnswer(_Answer, tag="models"):
    """The models that can be chosen."""

    models: list[Model]


class AddModelAnswer(_Answer, tag="add_model"):
    """The model that was added."""

    model: Model


class Offered(Struct, frozen=True, kw_only=True):
    """A model that can be downloaded."""

    id: str
    name: str
    about: int  # bytes, roughly


class CatalogAnswer(_Answer, tag="catalog"):
    """What can be downloaded, and what is here."""

    offers: list[Offered]
    places: list[Place]
    hub: str  # where downloads come from unless something else is asked for


class DownloadAnswer(_Answer, tag="download"):
    """It has begun, though nothing may have come yet."""

    download: Download


class PauseDownloadAnswer(_Answer, tag="pause_download"):
    """It is paused."""

    download: Download


class ResumeDownloadAnswer(_Answer, tag="resume_download"):
    """It goes on."""

    download: Download


class CancelDownloadAnswer(_Answer, tag="cancel_download"):
    """Nothing goes on, and what should not be kept is gone."""


class VerifyModelAnswer(_Answer, tag="verify_model"):
    """Either its bytes are being hashed from now on, or its structure was looked at and is sound."""

    by: Literal["bytes", "structure"]


class RemoveModelAnswer(_Answer, tag="remove_model"):
    """The models that are left."""

    models: list[Model]


class PromptsAnswer(_Answer, tag="prompts"):
    """The last different prompts, the newest first."""

    prompts: list[str]


class StoreInputAnswer(_Answer, tag="store_input"):
    """The picture that was taken in."""

    input: Input


class ReadVideoAnswer(_Answer, tag="read_video"):
    """Its settings, and what this machine can make of them."""

    video: Restored


class GalleryAnswer(_Answer, tag="gallery"):
    """A page of the videos that were asked for."""

    entries: list[Entry]
    more: bool
    count: int  # on all pages
    made_with: list[str]  # the models of all videos


class FavouriteAnswer(_Answer, tag="favourite"):
    """How the video is marked now."""

    job: str
    favourite: bool


class TrashAnswer(_Answer, tag="trash"):
    """It has left the gallery."""

    job: str


class RestoreAnswer(_Answer, tag="restore"):
    """It is in the gallery again."""

    entry: Entry


class MediaAnswer(_Answer, tag="media"):
    """Where it is."""

    media: str
    path: str
    type: str
    bytes: int


class PreferAnswer(_Answer, tag="prefer"):
    """All that is remembered now."""

    preferences: Preferences


class VideosFolderAnswer(_Answer, tag="videos_folder"):
    """Where new videos go."""

    folder: str


class Refusal(Struct, frozen=True, kw_only=True):
    """An answer with a `code` is a refusal: what is wrong, what to do, which field.

    `message` and `hint` are English; `case` and `values` are for the other languages (`WanError`).
    """

    id: Id | None
    code: str
    message: str
    hint: str
    field: str | None = None
    case: str | None = None
    values: dict[str, Value] = {}


Answer = (
    HelloAnswer
    | PingAnswer
    | SnapshotAnswer
    | DoctorAnswer
    | GenerateAnswer
    | EstimateAnswer
    | CancelAnswer
    | RetryAnswer
    | MoveAnswer
    | EditAnswer
    | PauseAnswer
    | ResumeAnswer
    | ShutdownAnswer
    | ModelsAnswer
    | AddModelAnswer
    | CatalogAnswer
    | DownloadAnswer
    | PauseDownloadAnswer
    | ResumeDownloadAnswer
    | CancelDownloadAnswer
    | VerifyModelAnswer
    | RemoveModelAnswer
    | PromptsAnswer
    | StoreInputAnswer
    | ReadVideoAnswer
    | GalleryAnswer
    | FavouriteAnswer
    | TrashAnswer
    | RestoreAnswer
    | MediaAnswer
    | PreferAnswer
    | VideosFolderAnswer
)
