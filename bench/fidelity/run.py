"""Runs one race after the other, as it is told on standard input.

Usage: python run.py [--describe]. Each line of input is a race to run, {"optimizer", "function", "seed", "budget",
"parallel", "service": {"url", "pid"} or null}, and is answered by a line with the lowest validation loss after each
epoch, or why there is no result. With --describe says in one line which contestants and tasks there are.
"""

from collections.abc import Mapping

from contestants import CONTESTANTS
from harness import description_of, serve
from race import Race, run
from rungwise import Service
from tasks import TASKS


def describe() -> Mapping[str, object]:
    return {
        "optimizers": description_of(CONTESTANTS),
        "tasks": {task.name: task.fingerprint for task in TASKS.values()},
    }


def answer(job: Mapping, service: Service | None) -> Mapping[str, object]:
    race = Race(TASKS[job["function"]], job["seed"], job["budget"], job["parallel"])
    under_way = CONTESTANTS[job["optimizer"]].begin(race, service)
    try:
        return run(race, under_way)
    finally:
        under_way.close()


if __name__ == "__main__":
    serve(describe, answer)
