"""Trainings in miniature that an agent runs: python3 training.py MODE"""

from __future__ import annotations

import os
import sys
import time

import rungwise

NUMBER = int(os.environ["RUNGWISE_EXPERIMENT"])


def train() -> None:
    """Reports three losses, the last of which is a value that it was given, and a checkpoint."""
    learning_rate = rungwise.values()["lr"]
    for step in range(3):
        rungwise.report(loss=learning_rate * (3 - step), step=step)
    rungwise.checkpoint(f"/checkpoints/{NUMBER}")


def race() -> None:
    """The first one reports ever lower losses, the second always the same, until told to stop."""
    for step in range(1000):
        report = rungwise.report(loss=-step if NUMBER == 1 else 0, step=step)
        if report.stop_reason is not None:
            rungwise.report(message=f"told to stop: {report.stop_reason.code}")
            return
        time.sleep(0.02)


def silent() -> None:
    """The second one reports once, and is ended from without once the first has stopped all."""
    if NUMBER == 1:
        time.sleep(1)
        rungwise.report(loss=0)
    else:
        rungwise.report(loss=2)
        time.sleep(60)


def infeasible() -> None:
    """Only the first one has values to train with."""
    if NUMBER == 1:
        rungwise.report(loss=1)
    else:
        rungwise.finish("infeasible", message="too large")


MODES = {"train": train, "race": race, "silent": silent, "infeasible": infeasible}

if __name__ == "__main__":
    MODES[sys.argv[1]]()
