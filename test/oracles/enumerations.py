"""Makes enumerations.oracle.json: what numpy's arange, linspace, logspace and geomspace list.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install numpy
    /tmp/oracle/bin/python test/oracles/enumerations.py

Each case is {"option": the dict form of the matrix, "values": the list}. Long lists keep their length, their first and
their last 20 values ("head", "tail", "length").
"""

import json
import pathlib
import random

import numpy as np

KEPT = 20
rng = random.Random(20180710)


def decimal(low, high, digits):
    return round(rng.uniform(low, high), digits)


def ranges():
    yield from [(1.2, 1.8, 0.1), (0, 10, 1), (0, 1, 0.1), (0, 1, 0.3), (0.1, 0.5, 0.1), (0, 0.3, 0.1), (1, 2, 5), (5, 5.5, 0.5),
                (-1, 1, 0.25), (-3, -1, 0.7), (-0.3, 0.3, 0.1), (1e-10, 1e-9, 1e-10), (1e10, 1e10 + 7, 2.5), (0, 1e300, 1e299),
                (-1e308, 7e307, 1e307), (1e-300, 1e-299, 1.7e-300), (0, 5e-324, 5e-324), (0, 5e-322, 5e-324), (0, 5e-324, 1e10),
                (16, 257, 16), (32, 129, 32), (0.001, 0.0101, 0.001), (1e15, 1e15 + 3, 0.5), (1e16, 1e16 + 8, 3),
                (0, 9999.5, 1), (0, 10000, 1), (0, 1, 1e-4), (1, 1.0000000001, 1e-11), (2**53 - 10, 2**53, 3), (0.7, 0.9, 0.05),
                (1.1, 2.2, 0.1), (0, 2.1, 0.7), (0, 0.7, 0.1), (1, 1.3, 0.1), (100, 1000, 300.5)]
    for _ in range(40):
        digits = rng.randrange(0, 5)
        step = decimal(10**-digits, 3, digits)
        start = decimal(-20, 20, digits)
        yield start, round(start + step * rng.randrange(1, 60) + rng.choice([0, 0, step / 3]), digits + 2), step
    for _ in range(15):
        start, step = rng.uniform(-1, 1), rng.uniform(1e-3, 0.2)
        yield start, start + step * rng.uniform(1, 50), step


def spaces():
    yield from [(0, 1, 5), (0, 1, 1), (0, 1, 2), (0, 1, 3), (0, 1, 7), (0, 1, 11), (0.1, 0.9, 9), (-1, 1, 4), (-5, -1, 6), (1, 10, 10),
                (1e-300, 1e-299, 8), (-8e307, 9e307, 9), (0, 5e-324, 5), (0, 1.5e-323, 7), (1e16, 1e16 + 16, 6), (0.3, 0.7, 10000),
                (1, 1 + 2**-50, 5), (-1e-8, 3e-8, 12), (16, 256, 6), (0.0001, 0.1, 4), (-0.1, 0.2, 4), (2, 3, 1)]
    for _ in range(40):
        low = decimal(-50, 50, rng.randrange(0, 6))
        yield low, round(low + decimal(0.01, 30, 4), 6), rng.randrange(1, 40)
    for _ in range(10):
        low = rng.uniform(-1, 1)
        yield low, low + rng.uniform(1e-6, 1e3), rng.randrange(2, 200)


def logspaces():
    yield from [(0.01, 0.1, 5, 10), (-4, -1, 4, 10), (-4, -1, 7, 10), (0, 3, 4, 10), (-5, 0, 6, 10), (-5, 0, 11, 10), (0, 10, 11, 2),
                (-10, 0, 11, 2), (4, 9, 6, 2), (-3, 3, 13, 2.718281828459045), (-2, 2, 9, 0.5), (0, 1, 1, 10), (-300, 300, 7, 10),
                (-323, 308, 10, 10), (-1074, 1023, 8, 2), (0.5, 2.5, 6, 3), (-1, 1, 5, 1), (1, 5, 5, 7.3), (-8, -7, 10000, 10)]
    for _ in range(30):
        low = decimal(-9, 5, rng.randrange(0, 3))
        yield low, round(low + decimal(0.1, 6, 2), 3), rng.randrange(1, 30), rng.choice([10, 10, 2, 2.718281828459045, 3, 0.1])


def geomspaces():
    yield from [(0.01, 0.1, 5), (1, 1000, 4), (1, 256, 9), (1e-5, 1e-1, 5), (1e-4, 1, 9), (0.001, 0.9, 7), (-1000, -1, 4), (-0.1, -0.001, 5),
                (2, 3, 1), (-3, -2, 1), (2, 3, 2), (1e-300, 1e300, 11), (5e-324, 1.7e308, 6), (-1e300, -1e-300, 5), (1, 1 + 2**-40, 5),
                (16, 512, 6), (0.1, 0.3, 3), (3e-4, 3e-2, 12), (1e-3, 1e-2, 10000)]
    for _ in range(30):
        low = 10 ** rng.uniform(-8, 4)
        high = low * 10 ** rng.uniform(0.01, 6)
        sign = rng.choice([1, 1, 1, -1])
        low, high = sorted((sign * low, sign * high))
        yield float(f"{low:.6g}"), float(f"{high:.6g}"), rng.randrange(1, 40)


def case(kind, keys, arguments, values):
    values = [float(v) for v in values]
    option = {kind: dict(zip(keys, arguments))}
    if len(values) <= 3 * KEPT:
        return {"option": option, "values": values}
    return {"option": option, "length": len(values), "head": values[:KEPT], "tail": values[-KEPT:]}


np.seterr(all="ignore")
cases = (
    [case("range", ("start", "stop", "step"), a, np.arange(*map(float, a))) for a in ranges()]
    + [case("linspace", ("start", "stop", "num"), a, np.linspace(*a)) for a in spaces()]
    + [case("logspace", ("start", "stop", "num", "base"), a, np.logspace(*a[:3], base=a[3])) for a in logspaces()]
    + [case("geomspace", ("start", "stop", "num"), a, np.geomspace(*a)) for a in geomspaces()]
)
path = pathlib.Path(__file__).with_name("enumerations.oracle.json")
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(f"{path.name}: {len(cases)} cases, numpy {np.__version__}")
