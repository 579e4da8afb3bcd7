"""Writes the tables of a comparison and draws its curves.

Usage: python report.py PATH, with the comparison as JSON on standard input: {"budget", "parallel", "runs", "left_out"}.
Prints the tables, and writes them to PATH.md, their numbers to PATH.json and the curves to PATH.svg.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from functions import FUNCTIONS
from optimizers import INITIAL, OPTIMIZERS

BASELINE = "optuna random"
"""Whose median regret has a gap of 0."""

RATIO_FLOOR = 1e-6
"""Share of the baseline's median regret below which regrets count as equal in ratios: nobody cares for more digits."""

COLOURS = {
    "rungwise bo": "#c2410c",
    "rungwise ucb": "#f59e0b",
    "rungwise random": "#a8a29e",
    "optuna gp": "#1d4ed8",
    "optuna tpe": "#0d9488",
    "optuna random": "#57534e",
}


@dataclass(frozen=True)
class Spread:
    """Median and quartiles."""

    low: float
    median: float
    high: float


def spread_of(values: Iterable[float]) -> Spread:
    return Spread(*np.quantile(list(values), [0.25, 0.5, 0.75]).tolist())


class Comparison:
    """Regrets by optimizer and function."""

    def __init__(self, sent: Mapping) -> None:
        self.budget: int = sent["budget"]
        self.parallel: int = sent["parallel"]
        self.left_out: Mapping[str, str] = sent["left_out"]
        self.runs: list[Mapping] = sent["runs"]
        self.optimizers = [name for name in OPTIMIZERS if self._with(optimizer=name)]
        self.functions = [name for name in FUNCTIONS if self._with(function=name)]

    def _with(self, **wanted: str) -> list[Mapping]:
        return [
            run for run in self.runs if all(run[name] == value for name, value in wanted.items())
        ]

    def of(self, optimizer: str, function: str) -> list[Mapping]:
        return self._with(optimizer=optimizer, function=function)

    def versions(self) -> Mapping[str, str]:
        return {name: self._with(optimizer=name)[0]["version"] for name in self.optimizers}

    def regrets(self, optimizer: str, function: str) -> np.ndarray | None:
        """Distance of the least value so far from the optimum: [seeds, evaluations]; None where nothing was run."""
        runs = self.of(optimizer, function)
        if not runs:
            return None
        least = np.minimum.accumulate(np.array([run["values"] for run in runs]), axis=1)
        return np.maximum(least - FUNCTIONS[function].optimum, 0)

    def regret(self, optimizer: str, function: str, evaluations: int) -> Spread | None:
        regrets = self.regrets(optimizer, function)
        return None if regrets is None else spread_of(regrets[:, evaluations - 1])

    def gap(self, optimizer: str, function: str) -> Spread | None:
        """How much of the way from random search to the optimum was made: 0 is the baseline's median, 1 the optimum."""
        baseline = self.regret(BASELINE, function, self.budget)
        regrets = self.regrets(optimizer, function)
        if regrets is None or baseline is None or baseline.median == 0:
            return None
        return spread_of(1 - regrets[:, -1] / baseline.median)

    def ratio(self, optimizer: str, function: str) -> float | None:
        """Median regret as a multiple of the best other maker's."""
        maker = optimizer.split()[0]
        own = self.regret(optimizer, function, self.budget)
        others = [
            regret.median
            for name in self.optimizers
            if not name.startswith(maker)
            and (regret := self.regret(name, function, self.budget)) is not None
        ]
        baseline = self.regret(BASELINE, function, self.budget)
        if own is None or baseline is None or not others:
            return None
        floor = RATIO_FLOOR * baseline.median
        return max(own.median, floor) / max(min(others), floor) if floor > 0 else None


