"""Tabulates how wrong models of scikit-learn are on its own data, over grids of their hyperparameters.

Usage: python tabulate.py [NAME ...]. Writes table-NAME.json beside itself: the nodes of each axis and the error of
cross-validation at every one of them. Each takes some minutes on one core and is made once, so that every comparison
looks at the same numbers. Then `npm run format` lays the files out.
"""

import itertools
import json
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
FOLDS = 4
IMAGES = 700


def spaced(low: float, high: float, count: int) -> list[float]:
    """Nodes evenly spaced in their logarithms."""
    return [float(f"{node:.6g}") for node in np.geomspace(low, high, count)]


def axis(kind: str, nodes: list) -> Mapping[str, object]:
    return {"kind": kind, "nodes": nodes}


def table(axes: Mapping[str, Mapping], error: Callable[..., object]) -> Mapping[str, object]:
    """The error at every node; of the last axes' nodes at once where `error` returns arrays."""
    known = {}
    grids = [one["nodes"] for one in axes.values()]
    sample = np.shape(error(*(nodes[0] for nodes in grids[: len(grids)])))
    outer = grids[: len(grids) - len(sample)]
    points = list(itertools.product(*outer))
    for number, point in enumerate(points, 1):
        known[point] = np.round(error(*point, *(nodes[0] for nodes in grids[len(outer) :])), 6)
        print(f"\r{number} of {len(points)}", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    shape = [len(nodes) for nodes in grids]
    values = np.array([known[point] for point in points]).reshape(shape)
    return {"axes": axes, "error": values.tolist()}


def boosting() -> Mapping[str, object]:
    """Gradient boosting on the diabetes data: mean squared error as a share of the variance."""
    x, y = load_diabetes(return_X_y=True)
    trees = [5, 8, 13, 20, 32, 50, 80, 125, 200, 300]
    axes = {
        "rate": axis("log", spaced(0.005, 1, 9)),
        "depth": axis("whole", [1, 2, 3, 4, 6]),
        "share": axis("linear", [0.3, 0.5, 0.75, 1.0]),
        "trees": axis("whole", trees),
    }

    def error(rate: float, depth: int, share: float, _trees: int) -> np.ndarray:
        squares = np.zeros(len(trees))
        for train, test in KFold(FOLDS, shuffle=True, random_state=0).split(x):
            model = GradientBoostingRegressor(
                learning_rate=rate,
                max_depth=depth,
                subsample=share,
                n_estimators=trees[-1],
                random_state=0,
            ).fit(x[train], y[train])
            stages = list(model.staged_predict(x[test]))
            squares += [np.sum((stages[count - 1] - y[test]) ** 2) for count in trees]
        return squares / np.sum((y - y.mean()) ** 2)

    return table(axes, error)


def perceptron() -> Mapping[str, object]:
    """A perceptron with one hidden layer on handwritten digits: the share that is named wrongly."""
    x, y = load_digits(return_X_y=True)
    x, y = x[:IMAGES] / 16, y[:IMAGES]
    axes = {
        "rate": axis("log", spaced(1e-4, 0.3, 7)),
        "penalty": axis("log", spaced(1e-5, 10, 5)),
        "hidden": axis("whole", [4, 8, 16, 32, 64, 128]),
        "activation": axis("choice", ["logistic", "relu", "tanh"]),
    }

    def error(rate: float, penalty: float, hidden: int, activation: str) -> float:
        wrong = 0
        for train, test in StratifiedKFold(3, shuffle=True, random_state=0).split(x, y):
            model = MLPClassifier(
                (hidden,),
                activation=activation,
                alpha=penalty,
                learning_rate_init=rate,
                max_iter=30,
                random_state=0,
            ).fit(x[train], y[train])
            wrong += int(np.sum(model.predict(x[test]) != y[test]))
        return wrong / len(y)

    return table(axes, error)


def forest() -> Mapping[str, object]:
    """A forest on the breast-cancer data: the Brier score, which is finer than a count."""
    x, y = load_breast_cancer(return_X_y=True)
    axes = {
        "depth": axis("whole", [1, 2, 3, 4, 6, 8, 12]),
        "features": axis("log", spaced(1 / 30, 1, 6)),
        "leaf": axis("whole", [1, 2, 4, 8, 16, 32]),
        "criterion": axis("choice", ["gini", "entropy"]),
    }

    def error(depth: int, features: float, leaf: int, criterion: str) -> float:
        squares = 0.0
        for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y):
            model = RandomForestClassifier(
                60,
                max_depth=depth,
                max_features=features,
                min_samples_leaf=leaf,
                criterion=criterion,
                random_state=0,
            ).fit(x[train], y[train])
            squares += np.sum((model.predict_proba(x[test])[:, 1] - y[test]) ** 2)
        return squares / len(y)

    return table(axes, error)


TABLES = {"boosting": boosting, "perceptron": perceptron, "forest": forest}


def main() -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name in sys.argv[1:] or TABLES:
        print(name, file=sys.stderr)
        (HERE / f"table-{name}.json").write_text(json.dumps(TABLES[name]()) + "\n")


if __name__ == "__main__":
    main()
