"""The sidecar on its standard streams: commands in, answers and news out, and nobody left behind."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

import msgspec

from sidecar import engine, processes, protocol
from sidecar.answers import Answer, Refusal
from sidecar.decode import read, refusal
from sidecar.downloads import Download
from sidecar.jobs import News
from sidecar.lines import hung_up, read_lines, write_line
from sidecar.protocol import Command
from sidecar.server import End, Server
from sidecar.supervisor import Entry
from sidecar.workspace import Workspace
from wan_core.errors import WanError

log = logging.getLogger(__name__)

_PENDING = 8  # lines read ahead of the owner thread, of at most 1 MiB each
_LOOK_UP = 0.2  # seconds after which a reader that waits for the owner thread looks for end-of-file
_GRACE = 0.6  # seconds the owner thread has to leave by itself after end-of-file


class Wire:
    """Writes answers and news as lines. Once nobody reads, it is silent."""

    def __init__(self, descriptor: int, on_broken: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._on_broken = on_broken
        self._broken = False

    def answer(self, answer: Answer | Refusal) -> None:
        """One `[reply]` line."""
        self._write(b"[reply] " + msgspec.json.encode(answer))

    def news(self, line: News) -> None:
        """One `[progress]` line."""
        self._write(b"[progress] " + msgspec.json.encode(line))

    def download(self, line: Download) -> None:
        """One `[download] {…}` line: how the one download is now, at most four a second but for changes."""
        self._write(b"[download] " + msgspec.json.encode(line))

    def saved(self, path: str) -> None:
        """The line that says where a video is; a path cannot forge one, for none has control characters."""
        self._write(b"[progress] saved=" + path.encode())

    def _write(self, line: bytes) -> None:
        if not self._broken:
            try:
                write_line(self._descriptor, line)
            except OSError:
                self._broken = True
                self._on_broken()


def serve(stdin: int, stdout: int, entry: Entry = engine.run) -> int:
    """Be the sidecar until stdin ends. Returns the exit code."""
    try:
        workspace = Workspace("the app")
    except WanError as problem:
        return _refuse_all(stdin, stdout, problem)
    wire = Wire(stdout, lambda: server.post(End()))
    server = Server(workspace, wire, wire.answer, entry=entry, tell_download=wire.download)
    room = threading.BoundedSemaphore(_PENDING)

    def listen() -> None:
        for line in read_lines(stdin):
            command = read(line)
            while not room.acquire(timeout=_LOOK_UP):
                if hung_up(stdin):
                    return leave()
            server.post(command)
            server.post(room.release)
        leave()

    def leave() -> None:
        server.post(End())
        time.sleep(_GRACE)  # the owner thread may hang in a full pipe or on a slow disk
        if (pid := server.supervisor.pid) is not None:
            processes.kill_group(pid)
        os._exit(1)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: server.post(End()))
    if os.isatty(stdin):
        log.info(
            "This is the server; it takes one JSON object a line. For a person: python -m sidecar --help"
        )
    threading.Thread(target=listen, name="stdin", daemon=True).start()
    server.run()
    return 0


def _refuse_all(stdin: int, stdout: int, problem: WanError) -> int:
    """Say why there is no sidecar to whoever asks, for as long as they ask."""
    wire = Wire(stdout, lambda: None)
    for line in read_lines(stdin):
        command: Command | Refusal = read(line)
        wire.answer(refusal(command.id, problem))
        if isinstance(command, protocol.Shutdown):
            break
    return 1
