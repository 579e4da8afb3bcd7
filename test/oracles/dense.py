"""Makes dense.oracle.json: 40-digit factors, solutions and inverses of symmetric positive definite matrices.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install mpmath
    /tmp/oracle/bin/python test/oracles/dense.py

The matrices are those of rational functions of the indices, and one that doubles can hardly tell from a singular one.
"""

import json
import pathlib

import mpmath as mp

mp.mp.dps = 50

MATRICES = {
    "one entry": (1, lambda i, j: 2.25),
    "close to diagonal": (6, lambda i, j: 4.0 if i == j else 1 / (1 + (i - j) ** 2)),
    "slowly decaying": (17, lambda i, j: 1 / (1 + abs(i - j) / 4) + (0.125 if i == j else 0)),
    "Hilbert's": (5, lambda i, j: 1 / (i + j + 1)),
}


def lower(n, entry):
    return [entry(i, j) for i in range(n) for j in range(i + 1)]


def main():
    tables = []
    for name, (n, entry) in MATRICES.items():
        a = mp.matrix(n, n)
        for i in range(n):
            for j in range(n):
                a[i, j] = mp.mpf(float(entry(max(i, j), min(i, j))))
        factor = mp.cholesky(a)
        inverse = a**-1
        b = mp.matrix([mp.mpf(float(1 / (k + 1) - 0.25)) for k in range(n)])
        half = mp.matrix(n, 1)
        for i in range(n):
            half[i] = (b[i] - sum(factor[i, k] * half[k] for k in range(i))) / factor[i, i]
        table = {
            "name": name,
            "n": n,
            "matrix": lower(n, lambda i, j: a[i, j]),
            "factor": lower(n, lambda i, j: factor[i, j]),
            "inverse": lower(n, lambda i, j: inverse[i, j]),
            "logDeterminant": 2 * sum(mp.log(factor[i, i]) for i in range(n)),
            "side": list(b),
            "halfSolution": list(half),
            "solution": list(inverse * b),
            "condition": mp.cond(a),
        }
        tables.append({key: plain(value) for key, value in table.items()})
    path = pathlib.Path(__file__).with_name("dense.oracle.json")
    path.write_text(json.dumps({"matrices": tables}, indent=1) + "\n")
    print(f"{path.name}: {len(tables)} matrices")


def plain(value):
    if isinstance(value, list):
        return [float(one) for one in value]
    return float(value) if isinstance(value, mp.mpf) else value


main()
