"""Functions that choices of the search may be made by."""

import json
import math
from pathlib import Path

import hartmann
import numpy as np
from mixed import HOLLOWS, mixed
from parameters import Choice, Continuous, Function, Values, Whole, box, point
from tables import Table


def branin(values: Values) -> float:
    """Dixon and Szego's test function: three minima of equal depth."""
    x, y = values["x"], values["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann3(values: Values) -> float:
    return -hartmann.hollows(list(values.values()), hartmann.WIDTHS_3, hartmann.CENTRES_3)


def hartmann6(values: Values) -> float:
    return -hartmann.hollows(list(values.values()), hartmann.WIDTHS_6, hartmann.CENTRES_6)


def rosenbrock(values: Values) -> float:
    """Rosenbrock's bent valley."""
    x = list(values.values())
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def ackley(values: Values) -> float:
    """Ackley's function: a deep hole in a plain of ripples."""
    x = list(values.values())
    width = math.sqrt(sum(a * a for a in x) / len(x))
    ripples = sum(math.cos(2 * math.pi * a) for a in x) / len(x)
    return -20 * math.exp(-0.2 * width) - math.exp(ripples) + 20 + math.e


def levy(values: Values) -> float:
    """Levy's function: waves over a bowl."""
    w = [1 + (a - 1) / 4 for a in values.values()]
    first = math.sin(math.pi * w[0]) ** 2
    last = (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)
    return first + last + sum((a - 1) ** 2 * (1 + 10 * math.sin(math.pi * a + 1) ** 2) for a in w[:-1])


def styblinski(values: Values) -> float:
    """Styblinski and Tang's function, a sum over its coordinates: two hollows in each."""
    return sum(a**4 - 16 * a**2 + 5 * a for a in values.values()) / 2


STYBLINSKI_MINIMISER = -2.9035340151190754

TURNED = np.linalg.qr(np.random.default_rng(20).standard_normal((20, 20)))[0]
CENTRE = np.random.default_rng(21).uniform(0.2, 0.8, 20)
STRETCHES = np.geomspace(1, 300, 20)


def ellipsoid(values: Values) -> float:
    """A bowl whose axes are turned and of unequal length; its minimum is anywhere."""
    turned = TURNED @ (np.array(list(values.values())) - CENTRE)
    return float(STRETCHES @ turned**2)


def cliff_fails(values: Values) -> bool:
    """What lies above a line is out of reach: one of Branin's three minima does."""
    return values["y"] > 9 - 0.5 * values["x"]


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


BOOSTING = Table("table-boosting.json")
BRANIN = {"x": Continuous(-5, 10), "y": Continuous(0, 15)}
BRANIN_OPTIMUM = 0.39788735772973816

FUNCTIONS = (
    Function("branin", BRANIN, branin, {"x": math.pi, "y": 2.275}, BRANIN_OPTIMUM),
    Function(
        "hartmann6",
        box(6, 0, 1),
        hartmann6,
        point(0.20168951, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730053),
        -3.322368011415515,
    ),
    Function("rosenbrock4", box(4, -5, 10), rosenbrock, point(1, 1, 1, 1), 0),
    Function("levy5", box(5, -10, 10), levy, point(*[1] * 5), 0),
    Function("ackley8", box(8, -10, 20), ackley, point(*[0] * 8), 0),
    Function(
        "styblinski10",
        box(10, -5, 5),
        styblinski,
        point(*[STYBLINSKI_MINIMISER] * 10),
        styblinski(point(*[STYBLINSKI_MINIMISER] * 10)),
    ),
    Function("ellipsoid20", box(20, 0, 1), ellipsoid, point(*CENTRE.tolist()), 0),
    Function(
        "mixed",
        {
            "momentum": Continuous(0, 1),
            "dropout": Continuous(0, 1),
            "rate": Continuous(1e-5, 1, log=True),
            "layers": Whole(1, 8),
            "kind": Choice(tuple(HOLLOWS)),
        },
        mixed,
        {
            "momentum": 0.3,
            "dropout": 0.8 * math.sin(0.3 * math.pi) ** 2,
            "rate": 10**-3.1,
            "layers": 6,
            "kind": "gated",
        },
        0.10,
    ),
    Function(
        "noisy-hartmann3",
        box(3, 0, 1),
        hartmann3,
        point(0.11458888, 0.55564889, 0.85254698),
        -3.862779787332663,
        noise=0.3,
    ),
    Function(
        "cliff",
        BRANIN,
        branin,
        {"x": math.pi, "y": 2.275},
        BRANIN_OPTIMUM,
        fails=cliff_fails,
    ),
    Function(
        "svc",
        {"cost": svc_parameter("cost"), "gamma": svc_parameter("gamma")},
        svc,
        svc_minimiser(),
        min(map(min, SVC_TABLE["wrong"])) / SVC_TABLE["images"],
    ),
    Function(
        "boosting",
        BOOSTING.parameters(),
        BOOSTING.of,
        BOOSTING.minimiser(),
        BOOSTING.of(BOOSTING.minimiser()),
    ),
)
