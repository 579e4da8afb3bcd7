"""Calls of the service over HTTP, repeated until they are answered."""

from __future__ import annotations

import http.client
import json
import random
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Any

from ._errors import Mistake, RungwiseError
from ._wire import Json, to_json

TRY_SECONDS = 30.0
"""Most time that one try may take: longer than any call may hold."""
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
SHORT_SECONDS = 10.0
"""How long calls that people wait for are repeated: the address may just be wrong."""

# Own randomness: a training that has seeded `random` gets the same numbers as without us.
_random = random.Random()

try:
    _AGENT = f"rungwise-python/{version('rungwise')}"
except PackageNotFoundError:  # imported from its source
    _AGENT = "rungwise-python"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would take the key to wherever that leads."""

    def redirect_request(  # noqa: PLR0917
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


@dataclass(frozen=True)
class Text:
    """A body in another form than JSON."""

    text: bytes
    content_type: str


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str]
    data: bytes | None

    def fresh(self) -> urllib.request.Request:
        """Returns it for one try: a proxy leaves its traces in the request that it handled."""
        return urllib.request.Request(self.url, self.data, self.headers, method=self.method)


@dataclass(frozen=True)
class Answer:
    """A successful answer, given `at` a time of the service's own clock, seconds since 1970."""

    body: Json
    at: float


@dataclass(frozen=True)
class _Failed:
    """A try that failed; `again` where the next one may fare better."""

    error: RungwiseError
    again: bool
    retry_after: float | None = None


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


def _seconds(text: str | None) -> float | None:
    """Returns the seconds that a Retry-After header asks for, or None."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _time(text: str | None) -> float:
    """Returns the time that a Date header says, or this machine's where there is none."""
    try:
        return parsedate_to_datetime(text or "").timestamp()
    except (TypeError, ValueError):
        return time.time()


def _problem(text: bytes, status: int, url: str) -> RungwiseError:
    try:
        problem = json.loads(text)
        mistakes = [Mistake(error["path"], error["message"]) for error in problem["errors"]]
        request_id = problem.get("request_id")
        return RungwiseError(problem["detail"], problem["code"], status, mistakes, request_id)
    except (ValueError, TypeError, KeyError, AttributeError):
        return _not_rungwise(url, status)


def _not_rungwise(url: str, status: int) -> RungwiseError:
    detail = f"{url} answered HTTP {status} with something that is no answer of Rungwise"
    return RungwiseError(f"{detail}: is this the service's address?", "not_rungwise", status)


class Transport:
    """A service at an address. Safe for use by many threads."""

    def __init__(self, url: str, key: str | None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a service, such as http://127.0.0.1:8080")
        self.url = url.rstrip("/")
        self._headers = {
            "Accept": "application/json, application/problem+json",
            "User-Agent": _AGENT,
            **({} if key is None else {"Authorization": f"Bearer {key}"}),
        }
        # A proxy for the world outside is none for this machine.
        proxies = urllib.request.ProxyHandler({} if _is_loopback(parts.hostname) else None)
        self._opener = urllib.request.build_opener(_NoRedirects(), proxies)

    def call(
        self,
        method: str,
        path: str,
        body: Json | Text | None = None,
        *,
        patience: float = SHORT_SECONDS,
        until: threading.Event | None = None,
    ) -> Answer:
        """Returns the service's answer.

        Connections that fail, 429 and 5xx are tried again for `patience` seconds, or until the
        event is set; every try of a POST has the same Idempotency-Key, so that it counts once.
        Raises RungwiseError for anything else, and once patience has run out.
        """
        request = self._request(method, path, body)
        deadline = time.monotonic() + patience
        pause = FIRST_PAUSE_SECONDS
        while True:
            tried = self._try(request)
            if isinstance(tried, Answer):
                return tried
            # At least as long as was asked for; the random part spreads callers that fail together.
            wait = max(tried.retry_after or 0, pause * _random.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            if not tried.again or time.monotonic() + wait > deadline:
                raise tried.error
            if until is None:
                time.sleep(wait)
            elif until.wait(wait):
                raise tried.error

    def _request(self, method: str, path: str, body: Json | Text | None) -> _Request:
        headers = dict(self._headers)
        data: bytes | None = None
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
            sent = body if isinstance(body, Text) else Text(to_json(body or {}), "application/json")
            headers["Content-Type"] = sent.content_type
            data = sent.text
        return _Request(method, self.url + path, headers, data)

    def _try(self, request: _Request) -> Answer | _Failed:
        try:
            try:
                with self._opener.open(request.fresh(), timeout=TRY_SECONDS) as response:
                    return self._read(response.status, response.headers, response.read())
            except urllib.error.HTTPError as error:
                with error:
                    return self._read(error.code, error.headers, error.read())
        except (OSError, http.client.HTTPException) as error:
            # Refused, reset, timed out, cut short.
            why = getattr(error, "reason", error)
            detail = f"{self.url} does not answer ({why or type(why).__name__})"
            is_for_good = isinstance(why, ssl.SSLCertVerificationError)
            return _Failed(RungwiseError(detail, "no_answer"), again=not is_for_good)

    def _read(self, status: int, headers: Message, text: bytes) -> Answer | _Failed:
        if 200 <= status < 300:  # noqa: PLR2004
            body = _object(text)
            if body is not None:
                return Answer(body, _time(headers.get("Date")))
            return _Failed(_not_rungwise(self.url, status), again=False)
        error = _problem(text, status, self.url)
        again = status == TOO_MANY_REQUESTS or status >= SERVER_ERROR or error.code == "in_progress"
        return _Failed(error, again, _seconds(headers.get("Retry-After")))


def _object(text: bytes) -> Json | None:
    """Returns the object that a body stands for; no body stands for an empty one."""
    try:
        body: Any = json.loads(text) if text else {}
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
