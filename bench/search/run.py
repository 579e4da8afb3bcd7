"""Runs one search after the other, as it is told on standard input.

Usage: python run.py [--describe]. Each line of input is a search to run, {"optimizer", "function", "seed", "budget",
"parallel", "service": {"url", "pid"} or null}, and is answered by a line with the best after each evaluation, the
milliseconds per suggestion, the processor time of the process since it began, and null, or why there is no result. With --describe says in one line which optimizers and
functions there are.
"""

import math
import time
from collections import deque
from collections.abc import Mapping

from functions import FUNCTIONS, SUITES
from harness import description_of, serve
from optimizers import OPTIMIZERS
from problem import INITIAL, Problem, Search
from rungwise import Service


def describe() -> Mapping[str, object]:
    for function in FUNCTIONS.values():
        reached = function.of(function.minimiser)
        assert abs(reached - function.optimum) < 1e-9, f"{function.name} has no such optimum"
        assert not function.fails(function.minimiser), f"{function.name} fails at its optimum"
    return {
        "optimizers": description_of(OPTIMIZERS),
        "functions": {
            suite: {function.name: function.fingerprint() for function in functions}
            for suite, functions in SUITES.items()
        },
        "initial": INITIAL,
    }


def search(problem: Problem, under_way: Search) -> Mapping[str, object]:
    """Evaluates a function `budget` times, `parallel` at once: the one that was suggested first ends first."""
    running = deque(under_way.suggest(min(problem.parallel, problem.budget)))
    told_best = math.inf
    best: list[float | None] = []
    wall_ms: list[float] = []
    started = len(running)
    modelled = max(INITIAL, started)
    cpu_before = under_way.cpu_seconds()
    while running:
        suggested = running.popleft()
        value = problem.function.evaluate(suggested.values, problem.seed, len(best))
        if value is not None and value < told_best:
            told_best = value
            best.append(problem.function.of(suggested.values))
        else:
            best.append(best[-1] if best else None)
        if started == modelled:
            cpu_before = under_way.cpu_seconds()
        before = time.perf_counter()
        under_way.report(suggested, value)
        if started < problem.budget:
            running.extend(under_way.suggest(1))
            started += 1
            wall_ms.append((time.perf_counter() - before) * 1000)
    cpu_after = under_way.cpu_seconds()
    after = max(problem.budget - modelled, 1)
    # Each suggestion with the report that comes before it; only those after the first ones, where a model is at work.
    counted = wall_ms[-after:]
    return {
        # Without noise, of the point that was told to be the best so far.
        "best": best,
        "wall_ms": sum(counted) / max(len(counted), 1),
        "cpu_ms": (cpu_after - cpu_before) * 1000 / after,
        "process_cpu_s": cpu_after,
    }


def answer(job: Mapping, service: Service | None) -> Mapping[str, object]:
    problem = Problem(FUNCTIONS[job["function"]], job["seed"], job["budget"], job["parallel"])
    under_way = OPTIMIZERS[job["optimizer"]].begin(problem, service)
    try:
        return search(problem, under_way)
    finally:
        under_way.close()


if __name__ == "__main__":
    serve(describe, answer)
