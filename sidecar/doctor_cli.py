"""`python -m sidecar doctor`: the checks for a person, with an engine asked for what torch says."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TextIO

from sidecar.doctor import Facts, examine
from sidecar.engine_reader import Gone, Heard
from sidecar.folders import data_folder, videos_folder
from sidecar.lock import Busy
from sidecar.messages import Ready
from sidecar.models import Models
from sidecar.supervisor import Entry, Supervisor
from sidecar.workspace import Workspace

_PATIENCE = 60.0  # seconds for torch to be imported, from a cold disk


def run(out: TextIO, entry: Entry) -> int:
    """Print every check. Returns 1 if one fails."""
    supervisor = _asked(entry)
    try:
        workspace = Workspace("the doctor")
    except Busy:  # the app is open: what it has added cannot be seen, the rest can
        data, videos, models = data_folder(), videos_folder(), Models(list).faces()
    else:
        data, videos, models = workspace.home.root, workspace.videos(), workspace.models.faces()
        workspace.close()
    checks = examine(Facts(data, videos, models, supervisor.device, supervisor.trouble))
    supervisor.kill()
    for check in checks:
        out.write(f"{check.state:4}  {check.title}: {check.detail}\n")
        if check.hint:
            out.write(f"      {check.hint}\n")
    out.flush()
    return 1 if any(check.state == "fail" for check in checks) else 0


def _asked(entry: Entry) -> Supervisor:
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
