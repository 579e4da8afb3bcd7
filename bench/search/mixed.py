"""A function of parameters of every kind, shaped like the loss of a network."""

import math
from dataclasses import dataclass

from parameters import Values


@dataclass(frozen=True)
class Hollow:
    """Where one choice of `kind` has its minimum in the mixed function, and how deep it is."""

    floor: float
    momentum: float
    log10_rate: float
    layers: int


HOLLOWS = {
    "plain": Hollow(floor=0.30, momentum=0.50, log10_rate=-1.5, layers=3),
    "wide": Hollow(floor=0.16, momentum=0.80, log10_rate=-2.2, layers=2),
    "gated": Hollow(floor=0.10, momentum=0.30, log10_rate=-3.1, layers=6),
    "residual": Hollow(floor=0.13, momentum=0.65, log10_rate=-2.6, layers=8),
}


def mixed(values: Values) -> float:
    """Shaped like the loss of a network: every parameter matters in another way for each kind and depth.

    A sum of squares and waves, all of them 0 at the minimum of a kind. More layers want a lower rate and more momentum;
    the best dropout lies on a curve over momentum; a rate too high costs more than one too low.
    """
    hollow = HOLLOWS[values["kind"]]
    deeper = values["layers"] - hollow.layers
    rate = math.log10(values["rate"]) - hollow.log10_rate + 0.15 * deeper
    momentum = values["momentum"] - hollow.momentum - 0.03 * deeper
    dropout = values["dropout"] - 0.8 * math.sin(math.pi * values["momentum"]) ** 2
    return (
        hollow.floor
        + (0.5 if rate > 0 else 0.15) * rate**2
        + 1.5 * momentum**2
        + 0.05 * (1 - math.cos(6 * math.pi * momentum))
        + 0.8 * dropout**2
        + 0.02 * deeper**2
    )
