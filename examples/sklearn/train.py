"""Scores a support-vector classifier on scikit-learn's handwritten digits.

    python3 examples/sklearn/train.py --kernel=rbf --c=10 --gamma=0.001

After each of the five folds it prints the mean accuracy of the folds so far, and at the end the
accuracy on 400 digits that no fold has seen.
"""

import argparse
import json

from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.svm import SVC


def report(**metrics):
    print("rungwise", json.dumps(metrics), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", default="rbf")
    parser.add_argument("--c", type=float, default=1.0)
    parser.add_argument("--gamma", type=float, default=0.001)
    flags = parser.parse_args()

    pixels, labels = load_digits(return_X_y=True)
    pixels, test_pixels, labels, test_labels = train_test_split(
        pixels, labels, test_size=400, stratify=labels, random_state=0
    )
    model = SVC(kernel=flags.kernel, C=flags.c, gamma=flags.gamma)

    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    scores = []
    for step, (fitted, scored) in enumerate(folds.split(pixels, labels), start=1):
        model.fit(pixels[fitted], labels[fitted])
        scores.append(model.score(pixels[scored], labels[scored]))
        report(accuracy=round(sum(scores) / len(scores), 6), step=step)

    model.fit(pixels, labels)
    report(test_accuracy=round(model.score(test_pixels, test_labels), 6))


if __name__ == "__main__":
    main()
