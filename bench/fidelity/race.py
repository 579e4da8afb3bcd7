"""One search on one task, in virtual time: an epoch takes one unit of it, everything else none."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from problem import Refused
from tasks import Task, Values


@dataclass(frozen=True)
class Race:
    """A task, and how many epochs all workers together may spend."""

    task: Task
    seed: int
    budget: int
    workers: int


@dataclass(frozen=True)
class Stint:
    """A configuration to train, from the epochs that its checkpoint has already."""

    key: object
    values: Values
    done: int
    until: int


class Search(Protocol):
    """One search that is under way."""

    def suggest(self) -> Stint | None:
        """What a free worker does next; None where it has to wait for others."""

    def report(self, stint: Stint, epochs: int, loss: float) -> bool:
        """Tells the validation loss after so many epochs; returns whether the worker trains on."""

    def cpu_seconds(self) -> float:
        """Processor time since the process that makes the suggestions began."""

    def close(self) -> None: ...


@dataclass
class Worker:
    stint: Stint | None = None
    epochs: int = 0
    """What its configuration has been trained for."""


def run(race: Race, search: Search) -> Mapping[str, object]:
    """Lets the workers train side by side; one that has to wait spends its time all the same."""
    workers = [Worker() for _ in range(race.workers)]
    lowest = math.inf
    best: list[float] = []
    suggestions = 0
    cpu_before, before = search.cpu_seconds(), time.perf_counter()
    for _ in range(math.ceil(race.budget / race.workers)):
        for worker in workers:
            if worker.stint is None and (stint := search.suggest()) is not None:
                worker.stint, worker.epochs = stint, stint.done
                suggestions += 1
        training = [worker for worker in workers if worker.stint is not None]
        if not training:
            raise Refused("nobody trains, and there is nothing to wait for")
        told = []
        for worker in workers:
            if worker.stint is not None:
                worker.epochs += 1
                place = race.task.place_of(worker.stint.values)
                loss = float(race.task.validation[place, worker.epochs - 1])
                lowest = min(lowest, loss)
                told.append((worker, worker.stint, loss))
            best.append(lowest)
        for worker, stint, loss in told:
            if not search.report(stint, worker.epochs, loss):
                worker.stint = None
    return {
        "best": best[: race.budget],
        "wall_ms": (time.perf_counter() - before) * 1000 / suggestions,
        "cpu_ms": (search.cpu_seconds() - cpu_before) * 1000 / suggestions,
        "process_cpu_s": search.cpu_seconds(),
    }
