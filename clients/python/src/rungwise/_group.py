"""A group: one search, and the work on it."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable, SupportsFloat, Union

from ._errors import Reason, RungwiseError
from ._experiment import LOST, WORK_SECONDS, Experiment
from ._pages import pages
from ._transport import Transport
from ._wire import Json, Metrics, reason_from_wire
from ._workers import work_in_threads

WAIT_SECONDS = 2.0
"""How long a suggest is held where nothing is free: what every service allows."""
HOST_CHARACTERS = 60

Catch = tuple[type[Exception], ...]
Objective = Callable[[Experiment], Union[SupportsFloat, Metrics, None]]


@dataclass(frozen=True)
class Best:
    """The best experiment of a group so far."""

    number: int
    metric: str
    value: float
    values: dict[str, Any]


@dataclass(frozen=True)
class Suggestions:
    """What a suggest handed out. Where it is nothing, `reason` and `retry_after_seconds` say why
    and how long to wait; both are None once the group has ended.
    """

    experiments: list[Experiment]
    group_status: str
    reason: str | None
    retry_after_seconds: float | None


def worker_name() -> str:
    """Returns a name that no other worker has: containers can share hosts and process numbers."""
    host = socket.gethostname()[:HOST_CHARACTERS] or "host"
    return f"{host}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


class Group:
    """One search, as it was last read. Safe for use by many threads."""

    def __init__(self, transport: Transport, data: Json, patience: float = WORK_SECONDS) -> None:
        self._transport = transport
        self._data = data
        self._patience = patience
        self._path = f"/v1/groups/{data['id']}"

    def __repr__(self) -> str:
        return f"<Group {self.id} {self.status}>"

    @property
    def data(self) -> Json:
        """Everything that the service last said about it, as in the HTTP API."""
        return self._data

    @property
    def id(self) -> str:
        """Its id: `grp_` and 26 more characters."""
        return str(self._data["id"])

    @property
    def name(self) -> str | None:
        """Its name, or None."""
        name: str | None = self._data["name"]
        return name

    @property
    def status(self) -> str:
        """`running`, `stopping`, `stopped` or `done`."""
        return str(self._data["status"])

    @property
    def status_reason(self) -> Reason | None:
        """Why it does not run any more, or None."""
        return reason_from_wire(self._data["status_reason"])

    @property
    def progress(self) -> dict[str, int]:
        """How many experiments are planned, queued, running, succeeded, and so on."""
        return dict(self._data["progress"])

    @property
    def best(self) -> Best | None:
        """Its best experiment so far, or None."""
        best: Json | None = self._data["best"]
        return None if best is None else Best(**{**best, "value": float(best["value"])})

    @property
    def metric(self) -> str | None:
        """The metric that the search goes by, or None."""
        hptuning: Json = self._data["hptuning"]
        for key, section in hptuning.items():
            if key != "matrix" and isinstance(section, dict) and section.get("metric"):
                return str(section["metric"]["name"])
        return None

    def refresh(self) -> Group:
        """Reads it anew, and returns it."""
        self._data = self._transport.call("GET", self._path).body
        return self

    def stop(self) -> Group:
        """Stops it: nothing more is handed out, and running experiments are asked to stop."""
        self._data = self._transport.call("POST", f"{self._path}/stop").body
        return self

    def resume(self) -> Group:
        """Goes on after a stop."""
        self._data = self._transport.call("POST", f"{self._path}/resume").body
        return self

    def delete(self) -> None:
        """Deletes it with all its experiments. One that is not there any more is deleted."""
        try:
            self._transport.call("DELETE", self._path)
        except RungwiseError as error:
            if error.code != "group_not_found":
                raise

    def experiment(self, number: int) -> Experiment:
        """Reads one experiment."""
        return self._experiment(
            self._transport.call("GET", f"{self._path}/experiments/{number}").body
        )

    def experiments(
        self, *, status: str | None = None, sort: str | None = None
    ) -> Iterator[Experiment]:
        """Yields its experiments: by number, or with `sort="objective"` the best first."""
        query = {"status": status, "sort": sort}
        for data in pages(self._transport, f"{self._path}/experiments", query):
            yield self._experiment(data)

    def suggest(
        self, count: int = 1, *, worker: str | None = None, wait_seconds: float = 0
    ) -> Suggestions:
        """Asks for the next experiments: where a worker holds some already, for those first."""
        body = {"count": count, "worker": worker, "wait_seconds": wait_seconds}
        return self._suggest(body, catch=(), until=None)

    def work(
        self,
        worker: str | None = None,
        *,
        wait_seconds: float = WAIT_SECONDS,
        catch: Catch = (),
        until: threading.Event | None = None,
    ) -> Iterator[Experiment]:
        """Yields experiments to be run, one after the other, until the group has ended.

        Use each in a `with` block, which ends it. `worker` names this one slot: whoever starts
        again under it goes on with the experiment that it held. Exceptions of the classes in
        `catch` end their experiment as failed and the loop goes on. No more experiments come once
        `until` is set.
        """
        asked = {"count": 1, "worker": worker or worker_name(), "wait_seconds": wait_seconds}
        leave = until or threading.Event()
        has_asked = False
        while not leave.is_set():
            try:
                suggested = self._suggest(asked, catch=catch, until=until)
            except RungwiseError as error:
                if leave.is_set() or (has_asked and error.code in LOST):
                    return  # deleted meanwhile
                raise
            has_asked = True
            for experiment in suggested.experiments:
                yield from _handed_out(experiment, leave)
            if not suggested.experiments:
                if suggested.group_status in ("done", "stopped"):
                    return
                leave.wait(suggested.retry_after_seconds or 1)

    def run(
        self,
        objective: Objective,
        *,
        workers: int = 1,
        worker: str | None = None,
        catch: Catch = (),
    ) -> Group:
        """Calls a function for every experiment until the group has ended; returns the group anew.

        `objective` returns the value of the search's metric, a map of metrics, or None where it has
        reported all of them itself. With more `workers` than one it is called in as many threads.
        An exception that is not in `catch` fails its experiment, and ends the run once the other
        threads are through with theirs.
        """
        name = worker or worker_name()

        def slot(index: int, until: threading.Event, held: dict[int, Experiment]) -> None:
            own = name if workers == 1 else f"{name}-{index + 1}"
            for experiment in self.work(own, catch=catch, until=until):
                held[index] = experiment
                with experiment:
                    experiment.leave(self._metrics(objective(experiment)))

        work_in_threads(slot, workers)
        return self.refresh()

    def _metrics(self, returned: SupportsFloat | Metrics | None) -> Metrics | None:
        if returned is None or isinstance(returned, Mapping):
            return returned
        if self.metric is None:
            raise TypeError("the search goes by no metric: return a map such as {'loss': 0.3}")
        return {self.metric: returned}

    def _suggest(self, body: Json, *, catch: Catch, until: threading.Event | None) -> Suggestions:
        answer = self._transport.call(
            "POST", f"{self._path}/suggest", body, patience=self._patience, until=until
        )
        return Suggestions(
            [self._experiment(data, answer.at, catch) for data in answer.body["experiments"]],
            answer.body["group_status"],
            answer.body["reason"],
            answer.body["retry_after_seconds"],
        )

    def _experiment(self, data: Json, at: float | None = None, catch: Catch = ()) -> Experiment:
        token = (data["lease"] or {}).get("token")
        return Experiment(
            self._transport, data, at=at, token=token, catch=catch, patience=self._patience
        )


def _handed_out(experiment: Experiment, leave: threading.Event) -> Iterator[Experiment]:
    """Yields one experiment, and sees to it that it is not forgotten where it was in no block."""
    if leave.is_set():
        experiment.release()
        return
    try:
        yield experiment
    except GeneratorExit:
        experiment.release()  # the loop was left
        raise
    experiment.leave()
