"""The hub over HTTP, with the standard library: what a repository holds, and the bytes of its files."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

import msgspec
from msgspec import Meta, Struct

from sidecar import __version__
from sidecar.catalog import NEEDED, Offer, wanted
from sidecar.parcel import File
from wan_core.errors import BadRequest, WanError

SILENT = 30.0  # seconds without a byte after which a connection counts as cut
OFFICIAL = "https://huggingface.co"
_PIECE = 2**18  # bytes that are read at once
_LARGEST_LISTING = 8 * 2**20  # bytes
_LONGEST_WAIT = 600.0  # seconds, whatever Retry-After says
_TOO_MANY, _UNAVAILABLE, _BEYOND, _PARTIAL = 429, 503, 416, 206

_Commit = Annotated[str, Meta(pattern=r"^[0-9a-f]{40}$")]
_Size = Annotated[int, Meta(ge=0, le=2**41)]


class Cut(Exception):
    """It did not work this time. `wait`: for how many seconds the hub wants to be left alone."""

    wait: float | None = None


class Refused(WanError):
    """The hub does not give what it was asked for."""

    code = "DOWNLOAD_FAILED"


class _Lfs(Struct):
    oid: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    size: _Size


class _Leaf(Struct):
    path: str
    type: str
    oid: _Commit
    size: _Size = 0
    lfs: _Lfs | None = None


class _Revision(Struct):
    sha: _Commit


class Body:
    """A file's bytes from `start` on, as they come."""

    def __init__(self, response: HTTPResponse, start: int, size: int | None) -> None:
        self._response = response
        self.start = start
        self.size = size  # of the whole file, if that was said
        self.etag = response.headers.get("ETag")

    def pieces(self) -> Iterator[bytes]:
        """All of it; a Cut where the connection breaks."""
        with self._response:
            while piece := _or_cut(lambda: self._response.read1(_PIECE)):
                yield piece

    def close(self) -> None:
        """Leave the rest."""
        self._response.close()


