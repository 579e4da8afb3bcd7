"""Optuna's samplers, by ask and tell in memory."""

import warnings
from collections.abc import Callable, Mapping

import optuna
from optuna.trial import TrialState
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, PeerSearch, Problem, Suggested

SAMPLERS: Mapping[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, n_startup_trials=INITIAL),
    "gp": lambda seed: optuna.samplers.GPSampler(seed=seed, n_startup_trials=INITIAL),
    "cmaes": lambda seed: optuna.samplers.CmaEsSampler(
        seed=seed, n_startup_trials=INITIAL, warn_independent_sampling=False
    ),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}


class OptunaSearch(PeerSearch):
    def __init__(self, problem: Problem, sampler: str) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self._parameters = problem.function.parameters
        self._study = optuna.create_study(sampler=SAMPLERS[sampler](problem.seed))

    def ask(self) -> Suggested:
        trial = self._study.ask()

        def value_of(name: str, parameter: Parameter) -> float | int | str:
            match parameter:
                case Continuous(low, high, log):
                    return trial.suggest_float(name, low, high, log=log)
                case Whole(low, high):
                    return trial.suggest_int(name, low, high)
                case Choice(items):
                    return trial.suggest_categorical(name, items)

        values = {name: value_of(name, one) for name, one in self._parameters.items()}
        return Suggested(trial, values)

    def report(self, suggested: Suggested, value: float | None) -> None:
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        self._study.tell(suggested.key, value, state=state)


def begin(sampler: str) -> Callable[[Problem], OptunaSearch]:
    return lambda problem: OptunaSearch(problem, sampler)
