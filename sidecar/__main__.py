"""`python -m sidecar`: the server on standard streams, or a command for a person."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Returns the exit code. The streams are taken first: nothing that is imported later can touch them."""
    from sidecar import streams

    stdout = streams.take_stdout()
    stdin = streams.take_stdin()

    from sidecar import log, processes

    log.configure()
    try:
        processes.bind_children()
    except OSError as problem:
        print(f"This process has no job object: {problem}", file=sys.stderr)
    if len(sys.argv) > 1:
        os.close(stdin)
        from sidecar import cli

        return cli.main(sys.argv[1:], stdout)
    from sidecar import stdio

    return stdio.serve(stdin, stdout)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # no thread or child is waited for
