from __future__ import annotations

import math
import pickle
import unittest
from decimal import Decimal

from rungwise import Mistake, RungwiseError
from rungwise._wire import MESSAGE_BYTES, clipped, measured, metric_to_wire, time_from_wire, to_json


class Scalar:
    """Like a scalar of NumPy or PyTorch."""

    def __init__(self, value: float) -> None:
        self._value = value

    def item(self) -> float:
        return self._value

    def tolist(self) -> float:
        return self._value

    def __float__(self) -> float:
        return float(self._value)


class Numbers(unittest.TestCase):
    def test_what_is_not_finite_becomes_a_word(self) -> None:
        words = [metric_to_wire("loss", value) for value in (math.nan, math.inf, -math.inf)]

        self.assertEqual(words, ["NaN", "Infinity", "-Infinity"])

    def test_numbers_of_any_library_count(self) -> None:
        for value in (0.5, Scalar(0.5), Decimal("0.5")):
            self.assertEqual(metric_to_wire("loss", value), 0.5)
        self.assertEqual(metric_to_wire("loss", Scalar(math.nan)), "NaN")

    def test_anything_else_is_refused_by_the_name_of_its_metric(self) -> None:
        for value in ("0.5", None, True, [0.5], 1j):
            with self.assertRaisesRegex(TypeError, "metric 'loss' is .*: it must be a number"):
                metric_to_wire("loss", value)

    def test_a_whole_step_is_an_integer(self) -> None:
        self.assertEqual(to_json(measured(None, {}, Scalar(3.0))), b'{"step": 3}')
        self.assertEqual(measured(None, {}, 2.5), {"step": 2.5})

    def test_metrics_come_as_a_map_and_as_keywords(self) -> None:
        body = measured({"val/loss": 1}, {"loss": 2}, 0)

        self.assertEqual(body, {"metrics": {"val/loss": 1.0, "loss": 2.0}, "step": 0})

    def test_a_document_may_hold_scalars_of_other_libraries(self) -> None:
        self.assertEqual(to_json({"high": Scalar(0.5)}), b'{"high": 0.5}')
        with self.assertRaises(TypeError):
            to_json({"high": object()})


class Texts(unittest.TestCase):
    def test_a_long_message_keeps_its_end(self) -> None:
        kept = clipped("é" * MESSAGE_BYTES + "the end")

        self.assertLessEqual(len(kept.encode()), MESSAGE_BYTES)
        self.assertTrue(kept.endswith("éthe end"))

    def test_what_is_no_unicode_can_still_be_sent(self) -> None:
        self.assertEqual(clipped("a\ud800b"), "a?b")

    def test_a_time_is_in_utc(self) -> None:
        self.assertEqual(time_from_wire("1970-01-02T00:00:00.500Z"), 86_400.5)


class Errors(unittest.TestCase):
    def test_an_error_can_cross_into_another_process(self) -> None:
        error = RungwiseError("Bad.", "invalid_request", 422, [Mistake("step", "It is -1.")], "r")

        copy = pickle.loads(pickle.dumps(error))

        self.assertEqual(copy.errors, error.errors)
        self.assertEqual(str(copy), "Bad. (invalid_request)\n  step: It is -1.")
