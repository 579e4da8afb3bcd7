"""What an optimizer is given, and what it has to do: the same few calls for everybody."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from parameters import Function, Values

INITIAL = 10
"""Random or evenly spread suggestions before a model is asked: Optuna's own default, so that all begin alike."""


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

    def report(self, suggested: Suggested, value: float | None) -> None:
        """Tells the value of an evaluation; None where it failed."""

    def cpu_seconds(self) -> float:
        """Processor time since the process that makes the suggestions began."""

    def close(self) -> None: ...


class Refused(Exception):
    """An optimizer does not do what it was asked for."""


class PeerSearch:
    """What every search in this process has in common."""

    def suggest(self, count: int) -> list[Suggested]:
        return [self.ask() for _ in range(count)]

    def ask(self) -> Suggested:
        raise NotImplementedError

    def cpu_seconds(self) -> float:
        return time.process_time()

    def close(self) -> None:
        pass


class Penalty:
    """Tells failures as the worst value so far, to an optimizer that knows no failures.

    One before the first value waits for it.
    """

    def __init__(self, tell: Callable[[object, float], None]) -> None:
        self._tell = tell
        self._worst: float | None = None
        self._waiting: list[object] = []

    def tell(self, key: object, value: float | None) -> None:
        if value is not None:
            self._worst = value if self._worst is None else max(self._worst, value)
            self._tell(key, value)
        else:
            self._waiting.append(key)
        if self._worst is not None:
            for failed in self._waiting:
                self._tell(failed, self._worst)
            self._waiting = []
