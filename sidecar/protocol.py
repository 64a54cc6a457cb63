"""The wire: commands as they come in. Examples: tests/conversations."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from wan_core.request import VideoRequest

# What an answer is told apart by; whoever asks chooses text or a number that JavaScript can hold.
Id = Annotated[str, Meta(min_length=1, max_length=64)] | Annotated[int, Meta(ge=-(2**53), le=2**53)]
Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Language = Literal["en", "ko"]
Theme = Literal["auto", "light", "dark"]
Moment = Annotated[int, Meta(ge=0, le=2**37)]  # seconds since 1970, UTC
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
    """Queue a video, or so many, each with the seed after the one before: all are queued, or none."""

    request: VideoRequest
    count: Annotated[int, Meta(ge=1, le=8)] = 1


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


class Prompts(_Command, tag="prompts"):
    """What was asked for lately."""


class StoreInput(_Command, tag="store_input"):
    """Take in the picture whose bytes were put into the incoming folder."""

    path: Text


class ReadVideo(_Command, tag="read_video"):
    """With which settings did Artifex make this mp4? Its beginning, up to the end of `moov`, will do."""

    path: Text


class Gallery(_Command, tag="gallery"):
    """The videos that were made, newest first; only those that have all that is given."""

    limit: Annotated[int, Meta(ge=1, le=200)]
    text: Text | None = None  # somewhere in the prompt
    model: Text | None = None
    favourite: bool = False
    since: Moment | None = None  # asked for then or later
    before: Text | None = None  # the job after whose entry the page begins


class Favourite(_Command, tag="favourite"):
    """Mark a video, or take the mark away."""

    job: Text
    on: bool


class Trash(_Command, tag="trash"):
    """Move a video into the trash, from where it is deleted after 30 days."""

    job: Text


class Restore(_Command, tag="restore"):
    """Take a video out of the trash."""

    job: Text


class Media(_Command, tag="media"):
    """Where is the picture or video of that id?"""

    media: Text


class Preferences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person likes, the same in every window. None: never chosen."""

    language: Language | None = None
    theme: Theme | None = None
    vram_gib: VideoMemory | None = None
    contrast: bool | None = None  # more of it than the system asks for
    notices: bool | None = None  # whether the system is to say that a video has ended
    greeted: bool | None = None  # whether a first video was made


class Prefer(_Command, tag="prefer"):
    """Remember what is given; what is None stays as it is."""

    preferences: Preferences


class VideosFolder(_Command, tag="videos_folder"):
    """Where do new videos go? With `folder`: there, from now on; older ones stay where they are."""

    folder: Text | None = None


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
    | Prompts
    | StoreInput
    | ReadVideo
    | Gallery
    | Favourite
    | Trash
    | Restore
    | Media
    | Prefer
    | VideosFolder
)
