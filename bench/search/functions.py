"""The functions that every optimizer minimises.

A function has named parameters and takes their values; each states its optimum with values that reach it.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Continuous:
    """Numbers between two bounds, spread evenly: on a logarithmic scale where `log` is set."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Whole:
    """Whole numbers between two bounds, which belong to them."""

    low: int
    high: int


@dataclass(frozen=True)
class Choice:
    """One of several words without an order."""

    items: tuple[str, ...]


Parameter = Continuous | Whole | Choice
Values = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Function:
    """What is minimised, with the least value that it takes."""

    name: str
    parameters: Mapping[str, Parameter]
    of: Callable[[Values], float]
    minimiser: Values
    optimum: float

    def fingerprint(self) -> str:
        """Says whether two versions of a function are the same: by its parameters and its values at some points."""
        seen = [self.of(self.values_at(number)) for number in range(16)]
        text = json.dumps([repr(self.parameters), self.optimum, [f"{value:.12g}" for value in seen]])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def values_at(self, number: int) -> Values:
        """Points of a sequence that fills the box."""
        shares = [math.modf((number + 1) * math.sqrt(prime))[0] for prime in (2, 3, 5, 7, 11, 13)]
        return {name: at(one, share) for (name, one), share in zip(self.parameters.items(), shares)}


def at(parameter: Parameter, share: float) -> float | int | str:
    """The value at a share of the way through a parameter, 0 <= share < 1."""
    match parameter:
        case Continuous(low, high, log=True):
            return low * (high / low) ** share
        case Continuous(low, high):
            return low + (high - low) * share
        case Whole(low, high):
            return low + math.floor((high - low + 1) * share)
        case Choice(items):
            return items[math.floor(len(items) * share)]


def branin(values: Values) -> float:
    """Dixon and Szego's test function: three minima of equal depth."""
    x, y = values["x"], values["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


HARTMANN_DEPTHS = (1.0, 1.2, 3.0, 3.2)
HARTMANN_WIDTHS = (
    (10, 3, 17, 3.5, 1.7, 8),
    (0.05, 10, 17, 0.1, 8, 14),
    (3, 3.5, 1.7, 10, 17, 8),
    (17, 8, 0.05, 10, 0.1, 14),
)
HARTMANN_CENTRES = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)


def hartmann6(values: Values) -> float:
    """Hartmann's test function in six dimensions: four hollows, the second best of which is wide."""
    point = [values[f"x{i}"] for i in range(6)]
    return -sum(
        depth * math.exp(-sum(w * (x - c) ** 2 for w, x, c in zip(widths, point, centres)))
        for depth, widths, centres in zip(HARTMANN_DEPTHS, HARTMANN_WIDTHS, HARTMANN_CENTRES)
    )


@dataclass(frozen=True)
class Hollow:
    """Where one choice of `kind` has its minimum in the mixed function, and how deep it is."""

    floor: float
    momentum: float
    log10_rate: float
    layers: int


HOLLOWS = {
    "plain": Hollow(floor=0.30, momentum=0.50, log10_rate=-1.5, layers=3),
    "wide": Hollow(floor=0.16, momentum=0.80, log10_rate=-2.2, layers=2),
    "gated": Hollow(floor=0.10, momentum=0.30, log10_rate=-3.1, layers=6),
    "residual": Hollow(floor=0.13, momentum=0.65, log10_rate=-2.6, layers=8),
}


def mixed(values: Values) -> float:
    """Shaped like the loss of a network: every parameter matters in another way for each kind and depth.

    A sum of squares and waves, all of them 0 at the minimum of a kind. More layers want a lower rate and more momentum;
    the best dropout lies on a curve over momentum; a rate too high costs more than one too low.
    """
    hollow = HOLLOWS[values["kind"]]
    deeper = values["layers"] - hollow.layers
    rate = math.log10(values["rate"]) - hollow.log10_rate + 0.15 * deeper
    momentum = values["momentum"] - hollow.momentum - 0.03 * deeper
    dropout = values["dropout"] - 0.8 * math.sin(math.pi * values["momentum"]) ** 2
    return (
        hollow.floor
        + (0.5 if rate > 0 else 0.15) * rate**2
        + 1.5 * momentum**2
        + 0.05 * (1 - math.cos(6 * math.pi * momentum))
        + 0.8 * dropout**2
        + 0.02 * deeper**2
    )


SVC_TABLE = json.loads(Path(__file__).with_name("svc-table.json").read_text())


def svc(values: Values) -> float:
    """Cross-validation error of a support vector machine on handwritten digits, read between the nodes of a table."""
    wrong = SVC_TABLE["wrong"]
    last = len(wrong) - 1

    def place(name: str) -> tuple[int, float]:
        low, high = SVC_TABLE[f"log10_{name}"]
        position = (math.log10(values[name]) - low) / (high - low) * last
        # A bound taken from its logarithm may lie a rounding error outside.
        position = min(max(position, 0), last)
        node = min(math.floor(position), last - 1)
        return node, position - node

    (i, u), (j, v) = place("cost"), place("gamma")
    between = (1 - u) * ((1 - v) * wrong[i][j] + v * wrong[i][j + 1]) + u * (
        (1 - v) * wrong[i + 1][j] + v * wrong[i + 1][j + 1]
    )
    return between / SVC_TABLE["images"]


def svc_parameter(name: str) -> Continuous:
    low, high = SVC_TABLE[f"log10_{name}"]
    return Continuous(10.0**low, 10.0**high, log=True)


def svc_minimiser() -> Values:
    """The best node: between nodes nothing is better."""
    wrong = SVC_TABLE["wrong"]
    last = len(wrong) - 1
    _, i, j = min((count, i, j) for i, row in enumerate(wrong) for j, count in enumerate(row))

    def node(name: str, k: int) -> float:
        low, high = SVC_TABLE[f"log10_{name}"]
        return 10 ** (low + (high - low) * k / last)

    return {"cost": node("cost", i), "gamma": node("gamma", j)}


FUNCTIONS = {
    one.name: one
    for one in (
        Function(
            name="branin",
            parameters={"x": Continuous(-5, 10), "y": Continuous(0, 15)},
            of=branin,
            minimiser={"x": math.pi, "y": 2.275},
            optimum=0.39788735772973816,
        ),
        Function(
            name="hartmann6",
            parameters={f"x{i}": Continuous(0, 1) for i in range(6)},
            of=hartmann6,
            minimiser={
                "x0": 0.20168951,
                "x1": 0.15001069,
                "x2": 0.47687398,
                "x3": 0.27533243,
                "x4": 0.31165162,
                "x5": 0.65730053,
            },
            optimum=-3.322368011415515,
        ),
        Function(
            name="mixed",
            parameters={
                "momentum": Continuous(0, 1),
                "dropout": Continuous(0, 1),
                "rate": Continuous(1e-5, 1, log=True),
                "layers": Whole(1, 8),
                "kind": Choice(tuple(HOLLOWS)),
            },
            of=mixed,
            minimiser={
                "momentum": 0.3,
                "dropout": 0.8 * math.sin(0.3 * math.pi) ** 2,
                "rate": 10**-3.1,
                "layers": 6,
                "kind": "gated",
            },
            optimum=0.10,
        ),
        Function(
            name="svc",
            parameters={"cost": svc_parameter("cost"), "gamma": svc_parameter("gamma")},
            of=svc,
            minimiser=svc_minimiser(),
            optimum=min(map(min, SVC_TABLE["wrong"])) / SVC_TABLE["images"],
        ),
    )
}
