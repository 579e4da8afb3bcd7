"""The curves of a comparison."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from comparison import BASELINE, RATIO_FLOOR, Comparison, is_own

COLOURS = {
    "rungwise auto": "#dc2626",
    "rungwise bo": "#ea580c",
    "rungwise ucb": "#f59e0b",
    "rungwise random": "#a8a29e",
    "optuna random": "#57534e",
    "optuna tpe": "#0d9488",
    "optuna cmaes": "#65a30d",
    "optuna gp": "#1d4ed8",
    "hyperopt": "#86198f",
    "nevergrad": "#15803d",
    "scikit-optimize": "#0ea5e9",
    "smac": "#92400e",
    "ax": "#7c3aed",
    "vizier": "#db2777",
}
COLUMNS = 3
BANDED = "rungwise auto"
"""Whose quartiles are shown: more bands than one hide the lines."""


def draw(comparison: Comparison, suite: str, file: str) -> None:
    """Writes one panel a function: median regret by evaluation."""
    plt.rcParams.update({"svg.hashsalt": "rungwise", "font.size": 9})
    functions = comparison.functions(suite)
    columns = min(COLUMNS, len(functions))
    rows = -(-len(functions) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(4.6 * columns, 3.4 * rows + 0.8), squeeze=False, layout="constrained"
    )
    evaluations = np.arange(1, comparison.budget + 1)
    lines = {}
    for panel, function in zip(axes.flat, functions):
        # A regret of 0 has no place on a logarithmic axis.
        floor = RATIO_FLOOR * (comparison.regret(BASELINE, function, comparison.budget) or 1)
        for name in comparison.optimizers:
            regrets = comparison.regrets(name, function)
            if regrets is None:
                continue
            quartiles = np.quantile(regrets, [0.25, 0.5, 0.75], axis=0)
            low, median, high = np.maximum(quartiles, floor)
            style, width = ("-", 1.8) if is_own(name) else ("--", 1.1)
            if name == BANDED:
                panel.fill_between(evaluations, low, high, color=COLOURS[name], alpha=0.12, linewidth=0)
            (lines[name],) = panel.plot(
                evaluations, median, style, color=COLOURS[name], linewidth=width
            )
        panel.set_yscale("log")
        panel.set_title(function)
        panel.set_xlabel("evaluations")
        panel.grid(True, which="major", alpha=0.25)
    for panel in axes.flat[len(functions) :]:
        panel.remove()
    figure.supylabel("regret")
    in_order = [name for name in comparison.optimizers if name in lines]
    figure.legend(
        [lines[name] for name in in_order],
        in_order,
        loc="outside lower center",
        ncols=5,
        frameon=False,
    )
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
