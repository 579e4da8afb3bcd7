"""Regrets by optimizer and function, and what follows from them."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np
from functions import FUNCTIONS, SUITES
from optimizers import OPTIMIZERS
from scipy.stats import rankdata

BASELINE = "optuna random"
"""Whose median regret has a gap of 0."""

RATIO_FLOOR = 1e-6
"""Share of the baseline's median regret below which regrets count as equal in ratios: nobody cares for more digits."""


def is_own(optimizer: str) -> bool:
    return optimizer.startswith("rungwise ")


def geometric(values: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(list(values)))))


def over_all(values: Iterable[float | None], of: Callable[[list[float]], float]) -> float | None:
    """A mean over the functions; None where one of them is missing, since it would mean something else."""
    known = list(values)
    return None if None in known or not known else float(of(known))


def filled(best: list[float | None]) -> list[float]:
    """Until something has succeeded, the first value that does counts: there is no better number."""
    first = next((value for value in best if value is not None), math.inf)
    return [first if value is None else value for value in best]


class Comparison:
    """What was run; numbers about an optimizer on a function are medians over its seeds, None where nothing was run."""

    def __init__(self, sent: Mapping) -> None:
        self.budget: int = sent["budget"]
        self.parallel: int = sent["parallel"]
        self.left_out: Mapping[str, str] = sent["left_out"]
        self._runs: dict[tuple[str, str], list[Mapping]] = {}
        for run in sent["runs"]:
            self._runs.setdefault((run["optimizer"], run["function"]), []).append(run)
        self._cold: list[Mapping] = sent["cold"]
        self.optimizers = [
            name for name in OPTIMIZERS if any(optimizer == name for optimizer, _ in self._runs)
        ]
        self.peers = [name for name in self.optimizers if not is_own(name)]

    def functions(self, suite: str) -> list[str]:
        """Those of a suite that anybody was run on."""
        ran = {function for _, function in self._runs}
        return [one.name for one in SUITES[suite] if one.name in ran]

    def runs(self, optimizer: str, function: str) -> list[Mapping]:
        return self._runs.get((optimizer, function), [])

    @cache
    def regrets(self, optimizer: str, function: str) -> np.ndarray | None:
        """Distance of the incumbent from the optimum: [seeds, evaluations]."""
        runs = self.runs(optimizer, function)
        if not runs:
            return None
        best = np.array([filled(run["best"]) for run in runs])
        return np.maximum(best - FUNCTIONS[function].optimum, 0)

    def regret(self, optimizer: str, function: str, evaluations: int) -> float | None:
        regrets = self.regrets(optimizer, function)
        return None if regrets is None else float(np.median(regrets[:, evaluations - 1]))

    def gap(self, optimizer: str, function: str) -> float | None:
        """How much of the way from random search to the optimum was made: 0 is the baseline, 1 the optimum."""
        baseline = self.regret(BASELINE, function, self.budget)
        regret = self.regret(optimizer, function, self.budget)
        return None if regret is None or not baseline else 1 - regret / baseline

    def floored(self, optimizer: str, function: str) -> float | None:
        """The regret that ratios are made of."""
        regret = self.regret(optimizer, function, self.budget)
        baseline = self.regret(BASELINE, function, self.budget)
        return None if regret is None or not baseline else max(regret, RATIO_FLOOR * baseline)

    def ratio(self, optimizer: str, other: str, function: str) -> float | None:
        """The regret as a multiple of another's."""
        own, theirs = self.floored(optimizer, function), self.floored(other, function)
        return None if own is None or theirs is None else own / theirs

    def ratio_to_best_peer(self, optimizer: str, function: str) -> float | None:
        """The regret as a multiple of that of the peer that is best on this function."""
        own = self.floored(optimizer, function)
        peers = [floored for name in self.peers if (floored := self.floored(name, function))]
        return None if own is None or not peers else own / min(peers)

    def mean_ranks(self, suite: str) -> Mapping[str, float]:
        """The mean place by regret, 1 the best, among those that were run on all functions of the suite."""
        functions = self.functions(suite)
        complete = [
            name for name in self.optimizers if all(self.runs(name, one) for one in functions)
        ]
        ranks = [
            rankdata([self.regret(name, one, self.budget) for name in complete])
            for one in functions
        ]
        return dict(zip(complete, np.mean(ranks, axis=0).tolist(), strict=True)) if complete else {}

    def milliseconds(self, optimizer: str, field: str) -> float:
        """The median over all its runs, of wall_ms or cpu_ms."""
        return float(
            np.median([run[field] for (name, _), runs in self._runs.items() if name == optimizer for run in runs])
        )

    def cold_seconds(self, optimizer: str) -> float | None:
        seen = [run["process_cpu_s"] for run in self._cold if run["optimizer"] == optimizer]
        return float(np.median(seen)) if seen else None

    def versions(self) -> Mapping[str, str]:
        return {optimizer: runs[0]["version"] for (optimizer, _), runs in self._runs.items()}

    def machines(self) -> list[str]:
        return sorted({run["machine"] for runs in self._runs.values() for run in runs})
