"""Optuna's samplers with its pruners, by ask and tell in memory."""

import time
import warnings
from collections.abc import Callable, Mapping

import optuna
from optuna.trial import TrialState
from race import Race, Stint
from tasks import EPOCHS

ETA = 3

SAMPLERS: Mapping[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}

PRUNERS: Mapping[str, Callable[[], optuna.pruners.BasePruner]] = {
    "none": optuna.pruners.NopPruner,
    "hyperband": lambda: optuna.pruners.HyperbandPruner(
        min_resource=1, max_resource=EPOCHS, reduction_factor=ETA
    ),
    "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=ETA),
    "median": optuna.pruners.MedianPruner,
}


class OptunaRace:
    """A study without end; listed numbers are told in their order, as places in their list."""

    def __init__(self, race: Race, sampler: str, pruner: str) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self._axes = race.task.axes
        self._study = optuna.create_study(
            sampler=SAMPLERS[sampler](race.seed),
            pruner=PRUNERS[pruner](),
            # Hyperband's choice of a bracket depends on it.
            study_name=f"{race.task.name} {race.seed}",
        )

    def suggest(self) -> Stint:
        trial = self._study.ask()

        def value_of(name: str, nodes: list) -> float | int | str:
            if isinstance(nodes[0], str):
                return trial.suggest_categorical(name, nodes)
            return nodes[trial.suggest_int(name, 0, len(nodes) - 1)]

        values = {name: value_of(name, nodes) for name, nodes in self._axes.items()}
        return Stint(trial, values, 0, EPOCHS)

    def report(self, stint: Stint, epochs: int, loss: float) -> bool:
        stint.key.report(loss, epochs)
        if epochs == EPOCHS:
            self._study.tell(stint.key, loss)
            return False
        if stint.key.should_prune():
            self._study.tell(stint.key, state=TrialState.PRUNED)
            return False
        return True

    def cpu_seconds(self) -> float:
        return time.process_time()

    def close(self) -> None:
        pass
