"""Ax's client, whose models are BoTorch's."""

import logging
import warnings

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, PeerSearch, Problem, Suggested

METRIC = "value"


def config_of(name: str, parameter: Parameter) -> RangeParameterConfig | ChoiceParameterConfig:
    match parameter:
        case Continuous(low, high, log):
            scaling = "log" if log else "linear"
            return RangeParameterConfig(name, (low, high), "float", scaling=scaling)
        case Whole(low, high):
            return RangeParameterConfig(name, (low, high), "int")
        case Choice(items):
            return ChoiceParameterConfig(name, list(items), "str", is_ordered=False)


class AxSearch(PeerSearch):
    def __init__(self, problem: Problem) -> None:
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        self._client = Client(random_seed=problem.seed)
        self._client.configure_experiment(
            [config_of(name, one) for name, one in problem.function.parameters.items()]
        )
        self._client.configure_optimization(f"-{METRIC}")
        self._client.configure_generation_strategy(
            initialization_budget=INITIAL, initialization_random_seed=problem.seed
        )

    def ask(self) -> Suggested:
        ((index, values),) = self._client.get_next_trials(1).items()
        return Suggested(index, values)

    def report(self, suggested: Suggested, value: float | None) -> None:
        if value is None:
            self._client.mark_trial_failed(suggested.key)
        else:
            self._client.complete_trial(suggested.key, {METRIC: value})


begin = AxSearch
