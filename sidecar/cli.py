"""The command line: the same queue, engine and library, without Node and with stdin closed."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import msgspec

from sidecar import __version__, doctor_cli, engine, estimate_cli, processes, protocol, streams
from sidecar.decode import misfit
from sidecar.jobs import resolved
from sidecar.library import UnknownMedia
from sidecar.restored import recognise
from sidecar.server import End, Server
from sidecar.supervisor import Entry
from sidecar.terminal import CANCELLED, Terminal
from sidecar.workspace import Workspace
from wan_core.errors import BadImage, WanError
from wan_core.receipt import read_receipt
from wan_core.request import VideoRequest

_BAD_ARGUMENTS = 2
_FIELDS = (
    "prompt",
    "negative_prompt",
    "width",
    "height",
    "frames",
    "fps",
    "steps",
    "shift",
    "solver",
    "seed",
)


def main(arguments: Sequence[str], stdout: int, entry: Entry = engine.run) -> int:
    """Do what a person typed. Returns the exit code."""
    words = streams.as_text(stdout)
    with contextlib.redirect_stdout(words):  # where --help goes
        try:
            given = _parsed(arguments)
        except SystemExit as end:
            words.flush()
            return int(end.code or 0)
    try:
        if given.command == "doctor":
            return doctor_cli.run(words, entry, self_test=given.self_test)
        if given.command == "settings":
            return _settings(Path(given.video), words)
        return _generate(given, words, entry)
    except WanError as problem:
        print(f"{problem.reason}\n{problem.hint}".rstrip(), file=sys.stderr)
        return _BAD_ARGUMENTS if problem.code == "BAD_REQUEST" else 1
    except KeyboardInterrupt:
        return CANCELLED


def _settings(video: Path, words: TextIO) -> int:
    receipt = read_receipt(video.absolute())
    words.write(msgspec.json.format(msgspec.json.encode(resolved(receipt.request))).decode() + "\n")
    words.flush()
    if receipt.unknown:
        print(f"Left out, as this version does not know it: {list(receipt.unknown)}", file=sys.stderr)
    return 0


def _generate(given: argparse.Namespace, words: TextIO, entry: Entry) -> int:
    terminal, workspace = Terminal(words, sys.stderr), Workspace("the command line")
    try:
        workspace.vram_gib = given.vram_gib
        request = _request(given, workspace)
        if given.estimate:
            return estimate_cli.run(words, workspace, request, entry)
    except WanError:
        workspace.close()
        raise
    server = Server(workspace, terminal, terminal.answer, entry=entry, take_over=False)
    terminal.on_end = lambda: server.post(End())

    def interrupted(number: int, frame: FrameType | None) -> None:
        if terminal.interrupted or terminal.job is None:  # the second time, or nothing to cancel yet
            if (pid := server.supervisor.pid) is not None:
                processes.kill_group(pid)
            os._exit(CANCELLED)
        terminal.interrupted = True
        server.post(protocol.Cancel(id="cancel", job=terminal.job))

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        known = getattr(signal, name, None)
        if known is not None and signal.getsignal(known) is not signal.SIG_IGN:
            signal.signal(known, interrupted)
    server.post(protocol.Generate(id="generate", request=request))
    server.run()
    return terminal.code


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command == "generate" and given.prompt is None and given.like is None:
        parser.error("--prompt is missing, or --like")
    return given


def _gib(text: str) -> float:
    try:
        return msgspec.convert(float(text), protocol.VideoMemory)
    except (ValueError, msgspec.ValidationError):
        raise argparse.ArgumentTypeError("GiB that may be used, such as 8; 0 is all that is free") from None


def _request(given: argparse.Namespace, workspace: Workspace) -> VideoRequest:
    """The typed request. Paths are made absolute here: only here is there a current folder."""
    wish = _like(Path(given.like), given.image, workspace) if given.like is not None else {}
    wish |= {name: getattr(given, name) for name in _FIELDS if getattr(given, name) is not None}
    if given.guidance is not None:
        wish["guidance"] = given.guidance[0] if len(given.guidance) == 1 else given.guidance
    for name in ("image", "out"):
        if getattr(given, name) is not None:
            wish[name] = str(Path(getattr(given, name)).absolute())
    if given.model is not None:
        folder = Path(given.model).absolute()
        wish["model"] = workspace.models.also(folder).model.id if folder.is_dir() else given.model
    try:
        msgspec.json.encode(wish)  # an argument may hold bytes that are no text
        return msgspec.convert(wish, VideoRequest)
    except (msgspec.ValidationError, UnicodeEncodeError) as problem:
        raise misfit(str(problem)) from None


def _like(video: Path, image: str | None, workspace: Workspace) -> dict[str, Any]:
    """The wish that a video was made of, with its model and, unless `image` is another, its picture."""
    found = recognise(video.absolute(), workspace.models.entries(), None)
    wish = msgspec.structs.asdict(found.receipt.request)
    if wish["image"] is not None and image is None:
        try:
            _, picture = workspace.library.find(wish["image"])
        except UnknownMedia:
            raise BadImage(
                "The picture that this video began with is not here.",
                "Give it with --image.",
                case="first_picture_gone",
            ) from None
        wish["image"] = str(picture)
    return {**wish, "model": found.model or wish["model"]}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sidecar",
        description="Makes videos with Wan2.2. Without a command: the server that the app talks to.",
    )
    parser.add_argument("--version", action="version", version=f"Artifex {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="look at this machine and say what to do")
    doctor.add_argument(
        "--self-test", action="store_true", help="also compare this device with numbers of the official code"
    )
    settings = commands.add_parser(
        "settings", help="print the settings of a video that Artifex made, as JSON"
    )
    settings.add_argument("video", metavar="MP4")
    generate = commands.add_parser(
        "generate",
        help="make one video",
        description="Makes one video and prints where it is. What is left out is the model's own choice.",
        epilog="Exit code: 0 made, or it fits, 1 failed, 2 wrong arguments, 130 cancelled by Ctrl+C.",
    )
    add = generate.add_argument
    add("--prompt", help="what the video should show")
    add("--like", metavar="MP4", help="a video of ours: its settings, where nothing else is given")
    add("--negative-prompt", metavar="TEXT", help="what it should not")
    add("--image", metavar="PATH", help="a picture that becomes the first frame")
    add("--width", type=int, metavar="PIXELS")
    add("--height", type=int, metavar="PIXELS")
    add("--frames", type=int, metavar="N", help="how long: 4n+1 video frames (1, 5, 9, …)")
    add("--fps", type=int, metavar="N", help="video frames a second")
    add("--steps", type=int, metavar="N", help="sampler steps")
    add(
        "--guidance", type=float, nargs="+", metavar="SCALE", help="one number, or two: low-noise, high-noise"
    )
    add("--shift", type=float, metavar="X", help="how much of the steps is spent on the rough shapes")
    add("--solver", metavar="NAME", help="unipc, dpm++ or euler")
    add("--seed", metavar="N", help="0 to 2^63-1; left out or -1: drawn, and said")
    add("--model", metavar="ID", help="a model's id, or the folder that holds one")
    add("--vram-gib", type=_gib, metavar="N", help="use no more GPU memory than this; left out: the setting")
    add("--estimate", action="store_true", help="make nothing; say what it would take and whether it fits")
    add("--out", metavar="PATH", help="the .mp4 to write; left out: a new name in the videos folder")
    return parser
