"""Rungwise, over HTTP."""

import time
from collections.abc import Callable, Mapping
from itertools import count

import psutil
from problem import Refused
from race import Race, Stint
from rungwise import METRIC, Connection, Service, counted
from tasks import EPOCHS

ETA = 3
SUGGESTION_SECONDS_MAX = 120
RESOURCE = {"name": "epochs", "type": "int"}
RUNGS = {"max_iter": EPOCHS, "eta": ETA, "resource": RESOURCE, "resume": True}
SEEDS = 1000
"""How far apart the seeds of one race are from those of the next."""


def in_full(algorithm: str, budget: int) -> Mapping[str, object]:
    return counted(algorithm, -(-budget // EPOCHS))


def hyperband(_budget: int, **more: object) -> Mapping[str, object]:
    return {"hyperband": {**RUNGS, "metric": METRIC, **more}}


def by_rungs(algorithm: str, budget: int) -> Mapping[str, object]:
    """On each of the four rungs they cost about the same: 1, 2/3, 6/9, 18/27 of an epoch for each that began."""
    return {algorithm: {**RUNGS, "metric": METRIC, "n_experiments": -(-budget // 3)}}


ALGORITHMS: Mapping[str, Callable[[int], Mapping[str, object]]] = {
    "random": lambda budget: in_full("random_search", budget),
    "auto": lambda budget: in_full("auto", budget),
    "hyperband": hyperband,
    "asha": lambda budget: by_rungs("asha", budget),
    "auto with resource": lambda budget: by_rungs("auto", budget),
    "hyperband with model": lambda budget: hyperband(budget, model=True),
}


class RungwiseRace:
    """A group of the local service; after its end another one with the next seed."""

    def __init__(self, race: Race, service: Service, algorithm: Mapping[str, object]) -> None:
        self._process = psutil.Process(service.pid)
        self._connection = Connection(service.url)
        self._race = race
        self._algorithm = algorithm
        self._seeds = count(race.seed * SEEDS)
        self._base = self._begin()

    def _begin(self) -> str:
        hptuning = {
            "concurrency": self._race.workers,
            "seed": next(self._seeds),
            "matrix": {name: {"values": nodes} for name, nodes in self._race.task.axes.items()},
            **self._algorithm,
        }
        document = {"version": 1, "kind": "group", "hptuning": hptuning}
        return f"/v1/groups/{self._connection.post('/v1/groups', document)['id']}"

    def suggest(self) -> Stint | None:
        deadline = time.monotonic() + SUGGESTION_SECONDS_MAX
        wait_seconds = 0
        while time.monotonic() < deadline:
            body = {"count": 1, "wait_seconds": wait_seconds}
            answer = self._connection.post(f"{self._base}/suggest", body)
            for one in answer["experiments"]:
                return stint_of(one, f"{self._base}/experiments/{one['number']}")
            if answer["reason"] is None:
                self._base, wait_seconds = self._begin(), 0
            elif answer["reason"] == "computing":
                wait_seconds = 1
            else:
                return None
        raise Refused(f"no suggestion within {SUGGESTION_SECONDS_MAX} seconds")

    def report(self, stint: Stint, epochs: int, loss: float) -> bool:
        if epochs < stint.until:
            return True
        path, token = stint.key
        body = {
            "status": "succeeded",
            "metrics": {METRIC["name"]: loss},
            "checkpoint": str(epochs),
            "lease_token": token,
        }
        self._connection.post(f"{path}/report", body)
        return False

    def cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def close(self) -> None:
        self._connection.close()


def stint_of(experiment: Mapping, path: str) -> Stint:
    """What to do of an experiment: its resource is among its values, its checkpoint says how far it is."""
    values = dict(experiment["values"])
    until = values.pop(RESOURCE["name"], EPOCHS)
    resumed = experiment["resume_from"]
    done = 0 if resumed is None else int(resumed["checkpoint"])
    return Stint((path, experiment["lease"]["token"]), values, done, until)
