"""One experiment: its values, and the reports on it."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, SupportsFloat

from ._errors import Reason, RungwiseError
from ._heartbeat import Heartbeat
from ._pages import pages
from ._transport import Transport
from ._wire import (
    Json,
    Metrics,
    clipped,
    measured,
    metric_from_wire,
    reason_from_wire,
    time_from_wire,
)

_log = logging.getLogger("rungwise")

WORK_SECONDS = 600.0
"""How long the service may be away before work is given up."""
LEAVE_SECONDS = 5.0
"""How long somebody who leaves waits until an experiment is given back."""
LEASE_PART = 3
"""A training may be silent for one part in so many of its lease."""
SHORTEST_LEASE_SECONDS = 10.0
"""The shortest lease that a document can ask for."""

LOST = frozenset(
    {
        "lease_lost",
        "experiment_not_running",
        "experiment_finished",
        "experiment_not_found",
        "group_not_found",
    }
)
"""Codes by which the service says that an experiment is not the caller's any more."""

End = Literal["succeeded", "failed", "infeasible", "stopped"]


@dataclass(frozen=True)
class Report:
    """The answer to a report, which is true when the training should stop:
    `if experiment.report(loss=loss, step=epoch): break`.
    """

    stop: bool
    stop_reason: Reason | None = None

    def __bool__(self) -> bool:
        return self.stop


