"""Tabulates the cross-validation error of a support vector machine on scikit-learn's handwritten digits.

Usage: python svc_table.py. Writes svc-table.json beside itself: wrong[i][j] is how many of the images the model of
cost exp(log_cost[i]) and width exp(log_gamma[j]) names wrongly, each image by the model that has not seen it. Takes
some ten minutes on one core; made once, so that every comparison looks at the same numbers. Then `npm run format` lays
the file out.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

TABLE = Path(__file__).with_name("svc-table.json")
NODES = 41
# Powers of ten.
COST = (-3, 3)
GAMMA = (-5, 1)
FOLDS = 5


def axis(bounds: tuple[int, int]) -> np.ndarray:
    """Natural logarithms, evenly spaced."""
    return np.linspace(*bounds, NODES) * np.log(10)


def wrong_by_cost(images: np.ndarray, digits: np.ndarray, log_gamma: float) -> list[int]:
    """How many images are named wrongly, for every cost at one width."""
    kernel = rbf_kernel(images, gamma=np.exp(log_gamma))
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(images, digits))

    def wrong(log_cost: float) -> int:
        count = 0
        for train, held_out in folds:
            model = SVC(C=np.exp(log_cost), kernel="precomputed")
            model.fit(kernel[np.ix_(train, train)], digits[train])
            named = model.predict(kernel[np.ix_(held_out, train)])
            count += int(np.sum(named != digits[held_out]))
        return count

    return [wrong(log_cost) for log_cost in axis(COST)]


def main() -> None:
    images, digits = load_digits(return_X_y=True)
    images = images / 16
    columns = []
    for number, log_gamma in enumerate(axis(GAMMA), 1):
        columns.append(wrong_by_cost(images, digits, log_gamma))
        print(f"{number} of {NODES}", flush=True)
    table = {
        "images": len(digits),
        "log10_cost": COST,
        "log10_gamma": GAMMA,
        "wrong": np.transpose(columns).tolist(),
    }
    TABLE.write_text(json.dumps(table) + "\n")


if __name__ == "__main__":
    main()
