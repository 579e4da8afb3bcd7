"""Functions that no choice of the search was made by: what is claimed is proved on these."""

import math

import hartmann
from parameters import Choice, Continuous, Function, Values, Whole, box, point
from tables import Table
from tuning import levy, rosenbrock


def goldstein(values: Values) -> float:
    """Goldstein and Price's function: from 3 to a million."""
    x, y = values["x0"], values["x1"]
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = 30 + (2 * x - 3 * y) ** 2 * (
        18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    )
    return first * second


def hartmann4(values: Values) -> float:
    """Hartmann's function in four dimensions, scaled as Picheny, Wagner and Ginsbourger (2013) do."""
    deep = hartmann.hollows(list(values.values()), hartmann.WIDTHS_6, hartmann.CENTRES_6)
    return (1.1 - deep) / 0.839


SHEKEL_DEPTHS = (1, 2, 2, 4, 4, 6, 3, 7, 5, 5)
SHEKEL_CENTRES = ((4, 1, 8, 6, 3, 2, 5, 8, 6, 7), (4, 1, 8, 6, 7, 9, 3, 1, 2, 3.6))


def shekel(values: Values) -> float:
    """Shekel's function: ten narrow holes in a plain."""
    x = list(values.values())

    def hole(i: int, depth: float) -> float:
        distance = sum((a - SHEKEL_CENTRES[k % 2][i]) ** 2 for k, a in enumerate(x))
        return -1 / (depth / 10 + distance)

    return sum(hole(i, depth) for i, depth in enumerate(SHEKEL_DEPTHS))


def griewank(values: Values) -> float:
    """Griewank's function: a wide bowl with many ripples."""
    x = list(values.values())
    waves = math.prod(math.cos(a / math.sqrt(i)) for i, a in enumerate(x, 1))
    return sum(a * a for a in x) / 4000 - waves + 1


def michalewicz(values: Values) -> float:
    """Michalewicz's function: steep ravines that cross."""
    return -sum(
        math.sin(a) * math.sin(i * a * a / math.pi) ** 20 for i, a in enumerate(values.values(), 1)
    )


def powell(values: Values) -> float:
    """Powell's function of four coordinates at a time, singular at its minimum."""
    x = list(values.values())
    return sum(
        (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4
        for a, b, c, d in zip(x[::4], x[1::4], x[2::4], x[3::4])
    )


def camel(values: Values) -> float:
    """The function with six humps: two minima of equal depth."""
    x, y = values["x0"], values["x1"]
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


def cracked_fails(values: Values) -> bool:
    """Strips across the diagonal of the first two coordinates are out of reach; the minimum lies between two."""
    return math.sin(2 * (values["x0"] + values["x1"])) > 0.3


STAGES = {"adam": 0.0, "sgd": 0.12, "lion": 0.05}
BLOCKS = {"conv": 0.05, "attention": 0.0, "both": 0.02}


def network(values: Values) -> float:
    """Shaped like the loss of a network with a schedule: each optimizer has its rate, each block its width, and the rate
    falls with the batch. A sum of squares that are 0 at the minimum of a pair of words."""
    wanted = {"adam": -3.0, "sgd": -1.2, "lion": -3.8}[values["optimizer"]]
    wide = {"conv": 6, "attention": 8, "both": 7}[values["block"]]
    batch = math.log2(values["batch"]) - 6
    rate = math.log10(values["rate"]) - wanted - 0.25 * batch
    decay = math.log10(values["decay"]) + 2.5 + 0.3 * rate
    width = math.log2(values["width"]) - wide
    warm = values["warm"] - 0.1 - 0.02 * width**2
    return (
        0.2
        + STAGES[values["optimizer"]]
        + BLOCKS[values["block"]]
        + (0.4 if rate > 0 else 0.1) * rate**2
        + 0.02 * batch**2
        + 0.03 * decay**2
        + 0.05 * width**2
        + 2 * warm**2
    )


PERCEPTRON = Table("table-perceptron.json")
FOREST = Table("table-forest.json")
SHEKEL_MINIMISER = point(
    4.000746866658956, 3.9995094808675886, 4.000746866997999, 3.9995094822423836
)
MICHALEWICZ_MINIMISER = point(
    2.20290551951973, 1.5707963267948963, 1.2849915703565453, 1.9230584702232254, 1.7204697728565446
)

FUNCTIONS = (
    Function("goldstein", box(2, -2, 2), goldstein, point(0, -1), 3),
    Function(
        "hartmann4",
        box(4, 0, 1),
        hartmann4,
        point(0.18739527194251343, 0.1941515272102024, 0.5579177819185456, 0.2647796240910162),
        -3.1344941412224,
    ),
    Function("shekel", box(4, 0, 10), shekel, SHEKEL_MINIMISER, -10.53644315348353),
    Function("michalewicz5", box(5, 0, math.pi), michalewicz, MICHALEWICZ_MINIMISER, -4.68765817908815),
    Function("griewank6", box(6, -300, 500), griewank, point(*[0] * 6), 0),
    Function("powell8", box(8, -4, 5), powell, point(*[0] * 8), 0),
    Function("levy20", box(20, -10, 10), levy, point(*[1] * 20), 0),
    Function(
        "network",
        {
            "rate": Continuous(1e-5, 1, log=True),
            "decay": Continuous(1e-6, 1, log=True),
            "warm": Continuous(0, 0.5),
            "batch": Whole(8, 512),
            "width": Whole(16, 1024),
            "optimizer": Choice(tuple(STAGES)),
            "block": Choice(tuple(BLOCKS)),
        },
        network,
        {
            "rate": 1e-3,
            "decay": 10**-2.5,
            "warm": 0.1,
            "batch": 64,
            "width": 256,
            "optimizer": "adam",
            "block": "attention",
        },
        0.2,
    ),
    Function(
        "noisy-camel",
        {"x0": Continuous(-3, 3), "x1": Continuous(-2, 2)},
        camel,
        point(0.08984200893527233, -0.712656403019058),
        -1.0316284534898774,
        noise=0.3,
    ),
    Function(
        "cracked", box(3, -3, 4), rosenbrock, point(1, 1, 1), 0, fails=cracked_fails
    ),
    Function(
        "perceptron",
        PERCEPTRON.parameters(),
        PERCEPTRON.of,
        PERCEPTRON.minimiser(),
        PERCEPTRON.of(PERCEPTRON.minimiser()),
    ),
    Function(
        "forest", FOREST.parameters(), FOREST.of, FOREST.minimiser(), FOREST.of(FOREST.minimiser())
    ),
)
