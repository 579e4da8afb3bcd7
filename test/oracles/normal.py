"""Makes normal.oracle.json: 50-digit values of the normal distribution function, its inverse and its logarithm, and of the
logarithm of the expected improvement, with the derivatives of both.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install mpmath
    /tmp/oracle/bin/python test/oracles/normal.py

With --coefficients it prints the Chebyshev coefficients that lib/numerics/normal.ts holds instead, in
t = (x - 5) / (x + 5), which maps x >= 0 to [-1, 1): those of (1 + x) exp(x^2/2) Phi(-x), and those of
(1 + x)^2 (1 - x Phi(-x) / phi(x)). Both functions are smooth there, so that the coefficients fall below 1e-17 after 24 and 27;
K = 5 and powers of 1 + x need the fewest of those tried.
"""

import json
import pathlib
import sys

import mpmath as mp

mp.mp.dps = 50
NODES = 60
K = mp.mpf(5)


def series_in_inverse_square(x, first):
    """Asymptotic series 1 - 1/x^2 + 3/x^4 - 15/x^6 ..., from the term `first` on, without its sign."""
    total, term = mp.mpf(0), mp.mpf(1)
    for k in range(40):
        if k >= first:
            total += term
        term *= -(2 * k + 1) / (x * x)
    return abs(total)


def mills(x):
    """Phi(-x) / phi(x)."""
    if x < 100:
        return mp.sqrt(mp.pi / 2) * mp.erfc(x / mp.sqrt(2)) * mp.exp(x * x / 2)
    return series_in_inverse_square(x, 0) / x


def shortfall(x):
    """1 - x Phi(-x) / phi(x)."""
    return 1 - x * mills(x) if x < 100 else series_in_inverse_square(x, 1)


def coefficients():
    functions = {
        "SCALED_TAIL": lambda x: (1 + x) * mills(x) / mp.sqrt(2 * mp.pi),
        "SHORTFALL": lambda x: (1 + x) ** 2 * shortfall(x),
    }
    angles = [mp.pi * (2 * k + 1) / (2 * NODES) for k in range(NODES)]
    points = [K * (1 + mp.cos(angle)) / (1 - mp.cos(angle)) for angle in angles]
    for name, function in functions.items():
        print(name)
        values = [function(x) for x in points]
        for j in range(NODES):
            c = (2 if j else 1) * sum(v * mp.cos(j * a) for v, a in zip(values, angles)) / NODES
            if abs(c) > mp.mpf("1e-17"):
                print(f"  {float(c)!r},")


def cdf(x):
    return mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2


def quantile(p):
    """The x with cdf(x) = p, by Newton's method on log cdf in the lower half and by symmetry above it."""
    p = mp.mpf(p)
    if p == mp.mpf("0.5"):
        return mp.mpf(0)
    if p > mp.mpf("0.5"):
        return -lower_quantile(1 - p)
    return lower_quantile(p)


def log_density(z):
    return -z * z / 2 - mp.log(2 * mp.pi) / 2


def log_cdf(z):
    return mp.log1p(-cdf(-z)) if z > 0 else log_density(z) + mp.log(mills(-z))


def log_cdf_slope(z):
    return mp.exp(log_density(z)) / cdf(z) if z > 0 else 1 / mills(-z)


def improvement(z):
    return mp.exp(log_density(z)) + z * cdf(z)


def log_improvement(z):
    return mp.log(improvement(z)) if z > 0 else log_density(z) + mp.log(shortfall(-z))


def log_improvement_slope(z):
    return cdf(z) / improvement(z) if z > 0 else mills(-z) / shortfall(-z)


def lower_quantile(p):
    x = -mp.sqrt(-2 * mp.log(2 * p)) if p < mp.mpf("0.25") else (p - mp.mpf("0.5")) * mp.sqrt(2 * mp.pi)
    for _ in range(200):
        density = mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)
        step = (mp.log(cdf(x)) - mp.log(p)) * cdf(x) / density
        x -= step
        if abs(step) <= abs(x) * mp.mpf("1e-45"):
            return x
    raise ArithmeticError(f"no quantile for {p}")


def main():
    xs = [0.0, 1e-300, 1e-16, 1e-8, 0.001, 0.0625, 0.1, 0.3, 0.5, 0.67448975, 1.0, 1.25, 1.5, 1.96, 2.0, 2.5, 2.576, 3.0,
          3.3, 4.0, 4.7, 5.0, 5.5, 6.0, 7.0, 7.7, 8.0, 8.3, 9.0, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 33.3, 36.6, 37.5]
    ps = [5e-324, 1e-310, 1e-300, 1e-250, 1e-200, 1e-150, 1e-100, 1e-80, 1e-50, 1e-30, 1e-20, 1e-17, 2.0**-54, 2.0**-53,
          1e-15, 1.3887943864964021e-11, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 0.001, 0.005, 0.01, 0.02425, 0.025, 0.05, 0.07,
          0.075, 0.0750000001, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.49, 0.499, 0.4999999, 0.5 - 2.0**-40,
          0.5 - 2.0**-53, 0.5, 0.5 + 2.0**-52, 0.5 + 2.0**-30, 0.51, 0.55, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92,
          0.925, 0.93, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999, 1 - 1e-6, 1 - 1e-10, 1 - 2.0**-40, 1 - 2.0**-53]
    signed = sorted({s * x for x in xs for s in (-1, 1)})
    zs = signed + [-1e150, -1e100, -1e20, -1e10, -1e6, -1e5, -1000.5, -101.0, -99.5, -60.0, -40.0, -38.6, -1.0000001, -0.9999999,
                   0.27, 0.7, 0.8995, 0.9, 0.9005, 1.1, 38.6, 40.5, 1e5, 1e150]
    # Above 37 log Phi and its slope are subnormal or 0.
    below = [z for z in zs if z <= 37]
    tables = {
        "cdf": [[x, float(cdf(x))] for x in signed],
        "quantile": [[p, float(quantile(p))] for p in ps],
        "logDensity": [[z, float(log_density(mp.mpf(z)))] for z in zs],
        "logCdf": [[z, float(log_cdf(mp.mpf(z)))] for z in below],
        "logCdfSlope": [[z, float(log_cdf_slope(mp.mpf(z)))] for z in below],
        "logExpectedImprovement": [[z, float(log_improvement(mp.mpf(z)))] for z in zs],
        "logExpectedImprovementSlope": [[z, float(log_improvement_slope(mp.mpf(z)))] for z in zs],
    }
    path = pathlib.Path(__file__).with_name("normal.oracle.json")
    path.write_text(json.dumps(tables, indent=1) + "\n")
    print(f"{path.name}: {', '.join(f'{len(rows)} {name}' for name, rows in tables.items())}")


coefficients() if "--coefficients" in sys.argv else main()
