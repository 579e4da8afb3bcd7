"""Hartmann's test functions: four hollows, the second best of which is wide (Dixon and Szego 1978)."""

import math
from collections.abc import Sequence

DEPTHS = (1.0, 1.2, 3.0, 3.2)

# Of six dimensions; four of them make the function of four.
WIDTHS_6 = (
    (10, 3, 17, 3.5, 1.7, 8),
    (0.05, 10, 17, 0.1, 8, 14),
    (3, 3.5, 1.7, 10, 17, 8),
    (17, 8, 0.05, 10, 0.1, 14),
)
CENTRES_6 = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)

WIDTHS_3 = ((3, 10, 30), (0.1, 10, 35), (3, 10, 30), (0.1, 10, 35))
CENTRES_3 = (
    (0.3689, 0.1170, 0.2673),
    (0.4699, 0.4387, 0.7470),
    (0.1091, 0.8732, 0.5547),
    (0.0381, 0.5743, 0.8828),
)


def hollows(
    point: Sequence[float], widths: Sequence[Sequence[float]], centres: Sequence[Sequence[float]]
) -> float:
    """The sum of the hollows; a point of fewer dimensions leaves the others out."""
    return sum(
        depth * math.exp(-sum(w * (x - c) ** 2 for w, x, c in zip(of_widths, point, of_centres)))
        for depth, of_widths, of_centres in zip(DEPTHS, widths, centres, strict=True)
    )
