from __future__ import annotations

import _thread
import math
import threading

from rungwise import Experiment, RungwiseError

from .support import ServiceTest


class Work(ServiceTest):
    def test_a_worker_runs_every_experiment_and_ends_with_the_group(self) -> None:
        group = self.group(count=5)

        for experiment in group.work():
            with experiment:
                for step in range(1, 4):
                    if experiment.report(loss=experiment.values["lr"] / step, step=step):
                        break

        self.assertEqual(self.statuses(group), ["succeeded"] * 5)
        best = group.refresh().best
        self.assertEqual(group.status, "done")
        lowest = min(experiment.values["lr"] for experiment in group.experiments())
        self.assertEqual(best and best.value, lowest / 3)
        first = next(group.experiments(sort="objective"))
        self.assertEqual(first.number, best and best.number)
        self.assertEqual([m["step"] for m in first.measurements()], [1, 2, 3])

    def test_early_stopping_ends_the_group_and_what_still_runs(self) -> None:
        rule = {"metric": "loss", "value": 0.5, "optimization": "minimize"}
        group = self.group(count=9, concurrency=2, early_stopping=[rule])
        slow, quick = group.suggest(2).experiments

        with slow:
            self.assertFalse(slow.report(loss=0.9, step=1))
            quick.succeed(loss=0.1)
            report = slow.report(loss=0.8, step=2)
            self.assertTrue(report)

        self.assertEqual(report.stop_reason and report.stop_reason.code, "early_stopping")
        self.assertEqual(self.statuses(group), ["stopped", "succeeded"])

    def test_a_training_that_never_heard_of_a_stop_has_succeeded(self) -> None:
        group = self.group(concurrency=1)
        experiment = group.suggest().experiments[0]

        with experiment:
            experiment.report(loss=1)
            group.stop()

        self.assertEqual(group.experiment(1).status, "succeeded")

    def test_a_requested_stop_reaches_a_report(self) -> None:
        group = self.group()
        for experiment in group.work():
            with experiment:
                self.assertFalse(experiment.report(loss=1, step=1))
                group.stop()
                self.assertFalse(experiment.should_stop)
                self.assertTrue(experiment.report(loss=1, step=2))
                self.assertTrue(experiment.should_stop)

        self.assertEqual(self.statuses(group), ["stopped"])
        self.assertEqual(group.refresh().status, "stopped")

    def test_a_loss_that_is_not_finite_ranks_last(self) -> None:
        group = self.group(count=3)
        losses = iter([math.nan, 1.0, math.inf])

        for experiment in group.work():
            with experiment:
                experiment.report({"loss": next(losses)})

        best = group.refresh().best
        self.assertEqual(best and best.number, 2)
        objectives = [experiment.objective for experiment in group.experiments()]
        self.assertTrue(math.isnan(objectives[0] or 0))
        self.assertEqual(objectives[1:], [1.0, math.inf])

    def test_many_threads_can_report_on_one_experiment(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]

        def report(first: int) -> None:
            for step in range(first, first + 10):
                experiment.report(loss=step, step=step)

        threads = [threading.Thread(target=report, args=(10 * index,)) for index in range(8)]
        with experiment:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        summary = group.experiment(1).data["metrics"]["loss"]
        self.assertEqual((summary["count"], summary["last"]), (80, 79))

    def test_promoted_experiments_go_on_from_a_checkpoint(self) -> None:
        hyperband = {
            "max_iter": 9,
            "eta": 3,
            "resource": {"name": "epochs", "type": "int"},
            "metric": {"name": "loss", "optimization": "minimize"},
            "resume": True,
        }
        group = self.client.create_group(
            {
                "version": 1,
                "kind": "group",
                "hptuning": {"hyperband": hyperband, "matrix": {"lr": {"uniform": [0, 1]}}},
            }
        )
        resumed = {}

        def objective(experiment: Experiment) -> float:
            resumed[experiment.number] = experiment.resume_from
            experiment.checkpoint(f"checkpoint-{experiment.number}")
            return float(experiment.values["lr"]) / float(experiment.values["epochs"])

        group.run(objective)

        known = {experiment.number: experiment.data for experiment in group.experiments()}
        promoted = [data for data in known.values() if data["rung"]["rung"] > 0]
        self.assertGreater(len(promoted), 0)
        for data in promoted:
            earlier = known[data["resume_from"]["number"]]
            self.assertEqual(earlier["values"]["lr"], data["values"]["lr"])
            self.assertEqual(resumed[data["number"]], earlier["checkpoint"])

    def test_a_checkpoint_and_a_message_are_kept(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]

        with experiment:
            experiment.checkpoint("s3://bucket/1")
            experiment.report(loss=1, message="x" * 9999)

        data = group.experiment(1).data
        self.assertEqual(data["checkpoint"], "s3://bucket/1")
        self.assertEqual(len(data["message"]), 4096)

    def test_a_deleted_group_ends_its_workers(self) -> None:
        group = self.group()
        for experiment in group.work():
            with experiment:
                group.delete()
                report = experiment.report(loss=1)

        self.assertEqual(report.stop_reason and report.stop_reason.code, "group_not_found")

    def test_a_group_that_never_was_is_an_error(self) -> None:
        group = self.group()
        group.delete()

        with self.assertRaises(RungwiseError):
            next(group.work())

    def test_a_worker_that_starts_again_goes_on_with_what_it_held(self) -> None:
        group = self.group(concurrency=2)
        first = group.suggest(worker="node-7").experiments[0]

        again = next(group.work("node-7"))

        self.assertEqual(again.number, first.number)

    def test_an_experiment_that_somebody_else_has_now_is_told_to_stop(self) -> None:
        group = self.group(count=1)
        with group.suggest().experiments[0] as experiment:
            group.experiment(1).release()
            group.suggest(worker="other")
            report = experiment.report(loss=1)

        self.assertTrue(report)
        self.assertEqual(report.stop_reason and report.stop_reason.code, "lease_lost")
        self.assertEqual(group.experiment(1).data["worker"], "other")


