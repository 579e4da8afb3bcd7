"""Everybody who is compared."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from problem import Problem, Search
from rungwise import ALGORITHMS, RungwiseSearch, Service


@dataclass(frozen=True)
class Optimizer:
    """One way of searching; `packages` are those that a peer's results depend on, none for Rungwise."""

    begin: Callable[[Problem, Service | None], Search]
    packages: tuple[str, ...] = ()
    is_slow: bool = False
    """A suggestion takes more than 0.1 s of a processor."""
    environment: str = "main"
    """The environment that it runs in, of requirements-NAME.txt."""


def own(name: str) -> Optimizer:
    algorithm = ALGORITHMS[name]
    return Optimizer(
        lambda problem, service: RungwiseSearch(problem, service, algorithm(problem.budget))
    )


def peer(
    module: str, *packages: str, is_slow: bool = False, environment: str = "main"
) -> Optimizer:
    """A peer, whose module is read with its first search: what others import costs it nothing."""

    def begin(problem: Problem, _service: Service | None) -> Search:
        return importlib.import_module(f"peers.{module}").begin(problem)

    return Optimizer(begin, packages, is_slow, environment)


def optuna(sampler: str, *packages: str, is_slow: bool = False) -> Optimizer:
    def begin(problem: Problem, _service: Service | None) -> Search:
        return importlib.import_module("peers.optuna").begin(sampler)(problem)

    return Optimizer(begin, ("optuna", "numpy", *packages), is_slow)


OPTIMIZERS: Mapping[str, Optimizer] = {
    "rungwise auto": own("auto"),
    "rungwise bo": own("bo"),
    "rungwise ucb": own("ucb"),
    "rungwise random": own("random"),
    "optuna random": optuna("random"),
    "optuna tpe": optuna("tpe"),
    "optuna cmaes": optuna("cmaes", "cmaes"),
    "optuna gp": optuna("gp", "torch", "scipy", is_slow=True),
    "hyperopt": peer("hyperopt", "hyperopt", "numpy"),
    "nevergrad": peer("nevergrad", "nevergrad", "numpy", environment="older"),
    "scikit-optimize": peer(
        "skopt", "scikit-optimize", "scikit-learn", "scipy", "numpy", is_slow=True
    ),
    "smac": peer("smac", "smac", "ConfigSpace", "scikit-learn", "numpy", is_slow=True),
    "ax": peer("ax", "ax-platform", "botorch", "gpytorch", "torch", "scipy", is_slow=True),
    "vizier": peer(
        "vizier", "google-vizier", "jax", "numpy", is_slow=True, environment="older"
    ),
}


def pins(environment: str) -> Mapping[str, str]:
    """The version of each package that an environment is made with."""
    file = Path(__file__).with_name(f"requirements-{environment}.txt")
    pairs = (line.split("==") for line in file.read_text().split())
    return {name.split("[")[0]: version for name, version in pairs}


def version_of(one: Optimizer) -> str | None:
    """What a peer's results depend on; None for Rungwise, whose sources are here."""
    pinned = pins(one.environment)
    return ", ".join(f"{package} {pinned[package]}" for package in one.packages) or None
