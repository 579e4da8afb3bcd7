"""Keeps a lease alive while its training is silent."""

from __future__ import annotations

import threading
import time
from typing import Callable


class Heartbeat:
    """A background thread that calls `beat` whenever `due` has passed, until it is stopped.

    `due` returns a time of the monotonic clock in seconds. `beat` gets an event that is set once
    the heartbeat is stopped, and returns False when there is nothing to keep alive any more.
    """

    def __init__(
        self, due: Callable[[], float], beat: Callable[[threading.Event], bool], name: str
    ) -> None:
        self._due = due
        self._beat = beat
        self._stopped = threading.Event()
        # A daemon: it does not keep a process alive that has nothing else to do.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it; a beat that is under way finishes by itself."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(max(0.0, self._due() - time.monotonic())):
            if self._due() > time.monotonic():
                continue  # a report has come in between
            if not self._beat(self._stopped):
                return
