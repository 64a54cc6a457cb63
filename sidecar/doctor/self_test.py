"""The arithmetic of this device, tried out in a process of its own: what breaks there, breaks alone."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection, wait

import msgspec

from sidecar import engine, messages, processes
from sidecar.endings import how_it_ended
from sidecar.failures import Failure, failure
from sidecar.messages import Failed, Measured
from sidecar.supervisor import Entry

PATIENCE = 90.0  # seconds: most of it is for importing torch from a cold disk
_LEAVE = 5.0  # seconds that a process may take to end

_said: msgspec.json.Decoder[Measured | Failed] = msgspec.json.Decoder(Measured | Failed)
_SILENT = Failure(
    "ENGINE_HUNG",
    f"The self-test did not end within {PATIENCE:.0f} s.",
    "Close other programs, then check again. If it stays so, restart the computer.",
    case="self_test_silent",
    values={"seconds": PATIENCE},
)


def run(pipe: Connection, parent: int) -> None:
    """The life of the process: what was found of each part or why it cannot be found, then its end."""
    engine.settle(pipe, parent)
    threading.Thread(target=_leave_with, args=(pipe,), daemon=True).start()
    code = 1
    try:
        _test(pipe)
        code = 0
    except Exception as problem:  # whatever torch raises on a device that does not work: that is the answer
        pipe.send_bytes(messages.encode(Failed(None, failure(problem))))
    finally:
        os._exit(code)  # an orderly end may wait for a GPU that does not answer any more


def _leave_with(pipe: Connection) -> None:
    with suppress(EOFError, OSError):
        pipe.recv_bytes()  # nothing comes but its end
    processes.kill_group(os.getpid())


def _test(pipe: Connection) -> None:
    os.environ.pop("WAN_COMPILE", None)  # trying whether it can be had takes longer than all the rest
    from wan_core import device, selftest

    for result in selftest.run(device.find()):
        pipe.send_bytes(messages.encode(msgspec.convert(result, Measured, from_attributes=True)))


def self_test(entry: Entry = run) -> tuple[Measured, ...] | Failure:
    """Compute the recorded cases on the device. Takes some seconds; any thread."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=entry, args=(theirs, os.getpid()), name="self-test", daemon=True)
    oom_kills, until = processes.oom_kills(), time.monotonic() + PATIENCE
    process.start()
    theirs.close()
    found: list[Measured] = []
    why: Failure | None = None
    try:
        while why is None:
            if not ours.poll(max(0.0, until - time.monotonic())):
                why = _SILENT
                break
            match _said.decode(ours.recv_bytes()):
                case Measured() as result:
                    found.append(result)
                case Failed(why=reason):
                    why = reason
    except (EOFError, OSError):
        wait([process.sentinel], _LEAVE)
    finally:
        if process.pid is not None:
            processes.kill_group(process.pid)
        process.join(_LEAVE)
        ours.close()
    if why is None and process.exitcode != 0:
        why = how_it_ended(process.exitcode, sys.platform, processes.oom_kills() > oom_kills)
    return why or tuple(found)
