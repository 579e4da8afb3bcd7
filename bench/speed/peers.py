"""Times of the peers: one suggestion, the likelihood with its gradient, LAPACK's Cholesky, and a first suggestion.

Reads what to measure as JSON from standard input, prints milliseconds as JSON.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def milliseconds(work, rounds):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def cholesky(n, rounds):
    import numpy
    from scipy.linalg.lapack import dpotrf

    place = numpy.arange(n)
    matrix = numpy.asfortranarray(
        numpy.exp(-abs(place[:, None] - place[None]) / 30) + 0.01 * numpy.eye(n)
    )
    return milliseconds(lambda: dpotrf(matrix, lower=1, clean=0), rounds)


def likelihood_torch(x, y, rounds):
    import math

    import torch

    torch.set_num_threads(1)
    x, y = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    n, d = x.shape
    theta = torch.zeros(d + 2, dtype=torch.float64)
    theta[d + 1] = math.log(1e-3)
    theta.requires_grad_(True)
    root = math.sqrt(5)

    def work():
        theta.grad = None
        scaled = x / torch.exp(theta[:d])
        square = ((scaled[:, None] - scaled[None]) ** 2).sum(-1)
        # The slope of a root at 0 would be infinite.
        r = torch.sqrt(square + 1e-30)
        k = torch.exp(theta[d]) * (1 + root * r + 5 / 3 * square) * torch.exp(-root * r)
        factor = torch.linalg.cholesky(k + torch.exp(theta[d + 1]) * torch.eye(n, dtype=torch.float64))
        half = torch.linalg.solve_triangular(factor, y[:, None], upper=False)
        value = -(half**2).sum() / 2 - factor.diagonal().log().sum() - n * math.log(2 * math.pi) / 2
        value.backward()

    return milliseconds(work, rounds)


def likelihood_sklearn(x, y, rounds):
    import numpy
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    x, y = numpy.array(x), numpy.array(y)
    kernel = ConstantKernel(1) * Matern(numpy.ones(x.shape[1]), nu=2.5) + WhiteKernel(1e-3)
    process = GaussianProcessRegressor(kernel, optimizer=None).fit(x, y)
    theta = process.kernel_.theta
    return milliseconds(lambda: process.log_marginal_likelihood(theta, eval_gradient=True), rounds)


def suggestion_optuna(x, y, rounds):
    import optuna
    import torch

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=1))
    space = {f"x{c}": optuna.distributions.FloatDistribution(0, 1) for c in range(len(x[0]))}
    for point, value in zip(x, y):
        params = {f"x{c}": one for c, one in enumerate(point)}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=space, value=value)
        )
    return milliseconds(lambda: study.ask(space), rounds)


def suggestion_botorch(x, y, rounds):
    import torch
    from botorch.acquisition.logei import qLogNoisyExpectedImprovement
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.optim import optimize_acqf
    from gpytorch.mlls import ExactMarginalLogLikelihood

    torch.set_num_threads(1)
    x = torch.tensor(x, dtype=torch.float64)
    y = -torch.tensor(y, dtype=torch.float64)[:, None]
    bounds = torch.stack([torch.zeros(x.shape[1]), torch.ones(x.shape[1])]).double()

    def work():
        # What Ax does by default: fit, then the noisy expected improvement over what was observed.
        model = SingleTaskGP(x, (y - y.mean()) / y.std())
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        acquisition = qLogNoisyExpectedImprovement(model, X_baseline=x, prune_baseline=True)
        optimize_acqf(acquisition, bounds, q=1, num_restarts=20, raw_samples=1024)

    return milliseconds(work, rounds)


WORK = {
    "cholesky": cholesky,
    "likelihood torch": likelihood_torch,
    "likelihood scikit-learn": likelihood_sklearn,
    "suggestion Optuna": suggestion_optuna,
    "suggestion BoTorch": suggestion_botorch,
}


def main():
    asked = json.load(sys.stdin)
    work = WORK[asked["what"]]
    if asked["what"] == "cholesky":
        figure = work(asked["n"], asked["rounds"])
    else:
        figure = work(asked["x"], asked["y"], asked["rounds"])
    print(json.dumps(figure))


main()
