"""Makes gaussian-process.oracle.json: likelihoods, predictions and acquisition functions to 40 digits.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install mpmath scikit-learn
    /tmp/oracle/bin/python test/oracles/gaussian-process.py

Everything is computed from the definitions with mpmath, gradients by central differences with steps of 1e-15 at 50
digits. scikit-learn must agree with the likelihoods, their gradients and the predictions, or nothing is written.
"""

import json
import math
import pathlib

import mpmath as mp
import numpy
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

mp.mp.dps = 50
STEP = mp.mpf("1e-15")
PRIMES = [2, 3, 5, 7]


def covariance(nu, r):
    if r == 0:
        return mp.mpf(1)
    if nu == 0.5:
        return mp.exp(-r)
    if nu == 1.5:
        return (1 + mp.sqrt(3) * r) * mp.exp(-mp.sqrt(3) * r)
    if nu == 2.5:
        return (1 + mp.sqrt(5) * r + 5 * r * r / 3) * mp.exp(-mp.sqrt(5) * r)
    if nu == math.inf:
        return mp.exp(-r * r / 2)
    nu = mp.mpf(nu)
    z = mp.sqrt(2 * nu) * r
    return 2 ** (1 - nu) / mp.gamma(nu) * z**nu * mp.besselk(nu, z)


class Process:
    """A process given theta: log length scales, then log signal and noise variance where they are fitted."""

    def __init__(self, case, theta):
        self.case = case
        self.scales = [mp.exp(theta[s]) for s in case["scaleOf"]]
        fits = case["fitsVariances"]
        self.signal = mp.exp(theta[-2]) if fits else mp.mpf(1)
        self.noise = mp.exp(theta[-1]) if fits else mp.mpf(case["noise"])
        self.points = case["points"]
        n = len(self.points)
        kernel = mp.matrix(n, n)
        for i in range(n):
            for j in range(i + 1):
                kernel[i, j] = kernel[j, i] = self.k(self.points[i], self.points[j])
            kernel[i, i] += self.noise
        self.factor = cholesky(kernel)
        self.half = self.solve_lower([mp.mpf(one) for one in case["y"]])
        self.alpha = self.solve_upper(self.half)

    def k(self, a, b):
        squared = sum(((mp.mpf(p) - mp.mpf(q)) / s) ** 2 for p, q, s in zip(a, b, self.scales))
        return self.signal * covariance(self.case["nu"], mp.sqrt(squared))

    def solve_lower(self, b):
        x = []
        for i in range(len(b)):
            x.append((b[i] - mp.fdot(zip(self.factor[i], x))) / self.factor[i][i])
        return x

    def solve_upper(self, b):
        n = len(b)
        x = [mp.mpf(0)] * n
        for i in reversed(range(n)):
            x[i] = (b[i] - sum(self.factor[k][i] * x[k] for k in range(i + 1, n))) / self.factor[i][i]
        return x

    def likelihood(self):
        n = len(self.half)
        logs = sum(mp.log(self.factor[i][i]) for i in range(n))
        return -mp.fdot(self.half, self.half) / 2 - logs - n * mp.log(2 * mp.pi) / 2

    def predict(self, point):
        covariances = [self.k(point, one) for one in self.points]
        half = self.solve_lower(covariances)
        return mp.fdot(covariances, self.alpha), mp.sqrt(self.signal - mp.fdot(half, half))


def cholesky(a):
    rows = []
    for i in range(a.rows):
        row = []
        for j in range(i):
            row.append((a[i, j] - mp.fdot(zip(rows[j][:j], row))) / rows[j][j])
        row.append(mp.sqrt(a[i, i] - mp.fdot(row, row)))
        rows.append(row)
    return rows


def gradient(f, at):
    """Central differences of a function that returns a list, one list for each coordinate."""
    slopes = []
    for c in range(len(at)):
        above = [one + (STEP if i == c else 0) for i, one in enumerate(at)]
        below = [one - (STEP if i == c else 0) for i, one in enumerate(at)]
        slopes.append([(p - q) / (2 * STEP) for p, q in zip(f(above), f(below))])
    return slopes


