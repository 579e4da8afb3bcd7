"""Makes bessel.oracle.json at 60 digits: log-gamma, modified Bessel functions of the second kind, and the Matérn covariance
with its slope.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install mpmath
    /tmp/oracle/bin/python test/oracles/bessel.py

With --coefficients it prints the Taylor coefficients c_k of 1 / Gamma(1 + z) around 0 that lib/numerics/gamma.ts holds
instead. The function is entire, so that Cauchy's integral around the unit circle gives them: the mean of f(e^(it)) e^(-ikt)
over 128 equally spaced t, whose error is the sum of c_(k+128), c_(k+256), …, far below 1e-60. They are used for |z| <= 1/2,
and those that cannot count there (|c_k| 2^-k < 1e-18) are left out.
"""

import json
import pathlib
import sys

import mpmath as mp

mp.mp.dps = 60
NODES = 128
LARGEST = mp.mpf(sys.float_info.max)
SMALLEST = mp.mpf(sys.float_info.min)


def coefficients():
    points = [mp.expjpi(mp.mpf(2 * j) / NODES) for j in range(NODES)]
    values = [mp.rgamma(1 + z) for z in points]
    for k in range(NODES):
        c = mp.re(sum(v * mp.conj(points[j * k % NODES]) for j, v in enumerate(values))) / NODES
        if abs(c) * mp.mpf(2) ** -k < mp.mpf("1e-18"):
            break
        print(f"  {float(c)!r},")


def matern(nu, r):
    if mp.isinf(nu):
        return mp.exp(-r * r / 2)
    z = mp.sqrt(2 * nu) * r
    if nu < 100:
        return 2 ** (1 - nu) / mp.gamma(nu) * z**nu * mp.besselk(nu, z)
    # k(r) is the mean of exp(-r^2 nu / (2 g)) over a gamma variable g of shape nu; with u = log(g / nu) the integrand is a
    # single peak no wider than 1 / sqrt(nu). It is scaled to 1, since the quadrature's precision is absolute.
    peak = mp.log((1 + mp.sqrt(1 + 2 * r * r / nu)) / 2)
    log_integrand = lambda u: nu * (u - mp.expm1(u)) - r * r / 2 * mp.exp(-u)
    height = log_integrand(peak)
    edges = [peak + 2 * i / mp.sqrt(nu) for i in range(-10, 11)]
    integral = mp.quad(lambda u: mp.exp(log_integrand(u) - height), edges)
    return mp.exp(nu * mp.log(nu) - nu - mp.loggamma(nu) + height) * integral


def slope(nu, r):
    """k'(r) / r."""
    if mp.isinf(nu):
        return -mp.exp(-r * r / 2)
    if nu > 1:
        return -nu / (nu - 1) * matern(nu - 1, r * mp.sqrt(nu / (nu - 1)))
    z = mp.sqrt(2 * nu) * r
    return -(2 ** (1 - nu)) / mp.gamma(nu) * 2 * nu * z ** (nu - 1) * mp.besselk(nu - 1, z)


def normal(value):
    return SMALLEST < abs(value) < LARGEST


ORDERS = [0, 1e-9, 0.01, 0.1, 0.25, 0.49, 0.5, 0.51, 0.9, 1, 1.3, 1.5, 1.9, 2, 2.5, 3.7, 7.25, 20, 33.333, 49.5, 50]
ARGUMENTS = [1e-8, 1e-4, 0.01, 0.1, 0.5, 1, 1.123, 1.5, 1.999, 2, 2.001, 2.2, 3, 5, 10, 30, 100, 300, 700]
SMOOTHNESS = [0.01, 0.1, 0.3, 0.499, 0.5, 0.501, 0.7, 0.999, 1, 1.001, 1.2, 1.5, 1.9, 2, 2.5, 3, 4.4, 10, 30, 45.5, 49.99,
              50, 60.5, 150, 1000, 9999, 1e6, 1e9, mp.inf]
DISTANCES = [1e-300, 1e-140, 1e-12, 1e-6, 1e-3, 0.02, 0.1, 0.35, 0.7, 1, 1.4, 2, 3.3, 5, 9, 20, 37, 100, 1000]
GAMMA_ARGUMENTS = [1e-300, 1e-8, 0.01, 0.1, 0.4999, 0.5, 0.9, 0.9999999, 1, 1.0000001, 1.1, 1.4616321449683623, 1.5, 1.9,
                   1.9999999, 2, 2.0000001, 2.2, 2.4999, 2.5, 3, 3.5, 5, 8.5, 11.999, 12, 12.001, 20, 100.25, 1e4, 1e6, 1e15,
                   1e100, 1e305]


def main():
    scaled, plain = [], []
    for nu in ORDERS:
        for x in ARGUMENTS:
            value = mp.besselk(mp.mpf(nu), mp.mpf(x))
            if normal(value * mp.exp(x)):
                scaled.append([nu, x, float(value * mp.exp(x))])
            if normal(value):
                plain.append([nu, x, float(value)])
    radial = []
    for nu in map(mp.mpf, SMOOTHNESS):
        for r in map(mp.mpf, DISTANCES):
            k, s = matern(nu, r), slope(nu, r)
            # JSON has no infinity.
            if normal(s) or abs(s) < SMALLEST:
                radial.append([None if mp.isinf(nu) else float(nu), float(r), float(k), float(s)])
    tables = {
        "logGamma": [[x, float(mp.loggamma(x))] for x in GAMMA_ARGUMENTS],
        "scaled": scaled,
        "plain": plain,
        "radial": radial,
    }
    path = pathlib.Path(__file__).with_name("bessel.oracle.json")
    rows = lambda table: "[\n" + ",\n".join(json.dumps(row) for row in table) + "\n]"
    path.write_text("{\n" + ",\n".join(f'"{name}": {rows(table)}' for name, table in tables.items()) + "\n}\n")
    print(f"{path.name}: " + ", ".join(f"{len(table)} {name}" for name, table in tables.items()))


coefficients() if "--coefficients" in sys.argv else main()
