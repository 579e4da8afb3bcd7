"""The optimizers, each behind the same four calls: suggest, report, how much processor time it has used, and close."""

import http.client
import importlib.metadata
import json
import math
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import psutil
from functions import Choice, Continuous, Function, Parameter, Values, Whole

INITIAL = 10
"""Random or evenly spread suggestions before a model is asked: Optuna's own default, so that all begin alike."""

SUGGESTION_SECONDS_MAX = 120


@dataclass(frozen=True)
class Problem:
    """What is to be minimised, by how many evaluations, so many of them running at once."""

    function: Function
    seed: int
    budget: int
    parallel: int


@dataclass(frozen=True)
class Suggested:
    """Values to try, with what the optimizer knows them by."""

    key: object
    values: Values


class Search(Protocol):
    """One search that is under way."""

    def suggest(self, count: int) -> list[Suggested]: ...

    def report(self, suggested: Suggested, value: float) -> None: ...

    def cpu_seconds(self) -> float: ...

    def close(self) -> None: ...


class Refused(Exception):
    """The service does not do what it was asked for."""


# ---- Rungwise, over HTTP


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


def random_search(budget: int) -> Mapping[str, object]:
    return {"random_search": {"n_experiments": budget, "metric": METRIC}}


def bayesian(budget: int, **more: object) -> Mapping[str, object]:
    initial = min(INITIAL, budget)
    fields = {"n_initial_trials": initial, "n_iterations": budget - initial, "metric": METRIC}
    return {"bo": {**fields, **more}}


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

    def report(self, suggested: Suggested, value: float) -> None:
        number, token = suggested.key
        body = {"metrics": {"value": value}, "status": "succeeded", "lease_token": token}
        self._connection.post(f"{self._base}/experiments/{number}/report", body)

    def cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def close(self) -> None:
        self._connection.close()


# ---- Optuna, in this process


class OptunaSearch:
    """A study of Optuna in memory."""

    def __init__(self, problem: Problem, sampler: str) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        samplers: Mapping[str, Callable[[int], optuna.samplers.BaseSampler]] = {
            "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
            "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, n_startup_trials=INITIAL),
            "gp": lambda seed: optuna.samplers.GPSampler(seed=seed, n_startup_trials=INITIAL),
        }
        self._parameters = problem.function.parameters
        self._study = optuna.create_study(sampler=samplers[sampler](problem.seed))

    def suggest(self, count: int) -> list[Suggested]:
        return [self._ask() for _ in range(count)]

    def _ask(self) -> Suggested:
        trial = self._study.ask()

        def value_of(name: str, parameter: Parameter) -> float | int | str:
            match parameter:
                case Continuous(low, high, log):
                    return trial.suggest_float(name, low, high, log=log)
                case Whole(low, high):
                    return trial.suggest_int(name, low, high)
                case Choice(items):
                    return trial.suggest_categorical(name, items)

        return Suggested(trial, {name: value_of(name, one) for name, one in self._parameters.items()})

    def report(self, suggested: Suggested, value: float) -> None:
        self._study.tell(suggested.key, value)

    def cpu_seconds(self) -> float:
        return time.process_time()

    def close(self) -> None:
        pass


def rungwise(algorithm: Callable[[int], Mapping[str, object]]) -> Callable[[Problem, Service], Search]:
    return lambda problem, service: RungwiseSearch(problem, service, algorithm(problem.budget))


def optuna(sampler: str) -> Callable[[Problem, Service], Search]:
    return lambda problem, _service: OptunaSearch(problem, sampler)


OPTIMIZERS: Mapping[str, Callable[[Problem, Service], Search]] = {
    "rungwise bo": rungwise(bayesian),
    "rungwise ucb": rungwise(lambda budget: bayesian(budget, utility_function=PAGE_UTILITY)),
    "rungwise random": rungwise(random_search),
    "optuna gp": optuna("gp"),
    "optuna tpe": optuna("tpe"),
    "optuna random": optuna("random"),
}


def version_of(optimizer: str) -> str | None:
    """What a peer's results depend on; None for Rungwise, whose sources are here."""
    packages = {
        "optuna gp": ("optuna", "torch", "scipy", "numpy"),
        "optuna tpe": ("optuna", "numpy"),
        "optuna random": ("optuna", "numpy"),
    }.get(optimizer)
    if packages is None:
        return None
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
