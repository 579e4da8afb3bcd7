"""Trains a small network on the handwritten digits, with nothing but Python's standard library.

    python3 examples/reference/train.py --batch-size=128 --lr=1.0 --dropout=0.2

Without --activation it is logistic regression on the pixels. With one (elu, relu or sigmoid) there
is a hidden layer of 16 units in between. --dropout is the share of pixels that each training digit
loses at random, and --param1 is the momentum of the gradient descent. Every epoch prints a line
with the loss and accuracy on digits that were not trained on. Same flags, same lines.
"""

import argparse
import gzip
import json
import math
import random
from pathlib import Path

DIGITS = Path(__file__).parent.parent / "digits" / "digits.csv.gz"
PIXELS, CLASSES, HIDDEN = 64, 10, 16
TRAINING = 1000

# Each activation, and its slope as a function of its own output.
ACTIVATIONS = {
    "elu": (lambda z: z if z > 0 else math.expm1(z), lambda a: 1.0 if a > 0 else a + 1.0),
    "relu": (lambda z: max(z, 0.0), lambda a: 1.0 if a > 0 else 0.0),
    "sigmoid": (lambda z: 0.5 * (1 + math.tanh(z / 2)), lambda a: a * (1 - a)),
}


def read_digits():
    """Returns training and validation digits: lists of ([64 numbers from 0 to 1], label)."""
    with gzip.open(DIGITS, "rt") as lines:
        rows = [[int(field) for field in line.split(",")] for line in lines]
    digits = [([pixel / 16 for pixel in row[:PIXELS]], row[PIXELS]) for row in rows]
    random.Random(20).shuffle(digits)
    return digits[:TRAINING], digits[TRAINING:]


class Layer:
    """Weights [outputs][inputs + 1], the last column being the bias, with their velocity."""

    def __init__(self, inputs, outputs, rng):
        bound = math.sqrt(6 / (inputs + outputs))
        self.weights = [
            [rng.uniform(-bound, bound) for _ in range(inputs)] + [0.0] for _ in range(outputs)
        ]
        self.velocity = [[0.0] * (inputs + 1) for _ in range(outputs)]
        self.clear()

    def clear(self):
        self.gradient = [[0.0] * len(row) for row in self.weights]

    def outputs(self, inputs):
        return [sum(map(float.__mul__, row, inputs), row[-1]) for row in self.weights]

    def add_gradient(self, errors, inputs):
        extended = inputs + [1.0]
        for j, error in enumerate(errors):
            if error:
                self.gradient[j] = [g + error * x for g, x in zip(self.gradient[j], extended)]

    def descend(self, lr, momentum, batch_size):
        for j, row in enumerate(self.weights):
            velocity = [
                momentum * v - lr / batch_size * g
                for v, g in zip(self.velocity[j], self.gradient[j])
            ]
            self.velocity[j] = velocity
            self.weights[j] = [w + v for w, v in zip(row, velocity)]
        self.clear()


class Network:
    def __init__(self, activation, rng):
        self.activate, self.slope = ACTIVATIONS.get(activation, (None, None))
        self.hidden = Layer(PIXELS, HIDDEN, rng) if activation else None
        self.output = Layer(HIDDEN if activation else PIXELS, CLASSES, rng)

    def features(self, pixels):
        """What the output layer sees: the hidden units, or the pixels themselves."""
        if self.hidden is None:
            return pixels
        return [self.activate(z) for z in self.hidden.outputs(pixels)]

    def probabilities(self, features):
        scores = self.output.outputs(features)
        highest = max(scores)
        powers = [math.exp(score - highest) for score in scores]
        total = sum(powers)
        return [power / total for power in powers]

    def add_gradient(self, pixels, label):
        features = self.features(pixels)
        errors = self.probabilities(features)
        errors[label] -= 1
        if self.hidden is not None:
            columns = zip(*(row[:-1] for row in self.output.weights))
            back = [
                sum(map(float.__mul__, column, errors)) * self.slope(unit)
                for column, unit in zip(columns, features)
            ]
            self.hidden.add_gradient(back, pixels)
        self.output.add_gradient(errors, features)

    def descend(self, *how):
        for layer in (self.hidden, self.output):
            if layer is not None:
                layer.descend(*how)

    def evaluate(self, digits):
        """Returns the mean cross-entropy and the share of right guesses."""
        loss = right = 0
        for pixels, label in digits:
            probabilities = self.probabilities(self.features(pixels))
            loss -= math.log(max(probabilities[label], 1e-300))
            right += probabilities[label] == max(probabilities)
        return loss / len(digits), right / len(digits)


def drop(pixels, share, rng):
    """Loses pixels at random and scales up the others, so that their sum stays about the same."""
    keep = 1 - share
    return [pixel / keep if rng.random() < keep else 0.0 for pixel in pixels]


def wire(number):
    """JSON has no NaN and no Infinity: a training that diverged reports them as strings."""
    if math.isfinite(number):
        return round(number, 6)
    return "NaN" if math.isnan(number) else "Infinity"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--lr", type=float, default=1.0)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--activation", choices=sorted(ACTIVATIONS))
    parser.add_argument("--param1", type=float, default=0.0, help="momentum, 0 to 1")
    parser.add_argument("--epochs", type=int, default=10)
    flags = parser.parse_args()
    if not 0 <= flags.dropout < 1:
        parser.error("--dropout is a share: at least 0, less than 1")

    rng = random.Random(0)
    training, validation = read_digits()
    network = Network(flags.activation, rng)
    for epoch in range(1, flags.epochs + 1):
        rng.shuffle(training)
        for start in range(0, TRAINING, flags.batch_size):
            batch = training[start : start + flags.batch_size]
            for pixels, label in batch:
                network.add_gradient(drop(pixels, flags.dropout, rng), label)
            network.descend(flags.lr, flags.param1, len(batch))
        loss, accuracy = network.evaluate(validation)
        line = {"loss": wire(loss), "accuracy": wire(accuracy), "step": epoch}
        print("rungwise", json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
