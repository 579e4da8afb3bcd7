"""Lists of the service, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from ._transport import Transport
from ._wire import Json

PAGE_ITEMS = 200
"""The largest page there is."""


def pages(transport: Transport, path: str, query: Mapping[str, str | None]) -> Iterator[Json]:
    """Yields the items of a list; the next page is read when it is needed."""
    asked = {name: value for name, value in query.items() if value is not None}
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = transport.call(
            "GET", f"{path}?{urlencode({**asked, 'limit': PAGE_ITEMS, **more})}"
        ).body
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
