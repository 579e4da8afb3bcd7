"""The experiment that this process runs, where an agent or a launcher started it."""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
from collections.abc import Mapping
from typing import Any, Literal, SupportsFloat

from ._errors import RungwiseError
from ._experiment import Experiment, Report
from ._transport import Transport
from ._wire import Json, Metrics, clipped, measured

_log = logging.getLogger("rungwise")

VARIABLES = ("RUNGWISE_URL", "RUNGWISE_GROUP", "RUNGWISE_EXPERIMENT", "RUNGWISE_TOKEN")

LAST_SECONDS = 15.0
"""How long a process that ends waits for a service that does not answer."""

_lock = threading.Lock()
_current: Experiment | None = None


def experiment() -> Experiment | None:
    """Returns the experiment that this process runs, or None outside of any job.

    The agent that started it keeps its lease alive and tells its end, so that no thread is needed
    here, which would be in the way of trainings that fork. Where there is no agent, a `with` block
    does both.
    """
    global _current  # noqa: PLW0603
    if not os.environ.get("RUNGWISE_EXPERIMENT"):
        return None
    with _lock:
        if _current is None:
            _current = _from_environment()
            atexit.register(_tell_stop, _current, os.getpid())
        return _current


def _from_environment() -> Experiment:
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        detail = f"RUNGWISE_EXPERIMENT is set, but not {' and '.join(missing)}"
        raise RungwiseError(detail, "no_experiment")
    url, group, number, token = (os.environ[name] for name in VARIABLES)
    data: Json = {"group": group, "number": int(number), "status": "running"}
    if "RUNGWISE_VALUES" in os.environ:
        data["values"] = json.loads(os.environ["RUNGWISE_VALUES"])
    own = Experiment(Transport(url, token), data)
    if "values" not in data:
        own.report()  # whose answer tells them
    return own


def _tell_stop(own: Experiment, pid: int) -> None:
    """Ends an experiment that was told to stop: the exit code 0 alone would say `succeeded`."""
    if os.getpid() != pid or not own.is_cut_short:
        return
    own.patience = LAST_SECONDS
    try:
        own.stopped()
    except RungwiseError as error:
        _log.warning("experiment %d: its stop could not be told: %s", own.number, error.detail)


def _forget() -> None:
    """Begins anew in a forked process, where locks may be held by threads that are gone."""
    global _current, _lock  # noqa: PLW0603
    _current = None
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def values(default: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Returns the values to train with: those of `default`, overridden by the experiment's.

    Outside of any job these are the defaults alone; RungwiseError where there are none.
    """
    own = experiment()
    if own is not None:
        return {**(default or {}), **own.values}
    if default is None:
        detail = "This process runs no experiment: start it by `rungwise run`, or give a default"
        raise RungwiseError(detail, "no_experiment")
    return dict(default)


def report(
    metrics: Metrics | None = None,
    /,
    *,
    step: SupportsFloat | None = None,
    checkpoint: str | None = None,
    message: str | None = None,
    **more: SupportsFloat,
) -> Report:
    """Reports numbers, and returns whether the training should stop.

    Metrics are keywords; a map takes those whose names are none: `report({"val/loss": 0.3})`.
    Outside of any job they are printed.
    """
    own = experiment()
    if own is not None:
        return own.report(metrics, step=step, checkpoint=checkpoint, message=message, **more)
    numbers = measured(metrics, more, step)
    texts = {"checkpoint": checkpoint, "message": message}
    line = {**numbers.pop("metrics", {}), **numbers}
    _print({**line, **{name: text for name, text in texts.items() if text is not None}})
    return Report(False)


def checkpoint(place: str) -> Report:
    """Reports where the training can go on from, such as `s3://…` or a path."""
    return report(checkpoint=place)


def resume_from() -> str | None:
    """Returns the checkpoint to continue from, or None where the training begins anew."""
    own = experiment()
    known = None if own is None else own.resume_from
    return os.environ.get("RUNGWISE_RESUME_FROM") or known


def finish(
    status: Literal["succeeded", "failed", "infeasible"] = "succeeded",
    *,
    message: str | None = None,
) -> None:
    """Ends the experiment. Outside of any job the end is printed.

    An agent does so itself, by the exit code: call it where there is none, or for `infeasible`.
    """
    own = experiment()
    if own is not None:
        own.finish(status, message=message)
    else:
        said = {} if message is None else {"message": clipped(message)}
        _print({"status": status, **said})


def _print(line: Json) -> None:
    print("rungwise", json.dumps(line), flush=True)
