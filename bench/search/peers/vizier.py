"""The default designer of OSS Vizier, GP-UCB-PE, in this process."""

import logging
import warnings

import jax
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, PeerSearch, Problem, Suggested
from vizier import algorithms
from vizier import pyvizier as vz

# Its public name would import designers that need packages of their own.
from vizier._src.algorithms.designers.gp_ucb_pe import VizierGPUCBPEBandit

METRIC = "value"


def add(root: vz.SearchSpaceSelector, name: str, parameter: Parameter) -> None:
    match parameter:
        case Continuous(low, high, log):
            scale = vz.ScaleType.LOG if log else vz.ScaleType.LINEAR
            root.add_float_param(name, low, high, scale_type=scale)
        case Whole(low, high):
            root.add_int_param(name, low, high)
        case Choice(items):
            root.add_categorical_param(name, list(items))


class VizierSearch(PeerSearch):
    def __init__(self, problem: Problem) -> None:
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        self._parameters = problem.function.parameters
        statement = vz.ProblemStatement()
        for name, one in self._parameters.items():
            add(statement.search_space.root, name, one)
        goal = vz.ObjectiveMetricGoal.MINIMIZE
        statement.metric_information.append(vz.MetricInformation(METRIC, goal=goal))
        key = jax.random.PRNGKey(problem.seed)
        self._designer = VizierGPUCBPEBandit(statement, rng=key, num_seed_trials=INITIAL)
        self._count = 0
        self._pending: dict[int, vz.Trial] = {}
        self._ended: list[vz.Trial] = []

    def ask(self) -> Suggested:
        self._designer.update(
            algorithms.CompletedTrials(self._ended),
            algorithms.ActiveTrials(list(self._pending.values())),
        )
        self._ended = []
        self._count += 1
        (suggestion,) = self._designer.suggest(1)
        trial = suggestion.to_trial(self._count)
        self._pending[trial.id] = trial
        told = trial.parameters.as_dict()
        return Suggested(trial, {name: self._plain(name, told[name]) for name in self._parameters})

    def _plain(self, name: str, value: object) -> float | int | str:
        match self._parameters[name]:
            case Continuous():
                return float(value)
            case Whole():
                return int(value)
            case Choice():
                return str(value)

    def report(self, suggested: Suggested, value: float | None) -> None:
        trial = self._pending.pop(suggested.key.id)
        if value is None:
            trial.complete(vz.Measurement(), infeasibility_reason="failed")
        else:
            trial.complete(vz.Measurement({METRIC: value}))
        self._ended.append(trial)


begin = VizierSearch
