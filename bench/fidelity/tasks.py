"""Learning curves of real training, tabulated once so that everybody is told the same. `tabulate.py` makes them."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NAMES = ("perceptron", "descent", "boosting")
EPOCHS = 27
"""Of full training."""

Values = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Task:
    """A grid of configurations with their losses."""

    name: str
    axes: Mapping[str, list]
    """The values of each parameter; numbers in ascending order."""
    validation: np.ndarray
    """Loss after each epoch, the last axis varying fastest: [configurations, EPOCHS]."""
    test: np.ndarray
    """The same of data that nobody is told about."""
    fingerprint: str

    def place_of(self, values: Values) -> int:
        """Which configuration has these values."""
        place = 0
        for name, nodes in self.axes.items():
            place = place * len(nodes) + nodes.index(values[name])
        return place

    @cached_property
    def optimum(self) -> float:
        """The lowest validation loss of all configurations after all epochs."""
        return float(self.validation.min())

    def test_of(self, validation: float) -> float:
        """The test loss of the models with a validation loss, their mean where there are several."""
        return float(self.test[np.isclose(self.validation, validation, rtol=0, atol=1e-9)].mean())


def read_task(name: str) -> Task:
    text = (HERE / f"curves-{name}.json").read_text()
    told = json.loads(text)
    validation, test = (np.array(told[key]) * told["unit"] for key in ("validation", "test"))
    count = math.prod(len(nodes) for nodes in told["axes"].values())
    assert validation.shape == test.shape == (count, EPOCHS), f"{name} is not complete"
    # However the file is laid out.
    fingerprint = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]
    return Task(name, told["axes"], validation, test, fingerprint)


TASKS: Mapping[str, Task] = {name: read_task(name) for name in NAMES}
