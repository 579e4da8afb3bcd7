"""Writes the tables of a comparison and draws its curves.

Usage: python results.py PATH, with the comparison as JSON on standard input: {"budget", "workers", "runs",
"left_out"}. Prints the tables, and writes them to PATH.md, their numbers to PATH.json and the curves to PATH.svg.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from lines import draw
from measures import BASELINE, FLOOR, SHARES, Standing
from tasks import EPOCHS, TASKS
from text_tables import aligned, shown


def percent(share: float) -> str:
    return f"{share:.0%}"


def seeds_of(standing: Standing, name: str) -> str:
    return " to ".join(str(count) for count in sorted(set(standing.seeds(name))))


def summary(standing: Standing) -> str:
    """Scores, ratios and ranks along the budget."""
    measures: Mapping[str, tuple[Callable[[str, float], float | None], str]] = {
        "score": (standing.score, "z.2f"),
        "÷ random": (standing.ratio_to_baseline, ".2f"),
        "rank": (standing.rank, ".1f"),
    }
    head = [f"{name}, {percent(share)}" for name in measures for share in SHARES]
    rows = [
        [
            name,
            seeds_of(standing, name),
            *(shown(of(name, share), form) for of, form in measures.values() for share in SHARES),
        ]
        for name in standing.contestants
    ]
    return aligned([["contestant", "seeds", *head], *rows])


def by_task(standing: Standing) -> str:
    head = [f"{task}, {percent(share)}" for task in standing.tasks for share in SHARES]
    rows = [
        [
            name,
            *(
                shown(standing.regret(name, task, share), ".4f")
                for task in standing.tasks
                for share in SHARES
            ),
        ]
        for name in standing.contestants
    ]
    return aligned([["contestant", *head], *rows])


def tests(standing: Standing) -> str:
    rows = [
        [
            name,
            *(shown(standing.test(name, task), ".4f") for task in standing.tasks),
            f"{standing.milliseconds(name):.1f}",
        ]
        for name in standing.contestants
    ]
    return aligned([["contestant", *standing.tasks, "ms"], *rows])


def about(budget: int) -> str:
    tasks = "; ".join(
        f"{task.name}: {len(task.validation)} configurations, lowest validation loss {task.optimum:.4f} "
        f"(after {EPOCHS} epochs {task.validation[:, -1].min():.4f})"
        for task in TASKS.values()
    )
    return (
        f"{budget} epochs in all, as many as {budget / EPOCHS:g} full trainings of {EPOCHS}. Regret: distance of the "
        "lowest validation loss that any model had so far, after any epoch, from the lowest of the table; medians over "
        f"the seeds. {tasks}."
    )


HEADINGS = (
    f"Score: {BASELINE} is 0, the optimum 1, at the same time; the mean over the tasks. ÷ random: regret as a share of "
    f"that of {BASELINE}, the geometric mean over the tasks, none below {FLOOR:g}. Rank: mean place by regret among "
    "all with the same task and seed, 1 the best."
)


def section(standing: Standing) -> list[str]:
    workers = standing.workers
    return [
        f"## {workers} worker{'s' if workers > 1 else ''}",
        summary(standing),
        "Median regret by task.",
        by_task(standing),
        "Test loss of the model with the lowest validation loss at the end, and processor time of a suggestion with its "
        "reports.",
        tests(standing),
    ]


def text_of(sent: Mapping, standings: list[Standing]) -> str:
    left_out = [f"- {name}: {why}" for name, why in sent["left_out"].items()]
    versions = "; ".join(f"{name}: {version}" for name, version in standings[0].versions().items())
    parts = [
        "# Searches that stop early",
        "`npm run bench fidelity` writes this. [What is measured, and how](../fidelity/README.md).",
        about(sent["budget"]),
        HEADINGS,
        *(["Left out:", "\n".join(left_out)] if left_out else []),
        *(part for standing in standings for part in section(standing)),
        f"Versions: {versions}.",
    ]
    return "\n\n".join(parts) + "\n"


def numbers_of(sent: Mapping, standings: list[Standing]) -> Mapping[str, object]:
    return {
        "budget": sent["budget"],
        "left_out": sent["left_out"],
        "entries": [
            {
                "workers": standing.workers,
                "contestant": name,
                "task": task,
                "share": share,
                "regret": standing.regret(name, task, share),
                "ratio": standing.ratio(name, task, share),
            }
            for standing in standings
            for name in standing.contestants
            for task in standing.tasks
            for share in SHARES
        ],
    }


def main() -> None:
    path = sys.argv[1]
    sent = json.load(sys.stdin)
    standings = [Standing(sent, workers) for workers in sent["workers"]]
    standings = [standing for standing in standings if standing.contestants]
    if not standings:
        sys.exit("there is nothing to compare yet")
    text = text_of(sent, standings)
    Path(f"{path}.md").write_text(text)
    Path(f"{path}.json").write_text(json.dumps(numbers_of(sent, standings), indent=1) + "\n")
    draw(standings, f"{path}.svg")
    print(text, end="")


if __name__ == "__main__":
    main()
