"""Everybody who is compared."""

import importlib
from collections.abc import Mapping

from optimizers import Optimizer
from own import ALGORITHMS, RungwiseRace
from race import Race, Search
from rungwise import Service


def own(name: str) -> Optimizer:
    algorithm = ALGORITHMS[name]
    return Optimizer(lambda race, service: RungwiseRace(race, service, algorithm(race.budget)))


def optuna(sampler: str, pruner: str) -> Optimizer:
    def begin(race: Race, _service: Service | None) -> Search:
        return importlib.import_module("pruned").OptunaRace(race, sampler, pruner)

    return Optimizer(begin, ("optuna", "numpy"))


CONTESTANTS: Mapping[str, Optimizer] = {
    **{f"rungwise {name}": own(name) for name in ALGORITHMS},
    "optuna tpe": optuna("tpe", "none"),
    "optuna tpe + hyperband": optuna("tpe", "hyperband"),
    "optuna tpe + halving": optuna("tpe", "halving"),
    "optuna tpe + median": optuna("tpe", "median"),
    "optuna random + hyperband": optuna("random", "hyperband"),
    "optuna random + halving": optuna("random", "halving"),
    "optuna random + median": optuna("random", "median"),
}
