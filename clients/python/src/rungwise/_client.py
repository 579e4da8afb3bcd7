"""The service as its users see it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union
from urllib.parse import quote

from ._experiment import WORK_SECONDS
from ._group import Group
from ._pages import pages
from ._transport import Text, Transport
from ._wire import Json

DEFAULT_URL = "http://127.0.0.1:8080"

Document = Union[Mapping[str, Any], str, "os.PathLike[str]"]
"""A polyaxonfile: as a map, as text, or as a path."""


def _body_of(document: Document) -> Json | Text:
    if isinstance(document, Mapping):
        return dict(document)
    is_text = isinstance(document, str) and ("\n" in document or document.lstrip().startswith("{"))
    if is_text:
        return Text(str(document).encode(), "application/yaml")
    path = Path(document)
    kind = "json" if path.suffix == ".json" else "yaml"
    return Text(path.read_bytes(), f"application/{kind}")


class Client:
    """A service. Safe for use by many threads.

    `url` and `key` are those of RUNGWISE_URL and RUNGWISE_KEY unless they are given; without any,
    the service of this machine. `patience_seconds` is how long work goes on asking a service that
    does not answer; everything else gives up after ten seconds.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        patience_seconds: float = WORK_SECONDS,
    ) -> None:
        address = url or os.environ.get("RUNGWISE_URL") or DEFAULT_URL
        self._transport = Transport(address, key or os.environ.get("RUNGWISE_KEY") or None)
        self._patience = patience_seconds

    def __repr__(self) -> str:
        return f"<Client {self.url}>"

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._transport.url

    def create_group(self, document: Document) -> Group:
        """Creates a group from a polyaxonfile: a map, YAML or JSON text, or the path of a file.

        A string is taken for a path unless it has a line break or begins with a brace.
        """
        return self._group(self._transport.call("POST", "/v1/groups", _body_of(document)).body)

    def preview(self, document: Document) -> Json:
        """Returns what a polyaxonfile would run; nothing is stored."""
        return self._transport.call("POST", "/v1/groups/preview", _body_of(document)).body

    def group(self, id: str) -> Group:
        """Reads a group."""
        return self._group(self._transport.call("GET", f"/v1/groups/{quote(id, safe='')}").body)

    def groups(self, *, status: str | None = None, tag: str | None = None) -> Iterator[Group]:
        """Yields groups, the newest first."""
        for data in pages(self._transport, "/v1/groups", {"status": status, "tag": tag}):
            yield self._group(data)

    def _group(self, data: Json) -> Group:
        return Group(self._transport, data, self._patience)
