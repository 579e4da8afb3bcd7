"""Scores a support-vector classifier on scikit-learn's handwritten digits.

After each of the five folds it reports the mean accuracy of the folds so far, and at the end the
accuracy on 400 digits that no fold has seen. It takes its values from Rungwise; alone, as in
`python3 examples/sklearn/train.py`, it takes its defaults and prints what it would report.
"""

import rungwise
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.svm import SVC


def main():
    values = rungwise.values(default={"kernel": "rbf", "c": 1.0, "gamma": 0.001})

    pixels, labels = load_digits(return_X_y=True)
    pixels, test_pixels, labels, test_labels = train_test_split(
        pixels, labels, test_size=400, stratify=labels, random_state=0
    )
    model = SVC(kernel=values["kernel"], C=values["c"], gamma=values["gamma"])

    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    scores = []
    for step, (fitted, scored) in enumerate(folds.split(pixels, labels), start=1):
        model.fit(pixels[fitted], labels[fitted])
        scores.append(model.score(pixels[scored], labels[scored]))
        if rungwise.report(accuracy=sum(scores) / len(scores), step=step):
            return

    model.fit(pixels, labels)
    rungwise.report(test_accuracy=model.score(test_pixels, test_labels))


if __name__ == "__main__":
    main()
