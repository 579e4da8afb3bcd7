from __future__ import annotations

import http.server
import json
import threading
import time
import unittest
from typing import ClassVar

from rungwise import Client, RungwiseError

from .support import FlakyProxy, ServiceTest, document


class Flaky(ServiceTest):
    def test_no_experiment_is_lost_or_counted_twice_on_a_bad_line(self) -> None:
        proxy = FlakyProxy()
        self.addCleanup(proxy.close)
        group = Client(proxy.url).create_group(document(3))

        for experiment in group.work(wait_seconds=0):
            with experiment:
                experiment.report(loss=experiment.number)
                experiment.report(loss=-experiment.number)

        self.assertGreater(proxy.cut, 15)
        known = list(self.client.group(group.id).experiments())
        self.assertEqual([experiment.status for experiment in known], ["succeeded"] * 3)
        self.assertEqual([experiment.data["attempt"] for experiment in known], [1] * 3)
        # Without a step a measurement that came through twice would be counted twice.
        counts = [experiment.data["metrics"]["loss"]["count"] for experiment in known]
        self.assertEqual(counts, [2] * 3)

    def test_a_nameless_caller_gets_the_experiment_whose_answer_was_lost(self) -> None:
        proxy = FlakyProxy()
        self.addCleanup(proxy.close)
        group = Client(proxy.url).create_group(document(3, concurrency=3))

        numbers = [group.suggest().experiments[0].number for _ in range(3)]

        self.assertEqual(numbers, [1, 2, 3])


class Stub(http.server.BaseHTTPRequestHandler):
    """Answers by a script, and keeps what it was sent."""

    script: ClassVar[list[tuple[int, dict[str, str]]]] = []
    keys: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Stub.keys.append(self.headers["Idempotency-Key"])
        status, headers = Stub.script.pop(0)
        body = {"code": "unavailable", "detail": "Busy.", "errors": [], "planned": 1}
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Pauses(unittest.TestCase):
    def setUp(self) -> None:
        server = http.server.HTTPServer(("127.0.0.1", 0), Stub)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.client = Client(f"http://127.0.0.1:{server.server_port}")
        Stub.keys.clear()

    def test_passing_troubles_are_waited_out_under_one_key(self) -> None:
        Stub.script[:] = [(429, {"Retry-After": "0"}), (503, {"Retry-After": "1"}), (502, {})]
        Stub.script += [(200, {})]
        start = time.monotonic()

        self.client.preview(document())

        self.assertGreaterEqual(time.monotonic() - start, 1)
        self.assertEqual(len(Stub.keys), 4)
        self.assertEqual(len(set(Stub.keys)), 1)

    def test_a_wait_beyond_the_patience_is_not_begun(self) -> None:
        Stub.script[:] = [(503, {"Retry-After": "3600"})]

        with self.assertRaises(RungwiseError) as raised:
            self.client.preview(document())

        self.assertEqual((raised.exception.code, raised.exception.status), ("unavailable", 503))

    def test_a_redirect_is_not_followed(self) -> None:
        Stub.script[:] = [(302, {"Location": "/elsewhere"})]

        with self.assertRaises(RungwiseError) as raised:
            self.client.preview(document())

        self.assertEqual((raised.exception.status, len(Stub.keys)), (302, 1))
