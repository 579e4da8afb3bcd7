"""Regrets by contestant and task, and what follows from them."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from comparison import geometric, over_all
from contestants import CONTESTANTS
from scipy.stats import rankdata
from tasks import TASKS

BASELINE = "rungwise random"
"""Who trains in full what comes at random: a score of 0."""

SHARES = (0.25, 0.5, 1.0)
"""Of the budget, where regrets are compared."""

FLOOR = 0.01
"""Share of the baseline's regret below which regrets count as equal in geometric means: finer than the losses tell."""


class Standing:
    """The runs with one number of workers; numbers are medians over the seeds, None where nothing was run."""

    def __init__(self, sent: Mapping, workers: int) -> None:
        self.budget: int = sent["budget"]
        self.workers = workers
        self._runs: dict[tuple[str, str], list[Mapping]] = {}
        for run in sent["runs"]:
            if run["parallel"] == workers:
                self._runs.setdefault((run["optimizer"], run["function"]), []).append(run)
        ran = {name for name, _ in self._runs}
        self.contestants = [name for name in CONTESTANTS if name in ran]
        self.tasks = [name for name in TASKS if any(task == name for _, task in self._runs)]

    def seeds(self, name: str) -> Sequence[int]:
        return [len(self._runs.get((name, task), [])) for task in self.tasks]

    @cache
    def regrets(self, name: str, task: str) -> np.ndarray | None:
        """Distance of the lowest validation loss so far from the lowest of the table: [seeds, epochs]."""
        runs = self._runs.get((name, task))
        if not runs:
            return None
        return np.maximum(np.array([run["best"] for run in runs]) - TASKS[task].optimum, 0)

    def regret(self, name: str, task: str, share: float = 1.0) -> float | None:
        regrets = self.regrets(name, task)
        return None if regrets is None else float(np.median(regrets[:, round(share * self.budget) - 1]))

    def ratio(self, name: str, task: str, share: float) -> float | None:
        """The regret as a share of the baseline's at the same time."""
        own, base = self.regret(name, task, share), self.regret(BASELINE, task, share)
        return None if own is None or not base else own / base

    def score(self, name: str, share: float) -> float | None:
        """How much of the way from the baseline to the optimum was made, the mean over the tasks."""
        ratios = (self.ratio(name, task, share) for task in self.tasks)
        return over_all(ratios, lambda known: 1 - np.mean(known))

    def ratio_to_baseline(self, name: str, share: float) -> float | None:
        """The geometric mean of the ratios."""
        ratios = (self.ratio(name, task, share) for task in self.tasks)
        return over_all(ratios, lambda known: geometric(max(ratio, FLOOR) for ratio in known))

    def rank(self, name: str, share: float) -> float | None:
        """The mean place of its runs among those of everybody with the same task and seed, 1 the best."""
        if not all(self.seeds(name)):
            return None
        return float(np.mean([self._ranks(task, share)[name] for task in self.tasks]))

    @cache
    def _ranks(self, task: str, share: float) -> Mapping[str, float]:
        at = round(share * self.budget) - 1
        ran = [name for name in self.contestants if all(self.seeds(name))]
        seeds = min(min(self.seeds(name)) for name in ran)
        table = [self.regrets(name, task)[:seeds, at] for name in ran]
        return dict(zip(ran, rankdata(table, axis=0).mean(axis=1).tolist(), strict=True))

    def test(self, name: str, task: str) -> float | None:
        """The test loss of the model with the lowest validation loss."""
        runs = self._runs.get((name, task), [])
        return float(np.median([TASKS[task].test_of(run["best"][-1]) for run in runs])) if runs else None

    def milliseconds(self, name: str) -> float:
        """Processor time of a suggestion with what is reported of it."""
        return float(
            np.median([run["cpu_ms"] for (one, _), runs in self._runs.items() if one == name for run in runs])
        )

    def versions(self) -> Mapping[str, str]:
        return {name: runs[0]["version"] for (name, _), runs in self._runs.items()}
