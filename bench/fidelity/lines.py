"""The curves of a comparison: a row for each number of workers, a panel for each task."""

from collections.abc import Sequence

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from comparison import is_own
from measures import BASELINE, FLOOR, Standing
from tasks import EPOCHS

COLOURS = {
    "rungwise random": "#a8a29e",
    "rungwise auto": "#f59e0b",
    "rungwise hyperband": "#be185d",
    "rungwise asha": "#7c2d12",
    "rungwise auto with resource": "#dc2626",
    "rungwise hyperband with model": "#7c3aed",
    "optuna tpe": "#0d9488",
    "optuna tpe + hyperband": "#1d4ed8",
    "optuna tpe + halving": "#0ea5e9",
    "optuna tpe + median": "#65a30d",
    "optuna random + hyperband": "#57534e",
    "optuna random + halving": "#78716c",
    "optuna random + median": "#d6d3d1",
}


def draw(standings: Sequence[Standing], file: str) -> None:
    """Draws median regrets by epochs spent."""
    plt.rcParams.update({"svg.hashsalt": "rungwise", "font.size": 9})
    rows, columns = len(standings), max(len(standing.tasks) for standing in standings)
    figure, axes = plt.subplots(
        rows, columns, figsize=(4.6 * columns, 3.6 * rows + 0.8), squeeze=False, layout="constrained"
    )
    lines = {}
    for panels, standing in zip(axes, standings, strict=True):
        for panel, task in zip(panels, standing.tasks):
            trainings = np.arange(1, standing.budget + 1) / EPOCHS
            # A regret of 0 has no place on a logarithmic axis.
            floor = FLOOR * (standing.regret(BASELINE, task) or 1)
            for name in standing.contestants:
                regrets = standing.regrets(name, task)
                if regrets is None:
                    continue
                median = np.maximum(np.median(regrets, axis=0), floor)
                style, width = ("-", 1.8) if is_own(name) else ("--", 1.1)
                (lines[name],) = panel.plot(trainings, median, style, color=COLOURS[name], linewidth=width)
            panel.set_yscale("log")
            panel.set_title(f"{task}, {standing.workers} worker{'s' if standing.workers > 1 else ''}")
            panel.set_xlabel("epochs spent, in full trainings")
            panel.grid(True, which="major", alpha=0.25)
    figure.supylabel("regret")
    in_order = [name for name in COLOURS if name in lines]
    figure.legend(
        [lines[name] for name in in_order], in_order, loc="outside lower center", ncols=4, frameon=False
    )
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
