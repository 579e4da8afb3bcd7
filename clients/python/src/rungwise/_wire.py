"""Values of Python as the wire has them, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, SupportsFloat

from ._errors import Reason

MESSAGE_BYTES = 4096
"""Longest message that the service takes, in UTF-8."""

Json = dict[str, Any]
"""A JSON object, as the service sends it."""

Metrics = Mapping[str, SupportsFloat]
"""Named numbers: anything that `float` takes counts as one, NumPy's and PyTorch's scalars too."""


def _number(name: str, value: object) -> float:
    """Returns a number of any library as a float. Raises TypeError for anything else."""
    plain = value
    try:
        item = getattr(value, "item", None)  # NumPy, PyTorch, JAX: an array of one element as well
        plain = item() if callable(item) else value
        # float() would read a string, and take True for 1.
        if not isinstance(plain, (str, bytes, bytearray, bool)):
            return float(plain)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        pass
    raise TypeError(f"{name} is {plain!r}: it must be a number")


def metric_to_wire(name: str, value: object) -> float | str:
    """Returns a metric's value as JSON can say it: a number, or a word for what is not finite."""
    number = _number(f"metric {name!r}", value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def metric_from_wire(value: float | str | None) -> float | None:
    """Returns a metric's value as a float; None stays None."""
    return None if value is None else float(value)


def measured(metrics: Metrics | None, more: Metrics, step: SupportsFloat | None) -> Json:
    """Returns the part of a report that says numbers: `metrics` and `step` where there are any."""
    named = {**(metrics or {}), **more}
    body: Json = {}
    if named:
        body["metrics"] = {name: metric_to_wire(name, value) for name, value in named.items()}
    if step is not None:
        number = _number("step", step)
        body["step"] = int(number) if number.is_integer() else number
    return body


def clipped(message: str) -> str:
    """Returns as much of a message's end as the service takes: tracebacks say most in theirs."""
    data = message.encode("utf-8", "replace")[-MESSAGE_BYTES:]
    return data.decode("utf-8", "ignore")


def reason_from_wire(reason: Json | None) -> Reason | None:
    """Returns a reason, or None."""
    return None if reason is None else Reason(reason["code"], reason["detail"])


def time_from_wire(text: str) -> float:
    """Returns a time of the wire, RFC 3339 in UTC, as seconds since the epoch."""
    parsed = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return parsed.replace(tzinfo=timezone.utc).timestamp()


def _plain(value: object) -> object:
    to_list = getattr(value, "tolist", None)  # scalars and arrays of NumPy, and what is like them
    if callable(to_list):
        return to_list()
    raise TypeError(f"{value!r} is nothing that JSON can say")


def to_json(body: object) -> bytes:
    """Returns a body as JSON in UTF-8."""
    return json.dumps(body, default=_plain).encode()
