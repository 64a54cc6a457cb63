"""What a person can act on. Anything else is a bug and rises, traceback and all."""

from __future__ import annotations

from typing import ClassVar

Value = str | int | float


class WanError(Exception):
    """A refusal that says what is wrong (`reason`) and what to do (`hint`), in English.

    `code` is one of the closed list of the wire; `field` names the field of a request, as
    `$.request.frames`, where there is one. `case` names the sentence and `values` holds what stands in its
    blanks, so that another language can say it, too.
    """

    code: ClassVar[str] = "INTERNAL"

    def __init__(
        self,
        reason: str,
        hint: str = "",
        field: str | None = None,
        *,
        case: str | None = None,
        **values: Value,
    ) -> None:
        super().__init__(f"{reason} {hint}".strip())
        self.reason = reason
        self.hint = hint
        self.field = field
        self.case = case
        self.values = values


class BadRequest(WanError):
    """A field of a request has a value that no video can be made from."""

    code = "BAD_REQUEST"


class BadImage(WanError):
    """The given picture cannot be read as a picture."""

    code = "INPUT_BAD_IMAGE"


class BadVideo(WanError):
    """The given file is no video whose settings can be read."""

    code = "INPUT_BAD_VIDEO"


class ModelMissing(WanError):
    """A model, or a file of it, is not where it should be."""

    code = "MODEL_MISSING"


class ModelCorrupt(WanError):
    """A model's file is torn, or does not hold what its config says."""

    code = "MODEL_CORRUPT"


class OutputDenied(WanError):
    """The video cannot be written where it should go."""

    code = "OUTPUT_DENIED"


class DiskFull(WanError):
    """The disk that the video goes to is full."""

    code = "DISK_FULL"


class NotEnoughMemory(WanError):
    """The GPU has less free memory than this request needs."""

    code = "VRAM_OOM"