def aligned(rows: list[list[str]]) -> str:
    """A table in Markdown; the first row is its head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def shown(spread: Spread | None, form: str) -> str:
    """The median, and the quartiles in brackets."""
    if spread is None:
        return "–"
    median, low, high = (format(value, form) for value in (spread.median, spread.low, spread.high))
    return f"{median} [{low}, {high}]"


def mean_of(values: Iterable[float | None], mean: Callable[[list[float]], float]) -> str:
    """A mean over the functions; none where one of them is missing, since it would mean something else."""
    known = list(values)
    return "–" if None in known or not known else f"{mean(known):.2f}"


def geometric(values: list[float]) -> float:
    return float(np.exp(np.mean(np.log(values))))


def seeds_of(comparison: Comparison, optimizer: str) -> str:
    counts = {len(comparison.of(optimizer, name)) for name in comparison.functions}
    return " to ".join(str(count) for count in sorted({min(counts), max(counts)}))


def regret_table(comparison: Comparison, evaluations: int) -> str:
    head = ["optimizer", "seeds", *comparison.functions]
    rows = [
        [
            name,
            seeds_of(comparison, name),
            *(
                shown(comparison.regret(name, function, evaluations), ".2g")
                for function in comparison.functions
            ),
        ]
        for name in comparison.optimizers
    ]
    return aligned([head, *rows])


def gap_table(comparison: Comparison) -> str:
    head = ["optimizer", *comparison.functions, "mean", "regret ÷ best of the others"]

    def row(name: str) -> list[str]:
        gaps = [comparison.gap(name, function) for function in comparison.functions]
        ratios = [comparison.ratio(name, function) for function in comparison.functions]
        medians = [gap and gap.median for gap in gaps]
        return [
            name,
            *(shown(gap, "z.2f") for gap in gaps),
            mean_of(medians, lambda values: float(np.mean(values))),
            mean_of(ratios, geometric),
        ]

    return aligned([head, *map(row, comparison.optimizers)])


def time_table(comparison: Comparison) -> str:
    head = ["optimizer", *(f"{name}, wall / CPU ms" for name in comparison.functions)]

    def cell(name: str, function: str) -> str:
        runs = comparison.of(name, function)
        if not runs:
            return "–"
        wall, cpu = (np.median([run[field] for run in runs]) for field in ("wall_ms", "cpu_ms"))
        return f"{wall:.1f} / {cpu:.1f}"

    rows = [
        [name, *(cell(name, function) for function in comparison.functions)]
        for name in comparison.optimizers
    ]
    return aligned([head, *rows])


def text_of(comparison: Comparison) -> str:
    budget = comparison.budget
    at_once = (
        "one at a time" if comparison.parallel == 1 else f"{comparison.parallel} running at once"
    )
    optima = [f"{name} {FUNCTIONS[name].optimum:.9g}" for name in comparison.functions]
    parts = [
        f"# Search quality: {budget} evaluations, {at_once}",
        "Median over the seeds, with the quartiles in brackets. Regret is the least value so far less the optimum: "
        f"{', '.join(optima)}.",
        *(f"**{name} is left out**: {reason}" for name, reason in comparison.left_out.items()),
        *(
            f"## Regret after {evaluations} evaluations\n\n{regret_table(comparison, evaluations)}"
            for evaluations in sorted({max(budget // 2, 1), budget})
        ),
        f"## Normalised gap after {budget} evaluations\n\n"
        f"0 is the median of {BASELINE}, 1 the optimum. The last column is the geometric mean of the median regret as "
        "a multiple of the best that the other maker's optimizers reach on the same function: below 1 is better.\n\n"
        f"{gap_table(comparison)}",
        f"## Milliseconds per suggestion\n\n"
        f"After the first {INITIAL} suggestions, the report before it included; median over the seeds. Rungwise: the "
        "answers over HTTP, stored on disk, and the processor time of the whole service; Optuna: in process, in memory. "
        "Two searches ran at once, one core each.\n\n"
        f"{time_table(comparison)}",
        "Versions: "
        + "; ".join(f"{name}: {version}" for name, version in comparison.versions().items())
        + f". Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores.",
    ]
    return "\n\n".join(parts) + "\n"


def numbers_of(comparison: Comparison) -> Mapping[str, object]:
    def entry(name: str, function: str) -> Mapping[str, object]:
        runs = comparison.of(name, function)
        regrets = comparison.regrets(name, function)
        gap = comparison.gap(name, function)
        return {
            "optimizer": name,
            "function": function,
            "seeds": len(runs),
            "regret": [vars(spread_of(column)) for column in regrets.T],
            "gap": gap and vars(gap),
            "regret_ratio": comparison.ratio(name, function),
            "wall_ms": float(np.median([run["wall_ms"] for run in runs])),
            "cpu_ms": float(np.median([run["cpu_ms"] for run in runs])),
        }

    return {
        "budget": comparison.budget,
        "parallel": comparison.parallel,
        "left_out": comparison.left_out,
        "optima": {name: FUNCTIONS[name].optimum for name in comparison.functions},
        "versions": comparison.versions(),
        "entries": [
            entry(name, function)
            for function in comparison.functions
            for name in comparison.optimizers
            if comparison.of(name, function)
        ],
    }


def draw(comparison: Comparison, file: str) -> None:
    """One panel a function: median regret by evaluation, the quartiles as a band."""
    plt.rcParams.update({"svg.hashsalt": "rungwise", "font.size": 9})
    columns = 2 if len(comparison.functions) > 1 else 1
    rows = -(-len(comparison.functions) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(5 * columns, 3.2 * rows + 0.5), squeeze=False, layout="constrained"
    )
    evaluations = np.arange(1, comparison.budget + 1)
    lines = {}
    for panel, function in zip(axes.flat, comparison.functions):
        for name in comparison.optimizers:
            regrets = comparison.regrets(name, function)
            if regrets is None:
                continue
            low, median, high = np.quantile(regrets, [0.25, 0.5, 0.75], axis=0)
            style = "-" if name.startswith("rungwise") else "--"
            panel.fill_between(evaluations, low, high, color=COLOURS[name], alpha=0.12, linewidth=0)
            (lines[name],) = panel.plot(evaluations, median, style, color=COLOURS[name])
        panel.set_yscale("log")
        panel.set_title(function)
        panel.set_xlabel("evaluations")
        panel.set_ylabel("regret")
        panel.grid(True, which="major", alpha=0.25)
    for panel in axes.flat[len(comparison.functions) :]:
        panel.remove()
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    path = sys.argv[1]
    comparison = Comparison(json.load(sys.stdin))
    if not comparison.runs:
        sys.exit("there is nothing to compare yet")
    text = text_of(comparison)
    Path(f"{path}.md").write_text(text)
    Path(f"{path}.json").write_text(json.dumps(numbers_of(comparison), indent=1) + "\n")
    draw(comparison, f"{path}.svg")
    print(text, end="")


if __name__ == "__main__":
    main()
