from __future__ import annotations

import threading
import time

from rungwise import Experiment

from .support import ServiceTest


class Heartbeats(ServiceTest):
    def test_a_silent_training_keeps_its_lease_and_hears_of_a_stop(self) -> None:
        group = self.group(count=1, lease_seconds=10, max_attempts=9)
        (experiment,) = group.suggest(worker="silent").experiments

        with experiment:
            time.sleep(12)
            others = group.suggest(worker="other").experiments
            group.stop()
            self._wait_until_told(experiment)
            experiment.report(loss=1)

        self.assertEqual(others, [])
        ended = group.experiment(1)
        self.assertEqual((ended.status, ended.data["attempt"]), ("stopped", 1))
        self.assertEqual(self._beating(), [])

    def _wait_until_told(self, experiment: Experiment) -> None:
        deadline = time.monotonic() + 10
        while not experiment.should_stop and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(experiment.should_stop)

    def _beating(self) -> list[str]:
        deadline = time.monotonic() + 2
        while True:
            names = [t.name for t in threading.enumerate() if t.name.startswith("rungwise-")]
            if not names or time.monotonic() > deadline:
                return names
            time.sleep(0.02)