def data(n, d):
    points = [[math.fmod((i + 1) * math.sqrt(PRIMES[j]), 1) for j in range(d)] for i in range(n)]
    y = [math.sin(3 * p[0]) + p[1] ** 2 - p[2] / 2 for p in points]
    return points, y


def scikit(case, theta):
    """The likelihood, its gradient in the order of theta, and a function that predicts; None where it cannot say."""
    if case["scaleOf"] == [0] * len(case["scaleOf"]):
        length = math.exp(theta[0])
    elif case["scaleOf"] == list(range(len(case["scaleOf"]))):
        length = numpy.exp(theta[: len(case["scaleOf"])])
    else:
        return None
    kernel = RBF(length) if case["nu"] == math.inf else Matern(length, nu=case["nu"])
    fits = case["fitsVariances"]
    if fits:
        kernel = ConstantKernel(math.exp(theta[-2])) * kernel + WhiteKernel(math.exp(theta[-1]))
    alpha = 1e-18 if fits else case["noise"]
    process = GaussianProcessRegressor(kernel, alpha=alpha, optimizer=None).fit(case["points"], case["y"])
    value, slopes = process.log_marginal_likelihood(process.kernel_.theta, eval_gradient=True)
    ordered = [*slopes[1:-1], slopes[0], slopes[-1]] if fits else list(slopes)
    noise = math.exp(theta[-1]) if fits else 0

    def predict(point):
        mean, sd = process.predict([point], return_std=True)
        return mean[0], math.sqrt(sd[0] ** 2 - noise)

    return value, ordered, predict


def agree(ours, theirs, tolerance, what):
    if abs(float(ours) - theirs) > tolerance * max(1, abs(theirs)):
        raise ArithmeticError(f"{what}: {float(ours)!r} here, {theirs!r} by scikit-learn")


def processes():
    cases = []
    three = [0, 1, 2]
    for nu in [0.5, 1.5, 2.5, math.inf, 1.9]:
        cases += [
            dict(nu=nu, n=8, d=3, scaleOf=[0, 0, 0], fitsVariances=False, noise=1e-6, theta=[math.log(0.7)]),
            dict(nu=nu, n=20, d=3, scaleOf=three, fitsVariances=True, noise=0, theta=[-0.7, 0.1, 0.6, 0.9, -5.0]),
        ]
    for nu in [0.5, 1.5, 2.5, math.inf]:
        cases.append(dict(nu=nu, n=20, d=3, scaleOf=[0, 0, 0], fitsVariances=True, noise=0, theta=[-0.4, -0.5, -3.0]))
    scales = [math.log(scale) for scale in (0.5, 0.7, 0.9)]
    many = [-0.5, 0.2, 0.7, 1.1, 0.4, -6.0]
    cases += [
        dict(nu=2.5, n=8, d=3, scaleOf=three, fitsVariances=False, noise=1e-6, theta=scales),
        dict(nu=2.5, n=20, d=4, scaleOf=[0, 1, 1, 0], fitsVariances=True, noise=0, theta=[0.3, -1.2, 1.5, -8.0]),
        dict(nu=2.5, n=60, d=4, scaleOf=[0, 1, 2, 3], fitsVariances=True, noise=0, theta=many),
    ]
    tables = []
    for case in cases:
        points, y = data(case.pop("n"), case.pop("d"))
        case.update(points=points, y=y)
        theta = case["theta"]
        exact = [mp.mpf(one) for one in theta]
        process = Process(case, exact)
        value = process.likelihood()
        slopes = [s for (s,) in gradient(lambda at: [Process(case, at).likelihood()], exact)]
        d = len(points[0])
        asked = [[0.3, 0.6, 0.9, 0.2][:d], [0.5] * d, [0.0, 1.0, 0.0, 1.0][:d], [one + 1 / 1024 for one in points[3]]]
        predictions = []
        for point in asked:
            mean, sd = process.predict(point)
            by = gradient(process.predict, [mp.mpf(one) for one in point])
            by_mean, by_sd = [one for one, _ in by], [one for _, one in by]
            predictions.append(dict(point=point, mean=mean, sd=sd, meanGradient=by_mean, sdGradient=by_sd))
        compare(case, theta, value, slopes, predictions)
        left_out = leave_one_out(case, exact) if len(points) <= 20 else None
        tables.append(dict(case, nu=None if case["nu"] == math.inf else case["nu"], points=sum(points, []), d=d,
                           likelihood=value, gradient=slopes, predictions=predictions, leftOut=left_out))
        print(f"nu {case['nu']}, n {len(points)}, {len(theta)} fitted", flush=True)
    return tables


