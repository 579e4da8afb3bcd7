"""Runs one search after the other, as it is told on standard input.

Usage: python run.py [--describe]. Each line of input is a search to run, {"optimizer", "function", "seed", "budget",
"parallel", "service": {"url", "pid"} or null}, and is answered by a line with the best after each evaluation, the
milliseconds per suggestion, and null, or why the service refused. With --describe says in one line which optimizers and
functions there are.
"""

import json
import math
import sys
import time
from collections import deque
from collections.abc import Mapping

from functions import FUNCTIONS, SUITES
from optimizers import INITIAL, OPTIMIZERS, Problem, Refused, Search, Service, version_of


def describe() -> Mapping[str, object]:
    for function in FUNCTIONS.values():
        reached = function.of(function.minimiser)
        assert abs(reached - function.optimum) < 1e-9, f"{function.name} has no such optimum"
        assert not function.fails(function.minimiser), f"{function.name} fails at its optimum"
    return {
        "optimizers": {name: version_of(name) for name in OPTIMIZERS},
        "functions": {
            suite: {function.name: function.fingerprint() for function in functions}
            for suite, functions in SUITES.items()
        },
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
    cpu_ms = (under_way.cpu_seconds() - cpu_before) * 1000
    after = max(problem.budget - modelled, 1)
    # Each suggestion with the report that comes before it; only those after the first ones, where a model is at work.
    counted = wall_ms[-after:]
    return {
        # Without noise, of the point that was told to be the best so far.
        "best": best,
        "wall_ms": sum(counted) / max(len(counted), 1),
        "cpu_ms": cpu_ms / after,
    }


def answer(job: Mapping) -> Mapping[str, object]:
    problem = Problem(FUNCTIONS[job["function"]], job["seed"], job["budget"], job["parallel"])
    service = Service(**job["service"]) if job["service"] else None
    try:
        under_way = OPTIMIZERS[job["optimizer"]](problem, service)
        try:
            return {"result": search(problem, under_way), "refused": None}
        finally:
            under_way.close()
    except Refused as refused:
        return {"result": None, "refused": str(refused)}


def main() -> None:
    if "--describe" in sys.argv:
        print(json.dumps(describe()))
        return
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
