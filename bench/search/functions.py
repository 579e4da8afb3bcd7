"""The functions that every optimizer minimises, in two suites that were named before anything was tuned."""

import proof
import tuning
from parameters import Function

SUITES = {"tuning": tuning.FUNCTIONS, "proof": proof.FUNCTIONS}

FUNCTIONS: dict[str, Function] = {
    one.name: one for functions in SUITES.values() for one in functions
}
