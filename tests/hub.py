"""A hub on this machine, which serves one folder as a repository, and does as a test says.

python -m tests.hub FOLDER      with the tiny checkpoint; a JSON object a line on stdin is what it does next
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 20_000  # bytes from which on a file is kept as git LFS does
PIECE = 4096


class Hub(ThreadingHTTPServer):
    """`with` it. What is planned for a path is done once; `pace` holds always."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.folder = folder
        self.commit = COMMIT
        self.plans: dict[str, list[dict[str, object]]] = {}
        self.pace = 0.0  # seconds before each piece
        self.sent: Counter[str] = Counter()  # bytes by path
        self.ranges: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.etag = '"one"'

    def __enter__(self) -> Hub:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client: object) -> None:
        pass  # whoever asked has hung up

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def plan(self, path: str, **what: object) -> None:
        """What is done the next time `path` is asked for: `cut`, `stall`, `corrupt`, `whole`, `status`, …"""
        self.plans.setdefault(path, []).append(what)

    def paths(self) -> list[str]:
        return sorted(
            place.relative_to(self.folder).as_posix() for place in self.folder.rglob("*") if place.is_file()
        )

    def tree(self) -> list[dict[str, object]]:
        leaves: list[dict[str, object]] = [{"type": "directory", "path": "google", "oid": COMMIT, "size": 0}]
        for path in self.paths():
            data = (self.folder / path).read_bytes()
            oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            leaf: dict[str, object] = {"type": "file", "path": path, "oid": oid, "size": len(data)}
            if len(data) >= LARGE:
                leaf["lfs"] = {
                    "oid": hashlib.sha256(data).hexdigest(),
                    "size": len(data),
                    "pointerSize": 135,
                }
            leaves.append(leaf)
        return leaves


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(path)
        if path.startswith("/api/"):
            return self._api(path)
        if "/resolve/" in path:
            return self._lead(f"/cdn/{path.partition('/resolve/')[2]}")
        if path.startswith(f"/cdn/{self.server.commit}/"):
            return self._file(path.removeprefix(f"/cdn/{self.server.commit}/"))
        self._plain(404, b"")

    def _api(self, path: str) -> None:
        kind = "tree" if "/tree/" in path else "revision"
        planned = self._planned(kind)
        if planned.get("status"):
            return self._refuse(planned)
        if kind == "revision":
            return self._plain(200, json.dumps({"sha": self.server.commit}).encode())
        if path.rpartition("/")[2] != self.server.commit:
            return self._plain(404, b"")
        self._plain(200, json.dumps(planned.get("tree", self.server.tree())).encode())

    def _lead(self, where: str) -> None:
        planned = self._planned("resolve")
        self.send_response(302)
        self.send_header("Location", str(planned.get("lead", where)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, name: str) -> None:
        hub, planned = self.server, self._planned(name)
        if planned.get("status"):
            return self._refuse(planned)
        data = bytearray((hub.folder / name).read_bytes())
        if planned.get("corrupt"):
            data[len(data) // 2] ^= 1
        start = 0
        if (wish := self.headers.get("Range")) and not planned.get("whole"):
            start = int(wish.removeprefix("bytes=").rstrip("-"))
            hub.ranges.append((name, start))
            if start >= len(data):
                return self._plain(416, b"")
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", str(planned.get("etag", hub.etag)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        end = int(str(planned.get("cut", planned.get("stall", len(data)))))
        for at in range(start, min(end, len(data)), PIECE):
            piece = data[at : min(at + PIECE, end)]
            time.sleep(hub.pace)
            self.wfile.write(piece)
            hub.sent[name] += len(piece)
        if "stall" in planned:
            time.sleep(30)
        if end < len(data):
            self.close_connection = True

    def _planned(self, name: str) -> dict[str, object]:
        waiting = self.server.plans.get(name)
        return waiting.pop(0) if waiting else {}

    def _refuse(self, planned: dict[str, object]) -> None:
        self.send_response(int(str(planned["status"])))
        if "after" in planned:
            self.send_header("Retry-After", str(planned["after"]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _plain(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    from tests.tiny import make_checkpoint

    with Hub(make_checkpoint(Path(sys.argv[1]))) as serving:
        print(serving.address, flush=True)
        for line in sys.stdin:
            change = json.loads(line)
            serving.pace = change.get("pace", serving.pace)
            for path, planned in change.get("plans", {}).items():
                serving.plan(path, **planned)
