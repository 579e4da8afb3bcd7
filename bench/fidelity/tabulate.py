"""Tabulates the learning curves of models of scikit-learn on its own data, over grids of their hyperparameters.

Usage: python tabulate.py [NAME ...]. Writes curves-NAME.json beside itself: the nodes of each axis, and after each of
27 epochs the loss on what the models were not trained with. Each takes some minutes on one core and is made once, so
that every comparison looks at the same numbers. Then `npm run format` lays the files out.
"""

import itertools
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
EPOCHS = 27
UNIT = 1e-4
"""What a 1 in the files stands for."""
LOSS_MAX = 10.0
"""Where training diverges the loss has no end, and more digits than anybody needs."""
TREES = 2
"""Of an epoch of boosting, which knows no epochs."""

Curve = Sequence[tuple[float, float]]
"""Validation and test loss after each epoch: [EPOCHS, 2]."""


def spaced(low: float, high: float, count: int) -> list[float]:
    """Nodes evenly spaced in their logarithms."""
    return [float(f"{node:.3g}") for node in np.geomspace(low, high, count)]


def mean(curves: Iterable[Curve]) -> Curve:
    return np.mean(list(curves), axis=0).tolist()


def cross_entropy(model: MLPClassifier | SGDClassifier, x: np.ndarray, y: np.ndarray) -> float:
    """The mean over examples of minus the logarithm of what was given to the right class; classes are 0, 1, …"""
    given = model.predict_proba(x)[np.arange(len(y)), y]
    return float(-np.mean(np.log(np.maximum(given, np.exp(-LOSS_MAX)))))


def perceptron() -> tuple[Mapping[str, list], Callable[..., Curve]]:
    """A perceptron on handwritten digits: cross-entropy; an epoch is one pass over the images."""
    x, y = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x / 16, y, test_size=600, stratify=y, random_state=0)
    x, x_held, y, y_held = train_test_split(x, y, test_size=700, stratify=y, random_state=0)
    axes = {
        "rate": spaced(0.0003, 0.3, 6),
        "decay": spaced(0.001, 1, 3),
        "width": [8, 16, 32, 64],
        "batch": [32, 64, 128, 256],
    }

    def curve(rate: float, decay: float, width: int, batch: int) -> Curve:
        model = MLPClassifier(
            (width,), alpha=decay, batch_size=batch, learning_rate_init=rate, random_state=0
        )

        def epoch() -> tuple[float, float]:
            model.partial_fit(x, y, classes=range(10))
            return (
                cross_entropy(model, x_held, y_held),
                cross_entropy(model, x_test, y_test),
            )

        return [epoch() for _ in range(EPOCHS)]

    return axes, curve


def descent() -> tuple[Mapping[str, list], Callable[..., Curve]]:
    """Logistic regression by stochastic gradient descent on the breast cancer data: cross-entropy of 3 folds."""
    x, y = load_breast_cancer(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=0)
    centre, spread = x.mean(axis=0), x.std(axis=0)
    x, x_test = (x - centre) / spread, (x_test - centre) / spread
    folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(x, y))
    axes = {
        "rate": spaced(0.0001, 1, 6),
        "decay": spaced(0.0001, 1, 5),
        "sparsity": [0.0, 0.25, 0.5, 0.75, 1.0],
        "schedule": ["constant", "invscaling"],
    }

    def curve(rate: float, decay: float, sparsity: float, schedule: str) -> Curve:
        def of(train: np.ndarray, held: np.ndarray) -> Curve:
            model = SGDClassifier(
                loss="log_loss",
                penalty="elasticnet",
                alpha=decay,
                l1_ratio=sparsity,
                learning_rate=schedule,
                eta0=rate,
                random_state=0,
            )

            def epoch() -> tuple[float, float]:
                model.partial_fit(x[train], y[train], classes=(0, 1))
                return (
                    cross_entropy(model, x[held], y[held]),
                    cross_entropy(model, x_test, y_test),
                )

            return [epoch() for _ in range(EPOCHS)]

        return mean(of(train, held) for train, held in folds)

    return axes, curve


def boosting() -> tuple[Mapping[str, list], Callable[..., Curve]]:
    """Gradient boosting on the diabetes data: squared error of 3 folds as a share of the variance."""
    x, y = load_diabetes(return_X_y=True)
    y = (y - y.mean()) / y.std()
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.25, random_state=0)
    folds = list(KFold(3, shuffle=True, random_state=0).split(x))
    axes = {
        "rate": spaced(0.01, 1, 6),
        "depth": [1, 2, 3, 5],
        "share": [0.3, 0.6, 1.0],
        "leaf": [1, 5, 20, 80],
    }

    def curve(rate: float, depth: int, share: float, leaf: int) -> Curve:
        def of(train: np.ndarray, held: np.ndarray) -> Curve:
            model = GradientBoostingRegressor(
                learning_rate=rate,
                max_depth=depth,
                subsample=share,
                min_samples_leaf=leaf,
                n_estimators=EPOCHS * TREES,
                random_state=0,
            ).fit(x[train], y[train])

            def losses(points: np.ndarray, wanted: np.ndarray) -> list[float]:
                squares = [np.mean((wanted - named) ** 2) for named in model.staged_predict(points)]
                return squares[TREES - 1 :: TREES]

            return list(zip(losses(x[held], y[held]), losses(x_test, y_test), strict=True))

        return mean(of(train, held) for train, held in folds)

    return axes, curve


TASKS: Mapping[str, Callable[[], tuple[Mapping[str, list], Callable[..., Curve]]]] = {
    "perceptron": perceptron,
    "descent": descent,
    "boosting": boosting,
}


def tabulate(name: str) -> None:
    axes, curve = TASKS[name]()
    points = list(itertools.product(*axes.values()))
    losses = []
    for number, values in enumerate(points, 1):
        losses.append(np.minimum(np.nan_to_num(curve(*values), nan=LOSS_MAX), LOSS_MAX))
        print(f"\r{name}: {number} of {len(points)}", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    whole = np.round(np.array(losses) / UNIT).astype(int)
    table = {
        "axes": axes,
        "unit": UNIT,
        "validation": whole[:, :, 0].tolist(),
        "test": whole[:, :, 1].tolist(),
    }
    (HERE / f"curves-{name}.json").write_text(json.dumps(table) + "\n")


def main() -> None:
    warnings.simplefilter("ignore")
    for name in sys.argv[1:] or TASKS:
        tabulate(name)


if __name__ == "__main__":
    main()
