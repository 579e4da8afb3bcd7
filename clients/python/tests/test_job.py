from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import unittest

from rungwise import Experiment

from .support import URL, ServiceTest


def run_script(script: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
    """Runs a training with these variables of its environment, and with no other of ours."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RUNGWISE_")}
    given = {name: value for name, value in variables.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import rungwise\n" + textwrap.dedent(script)],
        env={**own, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Alone(unittest.TestCase):
    def test_a_script_runs_alone_with_its_defaults(self) -> None:
        run = run_script("""
            values = rungwise.values(default={"lr": 0.1})
            assert values == {"lr": 0.1}
            assert rungwise.resume_from() is rungwise.experiment() is None
            assert not rungwise.report(loss=float("nan"), accuracy=0.5, step=4)
            rungwise.checkpoint("/tmp/model")
            rungwise.finish("infeasible", message="too large")
        """)

        self.assertEqual(run.returncode, 0, run.stderr)
        lines = [json.loads(line.split(" ", 1)[1]) for line in run.stdout.splitlines()]
        self.assertEqual(lines[0], {"loss": "NaN", "accuracy": 0.5, "step": 4})
        self.assertEqual(lines[1], {"checkpoint": "/tmp/model"})
        self.assertEqual(lines[2], {"status": "infeasible", "message": "too large"})

    def test_without_defaults_it_says_how_to_start_it(self) -> None:
        run = run_script("rungwise.values()")

        self.assertIn("This process runs no experiment: start it by `rungwise run`", run.stderr)

    def test_a_job_that_was_told_only_half_says_what_is_missing(self) -> None:
        run = run_script("rungwise.values()", RUNGWISE_EXPERIMENT="1", RUNGWISE_URL="http://x")

        self.assertIn("but not RUNGWISE_GROUP and RUNGWISE_TOKEN", run.stderr)


class Jobs(ServiceTest):
    def job(
        self, experiment: Experiment, script: str, **variables: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a training as an agent would start it."""
        given = {
            "RUNGWISE_URL": URL,
            "RUNGWISE_GROUP": experiment.group,
            "RUNGWISE_EXPERIMENT": str(experiment.number),
            "RUNGWISE_TOKEN": experiment.data["lease"]["token"],
            "RUNGWISE_VALUES": json.dumps(experiment.values),
            **variables,
        }
        run = run_script(script, **given)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stderr, "")
        return run

    def test_a_job_trains_with_its_values_and_reports_on_its_experiment(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]

        run = self.job(
            experiment,
            """
            values = rungwise.values(default={"lr": -1, "epochs": 2})
            for epoch in range(values["epochs"]):
                assert not rungwise.report(loss=values["lr"], step=epoch)
            rungwise.checkpoint("s3://bucket/1")
            print(rungwise.resume_from())
            """,
            RUNGWISE_RESUME_FROM="s3://bucket/0",
        )

        known = group.experiment(1)
        self.assertEqual(run.stdout, "s3://bucket/0\n")
        self.assertEqual((known.status, known.objective), ("running", experiment.values["lr"]))
        self.assertEqual(known.data["checkpoint"], "s3://bucket/1")
        self.assertEqual(known.data["metrics"]["loss"]["count"], 2)

    def test_a_job_that_was_told_no_values_reads_them_from_the_service(self) -> None:
        experiment = self.group().suggest().experiments[0]

        run = self.job(
            experiment,
            "print(rungwise.values()['lr'], rungwise.resume_from())",
            RUNGWISE_VALUES=None,
        )

        self.assertEqual(run.stdout, f"{experiment.values['lr']} None\n")

    def test_a_job_that_stops_because_it_was_told_to_ends_as_stopped(self) -> None:
        rule = {"metric": "loss", "value": 0.5, "optimization": "minimize"}
        group = self.group(early_stopping=[rule])
        experiment = group.suggest().experiments[0]

        run = self.job(
            experiment,
            """
            for step in range(100):
                report = rungwise.report(loss=1 - step / 10, step=step)
                if report:
                    break
            print(step, report.stop_reason.code)
            """,
        )

        self.assertEqual(run.stdout, "5 early_stopping\n")
        self.assertEqual(group.experiment(1).status, "stopped")

    def test_a_job_can_tell_its_end_itself(self) -> None:
        group = self.group()

        for end in ("succeeded", "failed", "infeasible"):
            experiment = group.suggest().experiments[0]
            self.job(experiment, f"rungwise.report(loss=1); rungwise.finish('{end}', message='so')")

        self.assertEqual(self.statuses(group), ["succeeded", "failed", "infeasible"])
        self.assertEqual(group.experiment(3).data["message"], "so")

    def test_without_an_agent_a_block_tells_the_end(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]

        self.job(
            experiment,
            """
            with rungwise.experiment():
                rungwise.report(loss=1)
            """,
        )

        self.assertEqual(group.experiment(1).status, "succeeded")

    def test_a_job_whose_experiment_is_gone_stops(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]
        group.delete()

        run = self.job(experiment, "print(rungwise.report(loss=1).stop_reason.code)")

        self.assertEqual(run.stdout, "group_not_found\n")

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_forked_processes_report_too(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]

        self.job(
            experiment,
            """
            import os
            rungwise.report(loss=1, step=1)
            child = os.fork()
            if child == 0:
                rungwise.report(loss=0.5, step=2)
                raise SystemExit(0)
            assert os.waitpid(child, 0)[1] == 0
            """,
        )

        self.assertEqual(group.experiment(1).objective, 0.5)
