"""What the tests share: a client of the real service, and small groups."""

from __future__ import annotations

import os
import socket
import threading
import unittest
from typing import Any
from urllib.parse import urlsplit

from rungwise import Client, Group

URL = os.environ.get("RUNGWISE_URL", "")


def document(count: int = 3, **hptuning: Any) -> dict[str, Any]:
    """Returns a document whose search plans so many experiments and minimizes the loss."""
    return {
        "version": 1,
        "kind": "group",
        "hptuning": {
            "seed": 1,
            "random_search": {
                "n_experiments": count,
                "metric": {"name": "loss", "optimization": "minimize"},
            },
            "matrix": {"lr": {"uniform": [0, 1]}},
            **hptuning,
        },
    }


class ServiceTest(unittest.TestCase):
    """A test with a client of the service."""

    def setUp(self) -> None:
        if not URL:
            self.skipTest("RUNGWISE_URL names no service")
        self.client = Client(URL)

    def group(self, count: int = 3, **hptuning: Any) -> Group:
        """Creates a group."""
        return self.client.create_group(document(count, **hptuning))

    def statuses(self, group: Group) -> list[str]:
        """Returns the statuses of a group's experiments, by number."""
        return [experiment.status for experiment in group.experiments()]


class FlakyProxy:
    """A TCP proxy in front of the service that breaks off connections.

    Takes turns: one connection is cut before anything of the request is passed on, one after the
    request was passed on but before its answer is, and one works.
    """

    def __init__(self) -> None:
        self._target = (urlsplit(URL).hostname or "", urlsplit(URL).port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._count = 0
        self.cut = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            turn, self._count = self._count % 3, self._count + 1
            threading.Thread(target=self._serve, args=(caller, turn), daemon=True).start()

    def _serve(self, caller: socket.socket, turn: int) -> None:
        with caller:
            if turn == 0:
                self.cut += 1
                return
            with socket.create_connection(self._target) as service:
                service.sendall(_whole_request(caller))
                answer = _until_closed(service)
                if turn == 1:
                    self.cut += 1
                    return
                caller.sendall(answer)


def _whole_request(caller: socket.socket) -> bytes:
    """Reads one request; urllib asks for the connection to be closed after each."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += caller.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(lines.get(b"content-length", b"0")):
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


def _until_closed(service: socket.socket) -> bytes:
    data = b""
    while part := service.recv(65536):
        data += part
    return data
