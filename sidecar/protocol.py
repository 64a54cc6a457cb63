"""The wire: commands as they come in, answers as they go out. Examples: tests/conversations."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sidecar.doctor import Check
from sidecar.downloads import Download
from sidecar.jobs import Face, Resolved
from sidecar.library import Input
from sidecar.messages import Device
from sidecar.models import Model
from sidecar.restored import Restored
from sidecar.shelf import Place
from sidecar.verdict import Verdict
from wan_core.errors import Value
from wan_core.request import VideoRequest

# What an answer is told apart by; whoever asks chooses text or a number that JavaScript can hold.
Id = Annotated[str, Meta(min_length=1, max_length=64)] | Annotated[int, Meta(ge=-(2**53), le=2**53)]
Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Language = Literal["en", "ko"]
Theme = Literal["auto", "light", "dark"]
VideoMemory = Annotated[float, Meta(ge=0, le=1024)]  # GiB that may be used; 0: all that is free


class _Command(Struct, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    id: Id


class Hello(_Command, tag="hello"):
    """Who is there?"""


class Ping(_Command, tag="ping"):
    """Are you there?"""


class Snapshot(_Command, tag="snapshot"):
    """Everything a screen shows."""


class Doctor(_Command, tag="doctor"):
    """Is this machine well? With `self_test`, some seconds longer: does it compute the official numbers?"""

    self_test: bool = False


class Generate(_Command, tag="generate"):
    """Queue a video."""

    request: VideoRequest


class Estimate(_Command, tag="estimate"):
    """What would this video take? Nothing is queued; what `generate` refuses is refused alike."""

    request: VideoRequest


class Cancel(_Command, tag="cancel"):
    """Stop a job."""

    job: Text


class Retry(_Command, tag="retry"):
    """Try a job again that failed or was cancelled. What is finished of it is not made anew."""

    job: Text


class Move(_Command, tag="move"):
    """Put a waiting job before another one; None: behind all."""

    job: Text
    before: Text | None


class Edit(_Command, tag="edit"):
    """Make a waiting job into another one, at the same place."""

    job: Text
    request: VideoRequest


class Pause(_Command, tag="pause"):
    """Begin nothing new after what is being made."""


class Resume(_Command, tag="resume"):
    """Go on after a pause."""


class Shutdown(_Command, tag="shutdown"):
    """Leave."""


class Models(_Command, tag="models"):
    """The models that can be chosen."""


class AddModel(_Command, tag="add_model"):
    """Add a folder that holds a model."""

    path: Text


class Catalog(_Command, tag="catalog"):
    """What can be downloaded, and where the models are that are here."""


class StartDownload(_Command, tag="download"):
    """Fetch a model into a folder of its own in `folder`. News of it: `[download]` lines, and snapshots."""

    model: Text
    folder: Text
    hub: Text | None = None  # the address of a mirror; None: HF_ENDPOINT, or the official one


class PauseDownload(_Command, tag="pause_download"):
    """Stop fetching; what has come is kept."""


class ResumeDownload(_Command, tag="resume_download"):
    """Go on with the download that is paused."""


class CancelDownload(_Command, tag="cancel_download"):
    """Give the download up, or stop verifying; `keep`: what has come stays for another time."""

    keep: bool


class VerifyModel(_Command, tag="verify_model"):
    """Hash a downloaded model to the last byte (news as of a download); look at the structure of another."""

    model: Text


class RemoveModel(_Command, tag="remove_model"):
    """List a model no more; `files`: delete what was downloaded of it, too."""

    model: Text
    files: bool


class StoreInput(_Command, tag="store_input"):
    """Take in the picture whose bytes were put into the incoming folder."""

    path: Text


class ReadVideo(_Command, tag="read_video"):
    """With which settings did Artifex make this mp4? Its beginning, up to the end of `moov`, will do."""

    path: Text


class Media(_Command, tag="media"):
    """Where is the picture or video of that id?"""

    media: Text


class Preferences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person likes, the same in every window. None: never chosen."""

    language: Language | None = None
    theme: Theme | None = None
    vram_gib: VideoMemory | None = None


class Prefer(_Command, tag="prefer"):
    """Remember what is given; what is None stays as it is."""

    preferences: Preferences


Command = (
    Hello
    | Ping
    | Snapshot
    | Doctor
    | Generate
    | Estimate
    | Cancel
    | Retry
    | Move
    | Edit
    | Pause
    | Resume
    | Shutdown
    | Models
    | AddModel
    | Catalog
    | StartDownload
    | PauseDownload
    | ResumeDownload
    | CancelDownload
    | VerifyModel
    | RemoveModel
    | StoreInput
    | ReadVideo
    | Media
    | Prefer
)


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
    """The job's id, and the request with nothing left open."""

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


class StoreInputAnswer(_Answer, tag="store_input"):
    """The picture that was taken in."""

    input: Input


class ReadVideoAnswer(_Answer, tag="read_video"):
    """Its settings, and what this machine can make of them."""

    video: Restored


class MediaAnswer(_Answer, tag="media"):
    """Where it is."""

    media: str
    path: str
    type: str
    bytes: int


class PreferAnswer(_Answer, tag="prefer"):
    """All that is remembered now."""

    preferences: Preferences


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
    | StoreInputAnswer
    | ReadVideoAnswer
    | MediaAnswer
    | PreferAnswer
)