def compare(case, theta, value, slopes, predictions):
    theirs = scikit(case, theta)
    if theirs is None:
        return
    agree(value, theirs[0], 1e-10, f"likelihood, nu = {case['nu']}")
    # For other nu scikit-learn takes forward differences.
    tolerance = 1e-7 if case["nu"] in (0.5, 1.5, 2.5, math.inf) else 1e-2
    for ours, one in zip(slopes, theirs[1]):
        agree(ours, one, tolerance, f"gradient, nu = {case['nu']}")
    for one in predictions:
        mean, sd = theirs[2](one["point"])
        agree(one["mean"], mean, 1e-9, "mean")
        agree(one["sd"], sd, 1e-7, "sd")


def leave_one_out(case, theta):
    total = mp.mpf(0)
    for i in range(len(case["y"])):
        points, y = case["points"], case["y"]
        others = dict(case, points=points[:i] + points[i + 1 :], y=y[:i] + y[i + 1 :])
        process = Process(others, theta)
        mean, sd = process.predict(case["points"][i])
        variance = sd**2 + process.noise
        total -= (mp.log(2 * mp.pi * variance) + (mp.mpf(case["y"][i]) - mean) ** 2 / variance) / 2
    return total


def density(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def below(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def log_expected(mean, sd, target):
    # The two terms cancel where z is far below 0, by about log10 z^2 digits.
    with mp.workdps(80):
        z = (mean - target) / sd
        return mp.log(sd * (density(z) + z * below(z)))


def log_probability(mean, sd, target):
    return mp.log(below((mean - target) / sd))


def acquisitions():
    tables = []
    for mean, sd, best, eps in [
        (0.84, 0.345, 1.2, 0.01), (0.5, 0.2, 0.5, 0.0), (2.0, 0.5, 0.5, 0.0), (-1.0, 0.25, 1.5, 0.0),
        (0.1, 0.01, 0.4, 1.2), (0.0, 1e-3, 1.0, 0.0), (0.25, 1e-6, 0.3125, 0.0), (0.3125, 1e-6, 0.25, 0.0),
        (5.0, 0.1, 0.0, 0.0), (-30.0, 1.0, 10.0, 0.0), (0.0, 1.0, 1.0, 0.0), (0.0, 1.0, 20.0, 0.0),
        (0.0, 1.0, 0.999, 0.0), (1.0, 2.0, 1.0, 1e-9),
    ]:
        m, s = mp.mpf(mean), mp.mpf(sd)
        # The gain is rounded as doubles round it: that is the caller's loss, not the function's.
        target = m - mp.mpf(mean - best - eps)
        ei = log_expected(m, s, target)
        poi = log_probability(m, s, target)
        by_ei = gradient(lambda at: [log_expected(*at, target)], [m, s])
        by_poi = gradient(lambda at: [log_probability(*at, target)], [m, s])
        tables.append(dict(mean=mean, sd=sd, best=best, eps=eps, ei=mp.exp(ei), poi=mp.exp(poi), logEi=ei, logPoi=poi,
                           logEiSlopes=sum(by_ei, []), logPoiSlopes=sum(by_poi, [])))
    return tables


def plain(value):
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, mp.mpf) else value


def main():
    tables = {"processes": processes(), "acquisitions": acquisitions()}
    path = pathlib.Path(__file__).with_name("gaussian-process.oracle.json")
    path.write_text(json.dumps(plain(tables)).replace('{"nu"', '\n{"nu"').replace('{"mean"', '\n{"mean"') + "\n")
    print(f"{path.name}: {len(tables['processes'])} processes, {len(tables['acquisitions'])} acquisitions")


main()
