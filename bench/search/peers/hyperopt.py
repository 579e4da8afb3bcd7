"""The tree of Parzen estimators of hyperopt, by the calls that its fmin makes."""

import math

import hyperopt
import numpy as np
from hyperopt import hp, tpe
from hyperopt.base import JOB_STATE_DONE, Domain
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, PeerSearch, Problem, Suggested


def expression_of(name: str, parameter: Parameter) -> object:
    match parameter:
        case Continuous(low, high, log=True):
            return hp.loguniform(name, math.log(low), math.log(high))
        case Continuous(low, high):
            return hp.uniform(name, low, high)
        case Whole(low, high):
            return hp.uniformint(name, low, high)
        case Choice(items):
            return hp.choice(name, list(items))


class HyperoptSearch(PeerSearch):
    def __init__(self, problem: Problem) -> None:
        self._parameters = problem.function.parameters
        self._space = {name: expression_of(name, one) for name, one in self._parameters.items()}
        self._domain = Domain(lambda _values: None, self._space)
        self._trials = hyperopt.Trials()
        self._seeds = np.random.default_rng(problem.seed)

    def ask(self) -> Suggested:
        identity = self._trials.new_trial_ids(1)
        seed = int(self._seeds.integers(2**31 - 1))
        documents = tpe.suggest(
            identity, self._domain, self._trials, seed, n_startup_jobs=INITIAL, verbose=False
        )
        self._trials.insert_trial_docs(documents)
        self._trials.refresh()
        assigned = {name: value[0] for name, value in documents[0]["misc"]["vals"].items()}
        values = hyperopt.space_eval(self._space, assigned)
        return Suggested(identity[0], {name: self._plain(name, values[name]) for name in values})

    def _plain(self, name: str, value: object) -> float | int | str:
        match self._parameters[name]:
            case Continuous(low, high):
                # A bound that was taken from its logarithm may lie a rounding error outside.
                return min(max(float(value), low), high)
            case Whole():
                return int(value)
            case Choice():
                return str(value)

    def report(self, suggested: Suggested, value: float | None) -> None:
        document = next(one for one in self._trials._dynamic_trials if one["tid"] == suggested.key)
        document["state"] = JOB_STATE_DONE
        document["result"] = (
            {"status": hyperopt.STATUS_FAIL}
            if value is None
            else {"status": hyperopt.STATUS_OK, "loss": value}
        )
        self._trials.refresh()


begin = HyperoptSearch