class Experiment:
    """One assignment of values that is tried. Safe for use by many threads.

    As a context manager it keeps its lease alive, and ends the experiment however the block is
    left: `succeeded`, or `stopped` where the training was told to stop; `failed` with the traceback
    after an exception, which goes on; given back to the queue after Ctrl-C or `sys.exit`, and where
    the service does not answer any more.
    """

    def __init__(
        self,
        transport: Transport,
        data: Json,
        *,
        at: float | None = None,
        token: str | None = None,
        catch: tuple[type[Exception], ...] = (),
        patience: float = WORK_SECONDS,
    ) -> None:
        self._transport = transport
        self._data = data
        self._path = f"/v1/groups/{data['group']}/experiments/{data['number']}"
        # Without a token of its own, the key of the transport is the token.
        self._lease: Json = {} if token is None else {"lease_token": token}
        self._catch = catch
        self.patience = patience
        self._interval = SHORTEST_LEASE_SECONDS / LEASE_PART
        # Nothing is known of the lease yet: the first heartbeat finds out at once.
        self._due = time.monotonic()
        if at is not None:
            self._renew(at)
        self._stop: Report | None = None
        self._is_told = False
        self._end: str | None = None
        self._heartbeat: Heartbeat | None = None
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<Experiment {self.number} {self.status} {self.values}>"

    @property
    def data(self) -> Json:
        """Everything that the service last said about it, as in the HTTP API."""
        return self._data

    @property
    def group(self) -> str:
        """The id of its group."""
        return str(self._data["group"])

    @property
    def number(self) -> int:
        """Its number within the group: 1, 2, 3 and so on."""
        return int(self._data["number"])

    @property
    def values(self) -> dict[str, Any]:
        """The value of every parameter."""
        return dict(self._data["values"])

    @property
    def status(self) -> str:
        """`queued`, `running`, `succeeded`, `failed`, `infeasible` or `stopped`, as last heard."""
        return str(self._data["status"])

    @property
    def objective(self) -> float | None:
        """Its last value of the metric that the search goes by, as last heard."""
        return metric_from_wire(self._data.get("objective"))

    @property
    def command(self) -> str | None:
        """The document's command with its values filled in, or None."""
        command: str | None = self._data.get("command")
        return command

    @property
    def resume_from(self) -> str | None:
        """The checkpoint to continue from, or None where the training begins anew."""
        earlier: Json = self._data.get("resume_from") or {}
        checkpoint: str | None = earlier.get("checkpoint")
        return checkpoint

    @property
    def should_stop(self) -> bool:
        """True once the service said, to a report or a heartbeat, that the training should stop."""
        if self._stop is None:
            return False
        self._is_told = True
        return True

    @property
    def stop_reason(self) -> Reason | None:
        """Why it should stop, or None."""
        return None if self._stop is None else self._stop.stop_reason

    def measurements(self) -> Iterator[Json]:
        """Yields every reported number, in the order of their arrival."""
        return pages(self._transport, f"{self._path}/measurements", {})

    def report(
        self,
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
        Without anything it tells that the training is alive.
        """
        body = measured(metrics, more, step)
        if checkpoint is not None:
            body["checkpoint"] = checkpoint
        if message is not None:
            body["message"] = clipped(message)
        self._refuse_after_end()
        report = self._send(body)
        self._is_told = self._is_told or report.stop
        return report

    def checkpoint(self, place: str) -> Report:
        """Reports where the training can go on from, such as `s3://…` or a path."""
        return self.report(checkpoint=place)

    def succeed(
        self,
        metrics: Metrics | None = None,
        /,
        *,
        step: SupportsFloat | None = None,
        message: str | None = None,
        **more: SupportsFloat,
    ) -> None:
        """Ends it as succeeded, with its last numbers where they are given."""
        self.finish("succeeded", message=message, numbers=measured(metrics, more, step))

    def fail(self, message: str | None = None) -> None:
        """Ends it as failed."""
        self.finish("failed", message=message)

    def infeasible(self, message: str | None = None) -> None:
        """Ends it as infeasible: with these values there is nothing to be had."""
        self.finish("infeasible", message=message)

    def stopped(self, message: str | None = None) -> None:
        """Ends it as stopped: ended early because the service said so."""
        self.finish("stopped", message=message)

    def finish(
        self, status: End, *, message: str | None = None, numbers: Json | None = None
    ) -> None:
        """Ends it. Where it is not the caller's any more this does nothing but to log so."""
        self._refuse_after_end()
        body: Json = {**(numbers or {}), "status": status}
        if message is not None:
            body["message"] = clipped(message)
        report = self._send(body)
        if self._is_lost() and report.stop_reason is not None:
            why = report.stop_reason.detail
            _log.warning("experiment %d: its end does not count: %s", self.number, why)
        with self._lock:
            self._end = status
        self._end_heartbeat()

    def release(self) -> None:
        """Gives it back, so that another worker gets it. Does nothing after its end."""
        with self._lock:
            if self._end is not None or self._is_lost():
                return
            self._stop = Report(True, Reason("lease_lost", "It was given back."))
            self._end_heartbeat()
        try:
            path = f"{self._path}/release"
            self._transport.call("POST", path, self._lease, patience=LEAVE_SECONDS)
        except RungwiseError as error:
            if error.code not in LOST:
                raise

    def __enter__(self) -> Experiment:
        with self._lock:
            if self._heartbeat is None and self._end is None:
                name = f"rungwise-heartbeat-{self.number}"
                self._heartbeat = Heartbeat(lambda: self._due, self._beat, name)
                self._heartbeat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        try:
            if error is None:
                self.leave()
            elif isinstance(error, Exception) and not _is_no_answer(error):
                lines = traceback.format_exception(kind, error, trace)
                self._tell_quietly("failed", "".join(lines))
            else:
                self._tell_quietly("released")
        finally:
            self._end_heartbeat()
        return isinstance(error, self._catch)

    def leave(self, metrics: Metrics | None = None) -> None:
        """Ends it as a block does that is left: nothing where it has ended or is lost already.

        Raises RungwiseError where the metric of the search was never reported, after having ended
        it as failed.
        """
        if self._end is not None or self._is_lost():
            return
        try:
            # A stop that the training never heard of did not cut it short.
            self.finish(
                "stopped" if self._is_told else "succeeded", numbers=measured(metrics, {}, None)
            )
        except RungwiseError as error:
            if error.code == "metric_missing":
                self._tell_quietly("failed", error.detail)
            raise

    @property
    def is_cut_short(self) -> bool:
        """True where the training was told to stop and its end has not been told yet."""
        return self._is_told and self._end is None and not self._is_lost()

    def _end_heartbeat(self) -> None:
        with self._lock:
            if self._heartbeat is not None:
                self._heartbeat.stop()
                self._heartbeat = None

    def _beat(self, stopped: threading.Event) -> bool:
        # Whatever comes of it, the next beat is not due at once.
        self._due = time.monotonic() + self._interval
        try:
            self._send({}, patience=self._interval, until=stopped)
        except RungwiseError as error:
            if not stopped.is_set():
                _log.warning("experiment %d: no heartbeat: %s", self.number, error.detail)
        return not self._is_lost()

    def _is_lost(self) -> bool:
        reason = self.stop_reason
        return reason is not None and reason.code in LOST

    def _refuse_after_end(self) -> None:
        if self._end is not None:
            detail = f"Experiment {self.number} has been {self._end} already"
            raise RungwiseError(detail, "experiment_finished")

    def _send(
        self,
        body: Json,
        *,
        patience: float | None = None,
        until: threading.Event | None = None,
    ) -> Report:
        """Sends a report. That the experiment is not ours any more is no error: it means stop."""
        if self._stop is not None and self._is_lost():
            return self._stop
        try:
            answer = self._transport.call(
                "POST",
                f"{self._path}/report",
                {**body, **self._lease},
                patience=self.patience if patience is None else patience,
                until=until,
            )
        except RungwiseError as error:
            if error.code not in LOST:
                raise
            self._stop = Report(True, Reason(error.code, error.detail))
            return self._stop
        return self._hear(answer.body, answer.at)

    def _hear(self, answer: Json, at: float) -> Report:
        report = Report(answer["should_stop"], reason_from_wire(answer["stop_reason"]))
        with self._lock:
            self._data = answer["experiment"]
            self._renew(at)
            # A group that was stopped can be resumed; what is lost stays lost.
            if not self._is_lost():
                self._stop = report if report.stop else None
        return report

    def _renew(self, at: float) -> None:
        """Takes note of a lease that was just renewed, at a time of the service's clock."""
        lease = self._data["lease"]
        if lease is not None:
            # Both times are the service's own: a clock that is wrong here does no harm.
            seconds = time_from_wire(lease["expires_at"]) - at
            self._interval = max(seconds, SHORTEST_LEASE_SECONDS) / LEASE_PART
        self._due = time.monotonic() + self._interval

    def _tell_quietly(self, end: Literal["failed", "released"], message: str | None = None) -> None:
        """Ends it while an exception is on its way, which is worth more than one of our own."""
        try:
            if end == "released":
                self.release()
            elif self._end is None:
                self.finish(end, message=message)
        except RungwiseError as error:
            _log.warning("experiment %d: its end could not be told: %s", self.number, error.detail)


def _is_no_answer(error: Exception) -> bool:
    return isinstance(error, RungwiseError) and error.code == "no_answer"
