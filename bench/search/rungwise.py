"""Rungwise, over HTTP."""

import http.client
import json
import math
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, Problem, Refused, Suggested

SUGGESTION_SECONDS_MAX = 120


@dataclass(frozen=True)
class Service:
    """A local service, and the process that runs it."""

    url: str
    pid: int


class Connection:
    """A connection to the service that stays open."""

    def __init__(self, url: str) -> None:
        self._http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)

    def post(self, path: str, body: Mapping[str, object]) -> dict:
        headers = {"content-type": "application/json"}
        self._http.request("POST", path, json.dumps(body), headers)
        with self._http.getresponse() as answer:
            text = answer.read().decode()
        if answer.status >= 300:
            raise Refused(refusal(answer.status, text))
        return json.loads(text)

    def close(self) -> None:
        self._http.close()


def refusal(status: int, text: str) -> str:
    """What a problem document says, on one line."""
    try:
        problem = json.loads(text)
        mistakes = [mistake["message"] for mistake in problem["errors"]]
        return " ".join([str(status), problem["code"], *(mistakes or [problem["detail"]])])
    except (ValueError, KeyError):
        return f"{status} {text[:200]}"


def option_of(parameter: Parameter) -> Mapping[str, object]:
    """A parameter as an option of the matrix; the bounds of loguniform are natural logarithms."""
    match parameter:
        case Continuous(low, high, log=True):
            return {"loguniform": [math.log(low), math.log(high)]}
        case Continuous(low, high):
            return {"uniform": [low, high]}
        case Whole(low, high):
            return {"quniform": [low, high, 1]}
        case Choice(items):
            return {"values": list(items)}


METRIC = {"name": "value", "optimization": "minimize"}

PAGE_UTILITY = {
    "acquisition_function": "ucb",
    "kappa": 1.2,
    "gaussian_process": {
        "kernel": "matern",
        "length_scale": 1.0,
        "nu": 1.9,
        "n_restarts_optimizer": 0,
    },
}
"""The utility function of the format's reference page."""


def counted(algorithm: str, budget: int) -> Mapping[str, object]:
    """An algorithm that needs nothing but a budget and a metric."""
    return {algorithm: {"n_experiments": budget, "metric": METRIC}}


def bayesian(budget: int, **more: object) -> Mapping[str, object]:
    initial = min(INITIAL, budget)
    fields = {"n_initial_trials": initial, "n_iterations": budget - initial, "metric": METRIC}
    return {"bo": {**fields, **more}}


ALGORITHMS: Mapping[str, Callable[[int], Mapping[str, object]]] = {
    "auto": lambda budget: counted("auto", budget),
    "bo": bayesian,
    "ucb": lambda budget: bayesian(budget, utility_function=PAGE_UTILITY),
    "random": lambda budget: counted("random_search", budget),
}


class RungwiseSearch:
    """A group of the local service, worked on as any worker does it."""

    def __init__(self, problem: Problem, service: Service, algorithm: Mapping[str, object]) -> None:
        self._process = psutil.Process(service.pid)
        self._connection = Connection(service.url)
        matrix = {name: option_of(one) for name, one in problem.function.parameters.items()}
        hptuning = {
            "concurrency": problem.parallel,
            "seed": problem.seed,
            "matrix": matrix,
            **algorithm,
        }
        document = {"version": 1, "kind": "group", "hptuning": hptuning}
        created = self._connection.post("/v1/groups", document)
        self._base = f"/v1/groups/{created['id']}"

    def suggest(self, count: int) -> list[Suggested]:
        ready: list[Suggested] = []
        deadline = time.monotonic() + SUGGESTION_SECONDS_MAX
        while len(ready) < count:
            body = {"count": count - len(ready), "wait_seconds": 20}
            answer = self._connection.post(f"{self._base}/suggest", body)
            ready += [
                Suggested((one["number"], one["lease"]["token"]), one["values"])
                for one in answer["experiments"]
            ]
            if not answer["experiments"] and answer["group_status"] != "running":
                raise Refused(f"the group is {answer['group_status']} before its budget is spent")
            if time.monotonic() > deadline:
                raise Refused(f"no suggestion within {SUGGESTION_SECONDS_MAX} seconds")
        return ready

    def report(self, suggested: Suggested, value: float | None) -> None:
        number, token = suggested.key
        outcome = (
            {"status": "failed"}
            if value is None
            else {"status": "succeeded", "metrics": {"value": value}}
        )
        body = {**outcome, "lease_token": token}
        self._connection.post(f"{self._base}/experiments/{number}/report", body)

    def cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def close(self) -> None:
        self._connection.close()