class Ends(ServiceTest):
    def test_an_exception_fails_the_experiment_and_goes_on(self) -> None:
        group = self.group()

        with self.assertRaises(ZeroDivisionError):
            for experiment in group.work():
                with experiment:
                    experiment.report(loss=1 / 0)

        failed = group.experiment(1)
        self.assertEqual(failed.status, "failed")
        self.assertRegex(failed.data["message"], r"(?s)test_work\.py.*ZeroDivisionError: division")

    def test_exceptions_that_are_caught_leave_the_loop_running(self) -> None:
        group = self.group(count=3)

        for experiment in group.work(catch=(ArithmeticError,)):
            with experiment:
                experiment.report(loss=1 / (experiment.number - 2))

        self.assertEqual(self.statuses(group), ["succeeded", "failed", "succeeded"])

    def test_an_interrupt_gives_the_experiment_back(self) -> None:
        group = self.group()

        for interrupt in (KeyboardInterrupt, SystemExit):
            with self.assertRaises(interrupt):
                for experiment in group.work():
                    with experiment:
                        raise interrupt

        self.assertEqual(group.experiment(1).status, "queued")
        self.assertEqual(group.experiment(1).data["attempt"], 2)

    def test_a_loop_that_is_left_gives_the_experiment_back(self) -> None:
        group = self.group()

        for _ in group.work():
            break

        self.assertEqual(self.statuses(group), ["queued"])

    def test_without_a_block_the_next_round_ends_the_experiment(self) -> None:
        group = self.group(count=3)

        for experiment in group.work():
            experiment.report(loss=1)

        self.assertEqual(self.statuses(group), ["succeeded"] * 3)

    def test_explicit_ends_stand(self) -> None:
        group = self.group(count=3)

        for experiment in group.work():
            with experiment:
                if experiment.number == 1:
                    experiment.succeed(loss=0.25, step=7, message="good")
                elif experiment.number == 2:
                    experiment.fail("no data")
                else:
                    experiment.infeasible("too large")

        self.assertEqual(self.statuses(group), ["succeeded", "failed", "infeasible"])
        messages = [experiment.data["message"] for experiment in group.experiments()]
        self.assertEqual(messages, ["good", "no data", "too large"])
        self.assertEqual(group.experiment(1).objective, 0.25)

    def test_nothing_can_be_reported_after_the_end(self) -> None:
        experiment = self.group().suggest().experiments[0]
        experiment.succeed(loss=1)

        for late in (lambda: experiment.report(loss=2), experiment.fail):
            with self.assertRaisesRegex(RungwiseError, "has been succeeded already|has ended"):
                late()
        experiment.release()

    def test_an_end_without_the_metric_of_the_search_fails_and_says_so(self) -> None:
        group = self.group()
        experiment = group.suggest().experiments[0]

        with self.assertRaisesRegex(RungwiseError, 'never reported "loss"'), experiment:
            experiment.report(accuracy=1)

        self.assertEqual(group.experiment(1).status, "failed")


