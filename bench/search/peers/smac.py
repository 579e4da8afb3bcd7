"""SMAC3's facade for hyperparameters: a random forest."""

import logging
import tempfile
import warnings

from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer
from ConfigSpace.hyperparameters import Hyperparameter
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, PeerSearch, Penalty, Problem, Suggested
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialInfo, TrialValue


def hyperparameter_of(name: str, parameter: Parameter) -> Hyperparameter:
    match parameter:
        case Continuous(low, high, log):
            return Float(name, (low, high), log=log)
        case Whole(low, high):
            return Integer(name, (low, high))
        case Choice(items):
            return Categorical(name, list(items))


class SmacSearch(PeerSearch):
    def __init__(self, problem: Problem) -> None:
        warnings.simplefilter("ignore")
        self._folder = tempfile.TemporaryDirectory()
        space = ConfigurationSpace(seed=problem.seed)
        space.add([hyperparameter_of(name, one) for name, one in problem.function.parameters.items()])
        # Deterministic: otherwise it spends evaluations on repeating points, where nothing is noisy as well.
        scenario = Scenario(
            space,
            deterministic=True,
            n_trials=problem.budget,
            seed=problem.seed,
            output_directory=self._folder.name,
        )
        facade = HyperparameterOptimizationFacade
        self._smac = facade(
            scenario,
            # Called by nobody: values are told.
            lambda _config, seed=0: 0.0,
            initial_design=facade.get_initial_design(scenario, n_configs=INITIAL, max_ratio=1),
            logging_level=logging.ERROR,
            overwrite=True,
        )
        self._penalty = Penalty(self._tell)

    def ask(self) -> Suggested:
        info = self._smac.ask()
        return Suggested(info, dict(info.config))

    def report(self, suggested: Suggested, value: float | None) -> None:
        # Its forest breaks on the infinite cost that a crash has by default.
        self._penalty.tell(suggested.key, value)

    def _tell(self, info: TrialInfo, cost: float) -> None:
        self._smac.tell(info, TrialValue(cost=cost), save=False)

    def close(self) -> None:
        self._folder.cleanup()


begin = SmacSearch
