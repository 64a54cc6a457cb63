"""`python -m sidecar generate --estimate`: what a video would take, for a person; nothing is made."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from msgspec.structs import replace

from sidecar.doctor_cli import asked
from sidecar.library import measure
from sidecar.supervisor import Entry
from sidecar.terminal import duration
from sidecar.verdict import Question, Verdict, ask, judge
from sidecar.workspace import Workspace
from wan_core.request import VideoRequest


def run(out: TextIO, workspace: Workspace, request: VideoRequest, entry: Entry) -> int:
    """Print the verdict and close the workspace. Returns 0 if the video fits, else 1."""
    image = None if request.image is None else measure(Path(request.image))
    question = ask(workspace, request, image, None)
    workspace.close()
    supervisor = asked(entry)
    supervisor.kill()  # it has said what it is on
    question = replace(question, device=supervisor.device)
    verdict = judge(question)
    out.write("\n".join(report(question, verdict)) + "\n")
    out.flush()
    return 0 if verdict.fits else 1


def report(question: Question, verdict: Verdict) -> list[str]:
    """The verdict in lines of words."""
    wish, seconds = question.request, verdict.seconds
    lines = [f"{wish.model}: {wish.width}×{wish.height}, {wish.frames} frames, {wish.steps} steps"]
    if verdict.denoise is not None and verdict.decode is not None:
        peaks = f"{size(verdict.denoise)} while denoising, {size(verdict.decode)} while decoding"
        lines.append(f"GPU memory: about {peaks}")
    if verdict.ram:
        lines.append(f"Memory: about {size(verdict.ram)}")
    copy = " and, once for this model, a faster copy of it" if verdict.copy is None else ""
    lines.append(f"Disk: about {size(verdict.video)} for the video{copy}")
    before = "nothing was made here yet to tell it from" if seconds is None else f"about {duration(seconds)}"
    lines.append(f"Time: {before}")
    if verdict.plan:
        lines.append(f"Plan: {verdict.plan}")
    if verdict.refusal:
        lines += ["It does not fit.", f"{verdict.refusal.message} {verdict.refusal.hint}"]
    else:
        lines.append("It fits." if verdict.fits else "Whether it fits cannot be told.")
    return lines


def size(nbytes: int) -> str:
    """Bytes as a person reads them: “3 MB”, “9.1 GB”."""
    return f"{nbytes / 1e9:.1f} GB" if nbytes >= 1e8 else f"{max(nbytes / 1e6, 0.1):.1f} MB"
