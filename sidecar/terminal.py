"""One job as a person sees it: a bar on a terminal, plain lines elsewhere, and the path at the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from sidecar.answers import Answer, GenerateAnswer, Refusal
from sidecar.jobs import OVER, News

CANCELLED = 130
_CODES = {"done": 0, "failed": 1, "cancelled": CANCELLED}
_BAR = 24  # characters


class Terminal:
    """Listens to one job. `code` is the exit code once `on_end` was called."""

    def __init__(self, out: TextIO, words: TextIO) -> None:
        """`out` gets the one line that programs read, `words` all that people read."""
        self._out = out
        self._words = words
        self._terminal = words.isatty()
        self._width = 0  # of the bar that stands on the terminal
        self._last = ""
        self.job: str | None = None
        self.interrupted = False
        self.code = 1
        self.on_end: Callable[[], None] = lambda: None

    def answer(self, answer: Answer | Refusal) -> None:
        """The answer to the one command: the job, or why there is none."""
        if isinstance(answer, Refusal):
            self._end(answer.message, answer.hint)
            self.code = 2 if answer.code == "BAD_REQUEST" else 1
            self.on_end()
        elif isinstance(answer, GenerateAnswer):
            self.job = answer.job
            made = answer.request
            size = f"{made.width}×{made.height}, {made.frames} frames, {made.steps} steps"
            self._print(f"{made.model}: {size}, seed {made.seed}")

    def news(self, line: News) -> None:
        """What the job does."""
        if line.state in OVER:
            self.code = _CODES[line.state]
            if line.state == "failed":
                self._end(line.message or "It failed.", line.hint or "")
            elif line.state == "cancelled":
                self._end("Cancelled.", "")
            else:
                self._end(f"Done in {duration(line.elapsed_s or 0)}.", "")
            self.on_end()
        elif line.state == "interrupted":
            self._end(line.message or "Interrupted.", line.hint or "")
        elif line.state == "running":
            self._progress(line)

    def saved(self, path: str) -> None:
        """Where the video is."""
        with suppress(OSError):  # nobody reads: the video is there all the same
            self._out.write(f"[progress] saved={path}\n")
            self._out.flush()

    def _progress(self, line: News) -> None:
        done: str = line.phase or ""
        if line.steps:
            done += f" {line.step}/{line.steps}"
        left = f"  about {duration(line.eta_s)} left" if line.eta_s is not None else ""
        if not self._terminal:
            if done != self._last:
                self._print(done + left)
            self._last = done
            return
        part = round(_BAR * (line.step or 0) / line.steps) if line.steps else 0
        text = f"{'━' * part}{'─' * (_BAR - part)}  {done:16}{left}"
        self._words.write(f"{text:{self._width}}\r")  # a log line then begins at the left, not behind it
        self._words.flush()
        self._width = len(text)

    def _end(self, message: str, hint: str) -> None:
        for text in filter(None, (message, hint)):
            self._print(text)

    def _print(self, text: str) -> None:
        self._words.write(f"{text:{self._width}}\n")
        self._words.flush()
        self._width = 0


def duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return (
        f"{whole // 60} min {whole % 60:02} s"
        if whole < 3600
        else f"{whole // 3600} h {whole // 60 % 60:02} min"
    )
