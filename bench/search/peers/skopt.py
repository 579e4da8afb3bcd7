"""The Gaussian process of scikit-optimize, as its Optimizer is when nothing is set but the seed."""

import warnings

import skopt
from parameters import Choice, Continuous, Parameter, Whole
from problem import INITIAL, PeerSearch, Penalty, Problem, Suggested
from skopt.space import Categorical, Dimension, Integer, Real


def dimension_of(name: str, parameter: Parameter) -> Dimension:
    match parameter:
        case Continuous(low, high, log):
            return Real(low, high, prior="log-uniform" if log else "uniform", name=name)
        case Whole(low, high):
            return Integer(low, high, name=name)
        case Choice(items):
            return Categorical(items, name=name)


class SkoptSearch(PeerSearch):
    def __init__(self, problem: Problem) -> None:
        # Of points that it has seen before, and of numbers that its own dependencies will change.
        warnings.simplefilter("ignore")
        self._names = list(problem.function.parameters)
        self._optimizer = skopt.Optimizer(
            [dimension_of(name, one) for name, one in problem.function.parameters.items()],
            n_initial_points=INITIAL,
            random_state=problem.seed,
        )
        self._pending: list[list] = []
        self._penalty = Penalty(self._optimizer.tell)

    def ask(self) -> Suggested:
        told = self._optimizer.yi
        if self._pending and len(told) >= INITIAL:
            # Its own strategy for several points at once, cl_min, with those that are being tried.
            lying = self._optimizer.copy()
            lying.tell(self._pending, [min(told)] * len(self._pending))
            point = lying.ask()
        else:
            point = self._optimizer.ask()
        self._pending.append(point)
        values = (one.item() if hasattr(one, "item") else one for one in point)
        return Suggested(point, dict(zip(self._names, values, strict=True)))

    def report(self, suggested: Suggested, value: float | None) -> None:
        self._pending.remove(suggested.key)
        self._penalty.tell(suggested.key, value)


begin = SkoptSearch
