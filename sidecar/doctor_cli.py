"""`python -m sidecar doctor`: the checks for a person, with an engine asked for what torch says."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections import Counter
from queue import Empty, SimpleQueue
from typing import TextIO

from sidecar.doctor import Check, Facts, examine
from sidecar.engine_reader import Gone, Heard
from sidecar.folders import data_folder, videos_folder
from sidecar.messages import Ready
from sidecar.models import Models
from sidecar.supervisor import Entry, Supervisor
from sidecar.workspace import Workspace
from wan_core.errors import WanError

_PATIENCE = 60.0  # seconds for torch to be imported, from a cold disk
_COMMANDS = ("npm run setup -- --repair", "git checkout -- models/wan-mini")  # not cut: they will be copied


def run(out: TextIO, entry: Entry, *, self_test: bool = False) -> int:
    """Print every check. Returns 1 if one fails."""
    supervisor = asked(entry)
    try:
        workspace = Workspace("the doctor")
    except WanError:  # the app is open, or the folder cannot be used: the rest can be looked at
        data, videos, models = data_folder(), videos_folder(), Models(list).faces()
    else:
        data, videos, models = workspace.home.root, workspace.videos(), workspace.models.faces()
        workspace.close()
    supervisor.kill()  # it has said what it knows, and the self-test has the device for itself
    checks = examine(Facts(data, videos, models, supervisor.device, supervisor.trouble, self_test))
    out.write(report(checks, shutil.get_terminal_size().columns))
    out.flush()
    return 1 if any(check.state == "fail" for check in checks) else 0


def report(checks: list[Check], width: int) -> str:
    """The checks in columns, what to do below what was found, and a last line that counts."""
    title = max(len(check.title) for check in checks)
    left = len("warn  ") + title + 2
    room = min(max(width, 60), 110) - left
    lines = []
    for check in checks:
        words = [*_wrapped(check.detail, room), *_wrapped(check.hint, room)]
        lines.append(f"{check.state:4}  {check.title:{title}}  {words[0]}")
        lines += [" " * left + line for line in words[1:]]
    counts = Counter[str](check.state for check in checks)
    amiss = [
        f"{counts[state]} {word}"
        for state, word in (("fail", "failed"), ("warn", "to look at"))
        if counts[state]
    ]
    lines += ["", f"{', '.join(amiss)}, {counts['ok']} fine." if amiss else "All is well."]
    return "\n".join(lines) + "\n"


def _wrapped(words: str, room: int) -> list[str]:
    for command in _COMMANDS:
        words = words.replace(command, command.replace(" ", "\0"))
    lines = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False)  # paths stay whole
    return [line.replace("\0", " ") for line in lines]


def asked(entry: Entry) -> Supervisor:
    """A supervisor whose engine has said what it is, or why it cannot start."""
    inbox: SimpleQueue[Heard | Gone] = SimpleQueue()
    supervisor = Supervisor(inbox.put, entry)
    supervisor.wake()
    until = time.monotonic() + _PATIENCE
    while (left := until - time.monotonic()) > 0:
        try:
            item = inbox.get(timeout=min(left, 0.5))
        except Empty:
            continue
        if isinstance(item, Gone):
            supervisor.lose(item)
            break
        if isinstance(supervisor.hear(item), Ready):
            break
    return supervisor
