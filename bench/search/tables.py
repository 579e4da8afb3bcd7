"""Real tuning tasks, tabulated once so that everybody is told the same: errors of models that were trained.

`tabulate.py` makes the tables. Between its nodes a table is interpolated linearly in each parameter, so that no value is
below that of the best node; no model stands in for the data.
"""

import itertools
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path

from parameters import Choice, Continuous, Parameter, Values, Whole

HERE = Path(__file__).parent


class Table:
    """Errors at the nodes of a grid: {"axes": {name: {"nodes", "kind"}}, "error"}, nested in the order of the axes.

    The kind of an axis is "log" or "linear" for numbers between the nodes, "whole" for whole numbers, whose nodes are
    their logarithms' nearest ones, and "choice" for words.
    """

    def __init__(self, file: str) -> None:
        told = json.loads((HERE / file).read_text())
        self._axes: Mapping[str, Mapping] = told["axes"]
        self._error = told["error"]

    def parameters(self) -> Mapping[str, Parameter]:
        def parameter(nodes: list, kind: str) -> Parameter:
            match kind:
                case "choice":
                    return Choice(tuple(nodes))
                case "whole":
                    return Whole(nodes[0], nodes[-1])
                case _:
                    return Continuous(nodes[0], nodes[-1], log=kind == "log")

        return {name: parameter(axis["nodes"], axis["kind"]) for name, axis in self._axes.items()}

    def of(self, values: Values) -> float:
        """The error at a point: the mean of the nodes around it, by how near they are in each parameter."""
        around = [nodes_around(values[name], **axis) for name, axis in self._axes.items()]
        return sum(
            math.prod(share for _, share in corner) * self._at(place for place, _ in corner)
            for corner in itertools.product(*around)
        )

    def minimiser(self) -> Values:
        """The best node: between nodes nothing is better."""
        places = itertools.product(*(range(len(axis["nodes"])) for axis in self._axes.values()))
        best = min(places, key=self._at)
        return {
            name: axis["nodes"][place] for place, (name, axis) in zip(best, self._axes.items(), strict=True)
        }

    def _at(self, places: object) -> float:
        error = self._error
        for place in places:
            error = error[place]
        return error


SCALES: Mapping[str, Callable[[float], float]] = {
    "linear": float,
    "log": math.log,
    "whole": math.log,
}


def nodes_around(value: float | str, nodes: list, kind: str) -> list[tuple[int, float]]:
    """The places of the nodes around a value, with the share of each."""
    if kind == "choice":
        return [(nodes.index(value), 1.0)]
    scale = SCALES[kind]
    # A bound that was taken from its logarithm may lie a rounding error outside.
    at = min(max(scale(value), scale(nodes[0])), scale(nodes[-1]))
    left = max(i for i in range(len(nodes) - 1) if scale(nodes[i]) <= at)
    low, high = scale(nodes[left]), scale(nodes[left + 1])
    share = (at - low) / (high - low)
    return [(left, 1 - share), (left + 1, share)] if share > 0 else [(left, 1.0)]