class Hub:
    """One conversation with a hub or a mirror of it; `hang_up` may be called from another thread."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._socket: socket.socket | None = None
        self._hung_up = False
        own = _is_loopback(endpoint)
        proxies = [ProxyHandler({})] if own else []  # else those of the system
        self._opener = build_opener(_Redirects(own), _Plain(self._hold), _Secure(self._hold), *proxies)

    def hang_up(self) -> None:
        """Whoever waits for bytes waits no longer."""
        self._hung_up = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def commit(self, offer: Offer) -> str:
        """The commit that the offer's revision is at this moment."""
        path = f"/api/models/{offer.repo}/revision/{quote(offer.revision, safe='')}"
        return self._read(path, _Revision).sha

    def files(self, offer: Offer, commit: str) -> tuple[File, ...]:
        """The files of that commit that are needed, with their sizes and hashes."""
        leaves = self._read(f"/api/models/{offer.repo}/tree/{commit}?recursive=true", list[_Leaf])
        found = [leaf for leaf in leaves if leaf.type == "file" and wanted(leaf.path)]
        for pattern in NEEDED:
            if not any(pattern.fullmatch(leaf.path) for leaf in found):
                raise Refused(
                    f"{offer.repo} at {self._endpoint} is not complete: a file that is needed is not there.",
                    "Try another mirror, or try again later.",
                    case="hub_incomplete",
                    repo=offer.repo,
                    host=self._host,
                )
        return tuple(
            File(
                path=leaf.path,
                size=leaf.lfs.size if leaf.lfs else leaf.size,
                hash=leaf.lfs.oid if leaf.lfs else leaf.oid,
            )
            for leaf in sorted(found, key=lambda leaf: (leaf.lfs is not None, leaf.path))
        )

    def open(self, offer: Offer, commit: str, path: str, offset: int) -> Body:
        """A file from `offset` on; from its start where the hub cannot begin in the middle."""
        address = f"/{offer.repo}/resolve/{commit}/{quote(path)}"
        try:
            response = self._ask(address, offset)
        except _Beyond:
            response = self._ask(address, 0)
        length = response.headers.get("Content-Length")
        if response.status != _PARTIAL:
            return Body(response, 0, int(length) if length and length.isdigit() else None)
        said = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range") or "")
        if said is None or int(said[1]) != offset:
            response.close()
            raise Cut("It sent another part than was asked for.")
        return Body(response, offset, int(said[2]))

    @property
    def _host(self) -> str:
        return urlsplit(self._endpoint).netloc

    def _read(self, path: str, kind: Any) -> Any:
        with self._ask(path, 0) as response:
            text = _or_cut(lambda: response.read(_LARGEST_LISTING))
        try:
            return msgspec.json.decode(text, type=kind)
        except (msgspec.MsgspecError, RecursionError):
            raise Refused(
                f"{self._endpoint} answers with something that cannot be understood.",
                "Check the address of the mirror; in some networks a page asks to log in first.",
                case="hub_unreadable",
                host=self._host,
            ) from None

    def _ask(self, path: str, offset: int) -> HTTPResponse:
        if self._hung_up:
            raise Cut("It was hung up.")
        headers = {"User-Agent": f"Artifex/{__version__}", "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        request = Request(self._endpoint + path, headers=headers)
        try:
            return _or_cut(lambda: self._opener.open(request, timeout=SILENT))
        except HTTPError as answer:
            with answer:
                raise self._refused(answer.code, answer.headers) from None
        except ssl.SSLCertVerificationError as problem:
            said = problem.verify_message
            raise Refused(
                f"The certificate of {self._host} was not accepted: {said}.",
                "Check the clock of this computer, and programs that look into encrypted connections.",
                case="hub_certificate",
                host=self._host,
                said=said,
            ) from None

    def _refused(self, status: int, headers: Message) -> Exception:
        host = self._host
        if status == _BEYOND:
            return _Beyond()
        if status in (401, 403):
            return Refused(
                f"{host} does not give this model to everybody (status {status}).",
                "Try another mirror, or download it with a browser and add its folder.",
                case="hub_forbidden",
                host=host,
                status=status,
            )
        if status == 404:
            return Refused(
                f"{host} does not have this model, or a file of it.",
                "Check the address of the mirror, or cancel and begin anew.",
                case="hub_missing",
                host=host,
            )
        cut = Cut(f"status {status}")
        after = headers.get("Retry-After") or ""
        if status in (_TOO_MANY, _UNAVAILABLE) and after.isdigit():
            cut.wait = min(float(after), _LONGEST_WAIT)
        if status == _TOO_MANY or status >= 500:
            return cut
        return Refused(
            f"{host} answers with status {status}.",
            "Try again later, or try another mirror.",
            case="hub_status",
            host=host,
            status=status,
        )

    def _hold(self, connected: socket.socket) -> None:
        self._socket = connected
        if self._hung_up:
            raise OSError("It was hung up.")


def usual_hub() -> str:
    """Where models come from: HF_ENDPOINT, as elsewhere, or the official hub."""
    return os.environ.get("HF_ENDPOINT") or OFFICIAL


def checked_hub(text: str, field: str) -> str:
    """An address as that of a hub: encrypted, unless it is this machine's own."""
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    own = good and _is_loopback(address)
    plain = re.fullmatch(r"[!-~]+", address) is not None and not (set(address) & set("@?#\\"))
    if not good or not plain or parts.scheme not in (("https", "http") if own else ("https",)):
        raise BadRequest(
            "This is not the address of a hub.",
            f"It begins with https://, such as {OFFICIAL}.",
            field,
            case="hub_address",
            usual=OFFICIAL,
        )
    return address


class _Beyond(Exception):
    """There are no bytes from there on."""


class _Redirects(HTTPRedirectHandler):
    """Large files lie elsewhere; the way there is as well guarded as the way here."""

    def __init__(self, own: bool) -> None:
        self._own = own

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https" and not (self._own and _is_loopback(newurl)):
            raise Refused(
                "The hub leads to an address that is not encrypted.",
                "Try another mirror.",
                case="hub_leads_astray",
            )
        return Request(newurl, headers=dict(req.headers))

    http_error_308 = HTTPRedirectHandler.http_error_302  # Python 3.10 does not know it


class _Plain(HTTPHandler):
    def __init__(self, hold: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._hold = hold

    def http_open(self, req: Request) -> HTTPResponse:
        hold = self._hold

        class Connection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        return self.do_open(Connection, req)


class _Secure(HTTPSHandler):
    def __init__(self, hold: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._hold = hold

    def https_open(self, req: Request) -> HTTPResponse:
        hold = self._hold

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        return self.do_open(Connection, req)


def _or_cut(work: Callable[[], Any]) -> Any:
    """What `work` gives; a Cut where the network does not give it."""
    try:
        return work()
    except HTTPError:
        raise
    except (OSError, HTTPException, ValueError) as problem:
        reason = problem.reason if isinstance(problem, URLError) else problem
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise reason from None
        raise Cut(str(reason)) from problem


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
