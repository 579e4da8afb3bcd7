"""What a function to minimise is: its parameters, its values, and how it answers an evaluation."""

import hashlib
import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass


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
    """What is minimised, with the least value that it takes.

    `noise` is the standard deviation of what an evaluation adds to the value. Where `fails` is true an evaluation ends
    without a value.
    """

    name: str
    parameters: Mapping[str, Parameter]
    of: Callable[[Values], float]
    minimiser: Values
    optimum: float
    noise: float = 0.0
    fails: Callable[[Values], bool] = lambda _values: False

    def evaluate(self, values: Values, seed: int, number: int) -> float | None:
        """What an optimizer is told: the same of the same seed and number of the evaluation; None of a failure."""
        if self.fails(values):
            return None
        if self.noise == 0:
            return self.of(values)
        return self.of(values) + self.noise * random.Random(f"{self.name} {seed} {number}").gauss()

    def fingerprint(self) -> str:
        """Says whether two versions of a function are the same: by its parameters and its values at some points."""
        points = [self.values_at(number) for number in range(16)]
        seen = ["fails" if self.fails(one) else f"{self.of(one):.12g}" for one in points]
        told = [repr(self.parameters), self.optimum, self.noise, seen]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def values_at(self, number: int) -> Values:
        """Points of a sequence that fills the box (Kronecker's, of the square roots of primes)."""
        names = self.parameters.items()
        shares = [math.modf((number + 1) * math.sqrt(prime))[0] for prime in PRIMES[: len(names)]]
        return {name: at(one, share) for (name, one), share in zip(names, shares, strict=True)}


PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)


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


def box(count: int, low: float, high: float) -> Mapping[str, Parameter]:
    """So many continuous parameters with the same bounds: x0, x1, …"""
    return {f"x{i}": Continuous(low, high) for i in range(count)}


def point(*values: float) -> Values:
    """Values of the parameters of a box."""
    return {f"x{i}": value for i, value in enumerate(values)}
