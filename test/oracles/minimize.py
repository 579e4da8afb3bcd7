"""Makes minimize.oracle.json: minima between bounds as SciPy's L-BFGS-B finds them.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install scipy
    /tmp/oracle/bin/python test/oracles/minimize.py
"""

import json
import pathlib

import numpy
from scipy.optimize import minimize, rosen, rosen_der


def main():
    cases = []
    boxes = [(2, -2, 2), (2, -2, 0.8), (3, -2, 0.25), (10, -2, 2), (10, -2, 0.5), (10, 1.05, 2), (30, -2, 2)]
    options = {"ftol": 1e-16, "gtol": 1e-10, "maxiter": 10000, "maxfun": 100000}
    for n, low, high in boxes:
        start = [1.0 if i % 2 else -1.2 for i in range(n)]
        found = minimize(rosen, numpy.clip(start, low, high), jac=rosen_der, bounds=[(low, high)] * n,
                         method="L-BFGS-B", options=options)
        cases.append({"n": n, "lower": low, "upper": high, "start": start, "value": float(found.fun),
                      "x": [float(one) for one in found.x]})
    path = pathlib.Path(__file__).with_name("minimize.oracle.json")
    path.write_text(json.dumps({"rosenbrock": cases}, indent=1) + "\n")
    print(f"{path.name}: {len(cases)} minima")


main()
