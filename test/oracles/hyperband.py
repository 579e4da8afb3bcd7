"""Makes hyperband.oracle.json: the schedules of Hyperband in exact fractions.

    python3 test/oracles/hyperband.py

Each case has "eta" as the decimal that is written in a document, the number of experiments of each bracket's rung 0
("starts", from s_max to 0), of all rungs ("planned"), the resource that they spend when resources are whole numbers
("total", and "resumed" where promoted experiments go on from what they have spent), and either all "rungs" as
[experiments, resource as int, resource as float] or the SHA-256 of these numbers as little-endian doubles ("digest").
"""

import hashlib
import json
import math
import pathlib
import random
import struct
from fractions import Fraction

LISTED_BRACKETS = 5
MAX_ITER = 10**6
STARTS = 20
rng = random.Random(20180710)


def schedule(max_iter, eta):
    """Brackets from s_max to 0, each a list of (experiments, resource)."""
    s_max = 0
    while eta ** (s_max + 1) <= max_iter:
        s_max += 1
    for s in range(s_max, -1, -1):
        n = math.ceil(Fraction(s_max + 1, s + 1) * eta**s)
        r = max_iter / eta**s
        yield [(math.floor(n / eta**i), r * eta**i) for i in range(s + 1)]


def whole(resource):
    return max(1, math.floor(resource + Fraction(1, 2)))


def case(max_iter, eta):
    brackets = [[(n, whole(r), float(r)) for n, r in rungs] for rungs in schedule(max_iter, Fraction(eta))]
    starts = [rungs[0][0] for rungs in brackets]
    out = {"max_iter": max_iter, "eta": eta, "s_max": len(brackets) - 1}
    if len(brackets) <= STARTS:
        out["starts"] = starts
    out["planned"] = sum(n for rungs in brackets for n, _, _ in rungs)
    out["total"] = sum(n * r for rungs in brackets for n, r, _ in rungs)
    out["resumed"] = sum(n * (rungs[i][1] - (rungs[i - 1][1] if i else 0))
                         for rungs in brackets for i, (n, _, _) in enumerate(rungs))
    if len(brackets) <= LISTED_BRACKETS:
        out["rungs"] = brackets
    else:
        numbers = [float(x) for rungs in brackets for rung in rungs for x in rung]
        out["digest"] = hashlib.sha256(struct.pack(f"<{len(numbers)}d", *numbers)).hexdigest()
    return out


def inputs():
    yield from [(81, "3"), (10, "3"), (243, "3"), (1000, "10"), (1, "3"), (2, "3"), (3, "3"), (5, "2"), (27, "3"), (9, "3"),
                (1, "1.1"), (10**6, "1.1"), (10**6, "1.1000000000000003"), (10**6, "10"), (10**6, "1000000"),
                (10**6, "999999.9999999999"), (10**6, "1000001"), (7, "1e+21"), (100, "2.718281828"), (8, "1.9999999999999998"),
                (8, "2.0000000000000004"), (24, "2.9"), (25, "2.9"), (10**6, "2.718281828459045"), (10**6, "1.25")]
    # Around every power of eta, where a logarithm of doubles is off by one.
    for eta in ["2", "2.5", "2.9", "3", "4", "5", "6", "7", "10", "1.5", "2.718281828", "13", "100"]:
        power = Fraction(eta)
        while power <= MAX_ITER:
            around = {math.floor(power) - 1, math.floor(power), math.ceil(power), math.ceil(power) + 1}
            yield from ((m, eta) for m in sorted(around) if 1 <= m <= MAX_ITER)
            power *= Fraction(eta)
    for _ in range(150):
        digits = rng.randrange(0, 7)
        eta = f"{rng.uniform(1.1, 12):.{digits}f}" if digits else str(rng.randrange(2, 12))
        yield round(10 ** rng.uniform(0, 6)), eta
    for _ in range(20):
        yield round(10 ** rng.uniform(0, 6)), repr(rng.uniform(1.1, 5))


seen = {}
for max_iter, eta in inputs():
    if Fraction(eta) >= Fraction(11, 10):
        seen[max_iter, float(eta)] = case(max_iter, eta)
path = pathlib.Path(__file__).with_name("hyperband.oracle.json")
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in seen.values()) + "\n]\n")
print(f"{path.name}: {len(seen)} cases")