class Runs(ServiceTest):
    def test_a_function_is_called_by_several_threads(self) -> None:
        group = self.group(count=8, concurrency=4)
        together = threading.Barrier(4, timeout=20)

        def objective(experiment: Experiment) -> float:
            if experiment.number <= 4:
                together.wait()
            return float(experiment.values["lr"])

        group.run(objective, workers=4)

        self.assertEqual(group.status, "done")
        self.assertEqual(self.statuses(group), ["succeeded"] * 8)
        lowest = min(experiment.values["lr"] for experiment in group.experiments())
        self.assertEqual(group.best and group.best.value, lowest)

    def test_an_objective_returns_a_number_a_map_or_nothing(self) -> None:
        group = self.group(count=3)

        def objective(experiment: Experiment) -> float | dict[str, float] | None:
            if experiment.number == 1:
                return 1.0
            if experiment.number == 2:
                return {"loss": 2.0, "accuracy": 0.5}
            experiment.report(loss=3)
            return None

        group.run(objective)

        objectives = [experiment.objective for experiment in group.experiments()]
        self.assertEqual(objectives, [1.0, 2.0, 3.0])

    def test_an_exception_lets_the_other_threads_finish(self) -> None:
        group = self.group(count=50, concurrency=2)
        together = threading.Barrier(2, timeout=20)
        has_failed = threading.Event()

        def objective(experiment: Experiment) -> float:
            if experiment.number <= 2:
                together.wait()  # one that has not begun when the other fails is given back
            if experiment.number == 1:
                has_failed.set()
                raise ValueError("no such data")
            has_failed.wait(20)
            return 1.0

        with self.assertRaisesRegex(ValueError, "no such data"):
            group.run(objective, workers=2)

        statuses = self.statuses(group)
        self.assertEqual(statuses[:2], ["failed", "succeeded"])
        self.assertNotIn("running", statuses)

    def test_an_interrupt_gives_back_what_all_threads_hold(self) -> None:
        group = self.group(count=50, concurrency=2)
        together = threading.Barrier(2, timeout=20)
        is_over = threading.Event()
        self.addCleanup(is_over.set)

        def objective(experiment: Experiment) -> None:
            together.wait()
            if experiment.number == 1:
                _thread.interrupt_main()
            is_over.wait(20)

        with self.assertRaises(KeyboardInterrupt):
            group.run(objective, workers=2)

        self.assertEqual(self.statuses(group), ["queued", "queued"])

    def test_no_worker_is_a_mistake(self) -> None:
        with self.assertRaisesRegex(ValueError, "workers is 0"):
            self.group().run(lambda _: 1.0, workers=0)
