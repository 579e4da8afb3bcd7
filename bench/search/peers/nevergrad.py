"""Nevergrad's NGOpt, which chooses among its methods by itself."""

import warnings

import nevergrad as ng
from parameters import Choice, Continuous, Parameter, Whole
from problem import PeerSearch, Penalty, Problem, Suggested


def parameter_of(parameter: Parameter) -> ng.p.Parameter:
    match parameter:
        case Continuous(low, high, log=True):
            return ng.p.Log(lower=low, upper=high)
        case Continuous(low, high):
            return ng.p.Scalar(lower=low, upper=high)
        case Whole(low, high):
            return ng.p.Scalar(lower=low, upper=high).set_integer_casting()
        case Choice(items):
            return ng.p.Choice(items)


class NevergradSearch(PeerSearch):
    def __init__(self, problem: Problem) -> None:
        warnings.simplefilter("ignore")
        space = ng.p.Dict(
            **{name: parameter_of(one) for name, one in problem.function.parameters.items()}
        )
        space.random_state.seed(problem.seed)
        self._optimizer = ng.optimizers.NGOpt(
            parametrization=space, budget=problem.budget, num_workers=problem.parallel
        )
        self._penalty = Penalty(self._optimizer.tell)

    def ask(self) -> Suggested:
        candidate = self._optimizer.ask()
        return Suggested(candidate, dict(candidate.value))

    def report(self, suggested: Suggested, value: float | None) -> None:
        self._penalty.tell(suggested.key, value)


begin = NevergradSearch
