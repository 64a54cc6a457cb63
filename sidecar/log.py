"""One log format for every process: `[2025-08-29 12:19:57,604] INFO: …` on stderr."""

from __future__ import annotations

import logging
import sys


def configure() -> None:
    """Send this process's log to stderr; whatever a terminal cannot show is escaped, never fatal."""
    if sys.stderr is not None and hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(errors="backslashreplace")
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="[%(asctime)s] %(levelname)s: %(message)s", force=True
    )
