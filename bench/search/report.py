"""Writes the tables of a comparison and draws its curves.

Usage: python report.py PATH, with the comparison as JSON on standard input: {"budget", "parallel", "runs", "cold",
"left_out"}. Prints the tables, and writes them to PATH.md, their numbers to PATH.json and the curves of each suite to
PATH-SUITE.svg.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from comparison import BASELINE, Comparison, geometric, over_all
from curves import draw
from functions import FUNCTIONS, SUITES
from problem import INITIAL
from text_tables import aligned, shown

ABOUT = {
    "tuning": "Choices of the search were made by these functions: no evidence for Rungwise.",
    "proof": "No choice was made by these.",
}
MEASURED = "rungwise auto"
GAP_LEAST = -1.0


def mean_gap(gaps: list[float]) -> float:
    """The mean, with no function counting for less than GAP_LEAST: one disaster would outweigh all else."""
    return float(np.mean(np.maximum(gaps, GAP_LEAST)))


def seeds_of(comparison: Comparison, optimizer: str, functions: list[str]) -> str:
    """Least and most seeds of the functions that it was run on, and on how many of them where that is not all."""
    counts = [count for name in functions if (count := len(comparison.runs(optimizer, name)))]
    seeds = " to ".join(str(count) for count in sorted({min(counts), max(counts)})) if counts else "0"
    return seeds if len(counts) == len(functions) else f"{seeds} on {len(counts)}"


def summary(comparison: Comparison, suite: str) -> str:
    functions = comparison.functions(suite)
    ranks = comparison.mean_ranks(suite)
    head = [
        "optimizer",
        "seeds",
        "mean gap",
        "mean rank",
        "regret ÷ best peer's",
        "at worst",
    ]

    def row(name: str) -> list[str]:
        gaps = [comparison.gap(name, one) for one in functions]
        ratios = [comparison.ratio_to_best_peer(name, one) for one in functions]
        return [
            name,
            seeds_of(comparison, name, functions),
            shown(over_all(gaps, mean_gap), "z.2f"),
            shown(ranks.get(name), ".1f"),
            shown(over_all(ratios, geometric), ".2f"),
            shown(over_all(ratios, max), ".3g"),
        ]

    return aligned([head, *map(row, comparison.optimizers)])


def duels(comparison: Comparison, suite: str) -> str:
    """How the search that counts does against each of the others, on the functions that both were run on."""
    head = ["against", "functions", "regret ÷ theirs", "at worst", "better on"]

    def row(name: str) -> list[str]:
        ratios = [
            ratio
            for one in comparison.functions(suite)
            if (ratio := comparison.ratio(MEASURED, name, one)) is not None
        ]
        numbers = (
            [f"{geometric(ratios):.3f}", f"{max(ratios):.3g}", str(sum(ratio < 1 for ratio in ratios))]
            if ratios
            else ["–", "–", "–"]
        )
        return [name, str(len(ratios)), *numbers]

    return aligned([head, *(row(name) for name in comparison.optimizers if name != MEASURED)])


def by_function(
    comparison: Comparison, suite: str, number: Callable[[str, str], float | None], form: str
) -> str:
    functions = comparison.functions(suite)
    rows = [
        [name, *(shown(number(name, one), form) for one in functions)]
        for name in comparison.optimizers
    ]
    return aligned([["optimizer", *functions], *rows])


def time_table(comparison: Comparison) -> str:
    head = ["optimizer", "CPU ms", "wall ms", "cold start, CPU s"]
    rows = [
        [
            name,
            f"{comparison.milliseconds(name, 'cpu_ms'):.1f}",
            f"{comparison.milliseconds(name, 'wall_ms'):.1f}",
            shown(comparison.cold_seconds(name), ".2f"),
        ]
        for name in comparison.optimizers
    ]
    return aligned([head, *rows])


def suite_text(comparison: Comparison, suite: str) -> list[str]:
    functions = comparison.functions(suite)
    if not functions:
        return []
    budget = comparison.budget
    optima = ", ".join(f"{name} {FUNCTIONS[name].optimum:.9g}" for name in functions)
    parts = [f"## {suite.capitalize()}: {len(functions)} functions", ABOUT[suite], summary(comparison, suite)]
    if MEASURED in comparison.optimizers:
        parts += [f"### {MEASURED} against each", duels(comparison, suite)]
    for evaluations in sorted({max(budget // 2, 1), budget}):
        parts += [
            f"### Regret after {evaluations} evaluations",
            by_function(
                comparison, suite, lambda name, one: comparison.regret(name, one, evaluations), ".2g"
            ),
        ]
    gaps = by_function(comparison, suite, comparison.gap, "z.2f")
    return [*parts, f"### Gap after {budget} evaluations", gaps, f"Optima: {optima}."]


def left_out_text(left_out: Mapping[str, str]) -> list[str]:
    return [f"**{name} was not run**: {reason}" for name, reason in left_out.items()]


def text_of(comparison: Comparison) -> str:
    at_once = "one at a time" if comparison.parallel == 1 else f"{comparison.parallel} at once"
    machines = comparison.machines()
    times = (
        "" if len(machines) == 1 else " Run on several machines: times do not compare between them."
    )
    parts = [
        f"# Search quality: {comparison.budget} evaluations, {at_once}",
        "Medians over the seeds. Regret is the value of the incumbent, free of noise, less the optimum. Gap: 0 is "
        f"{BASELINE}, 1 the optimum; in the mean none counts for less than {GAP_LEAST:g}. Rank: 1 is the best of all who were run on every function. Regret ÷ best peer's: "
        "geometric mean over the functions, each against the peer that is best there; below 1 is better than every "
        "choice among the peers.",
        *left_out_text(comparison.left_out),
        *(part for suite in SUITES for part in suite_text(comparison, suite)),
        "## Time",
        f"Per suggestion after the first {INITIAL}, the report before it included; median over all runs. Rungwise: "
        "answers over HTTP, stored on disk, and the processor time of the whole service; the others: in process, in "
        f"memory. Cold start: processor time from the start of the process to the suggestion after {INITIAL} results, "
        "imports included.",
        time_table(comparison),
        "Versions: "
        + "; ".join(f"{name}: {version}" for name, version in comparison.versions().items())
        + f". Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores: "
        + ", ".join(machines)
        + f".{times}",
    ]
    return "\n\n".join(parts) + "\n"


def numbers_of(comparison: Comparison) -> Mapping[str, object]:
    def entry(suite: str, name: str, function: str) -> Mapping[str, object]:
        quartiles = np.quantile(comparison.regrets(name, function), [0.25, 0.5, 0.75], axis=0)
        return {
            "suite": suite,
            "optimizer": name,
            "function": function,
            "seeds": len(comparison.runs(name, function)),
            "regret": dict(zip(["low", "median", "high"], quartiles.tolist(), strict=True)),
            "gap": comparison.gap(name, function),
            "ratio_to_best_peer": comparison.ratio_to_best_peer(name, function),
        }

    return {
        "budget": comparison.budget,
        "parallel": comparison.parallel,
        "left_out": comparison.left_out,
        "versions": comparison.versions(),
        "times": {
            name: {
                "cpu_ms": comparison.milliseconds(name, "cpu_ms"),
                "wall_ms": comparison.milliseconds(name, "wall_ms"),
                "cold_start_s": comparison.cold_seconds(name),
            }
            for name in comparison.optimizers
        },
        "entries": [
            entry(suite, name, function)
            for suite in SUITES
            for function in comparison.functions(suite)
            for name in comparison.optimizers
            if comparison.runs(name, function)
        ],
    }


def main() -> None:
    path = sys.argv[1]
    comparison = Comparison(json.load(sys.stdin))
    if not comparison.optimizers:
        sys.exit("there is nothing to compare yet")
    text = text_of(comparison)
    Path(f"{path}.md").write_text(text)
    Path(f"{path}.json").write_text(json.dumps(numbers_of(comparison), indent=1) + "\n")
    for suite in SUITES:
        if comparison.functions(suite):
            draw(comparison, suite, f"{path}-{suite}.svg")
    print(text, end="")


if __name__ == "__main__":
    main()
