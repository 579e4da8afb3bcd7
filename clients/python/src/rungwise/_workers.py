"""Work by several threads at once."""

from __future__ import annotations

import threading
from typing import Callable, Protocol, TypeVar

LOOK_SECONDS = 0.2
"""How often the main thread looks up, so that Ctrl-C reaches it."""


class Held(Protocol):
    """What a slot is working on, and can give back."""

    def release(self) -> None:
        """Gives it back."""


H = TypeVar("H", bound=Held)
Slot = Callable[[int, threading.Event, dict[int, H]], None]


def work_in_threads(slot: Slot[H], count: int) -> None:
    """Calls `slot(index, until, held)` in as many threads, and waits for all of them.

    An exception of one lets the others finish what they have begun, since `until` is set, and goes
    on from here. Ctrl-C gives back what is held, and waits for nobody.
    """
    if count < 1:
        raise ValueError(f"workers is {count}: it must be 1 or more")
    until = threading.Event()
    held: dict[int, H] = {}
    if count == 1:
        slot(0, until, held)
        return
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            slot(index, until, held)
        except BaseException as error:
            errors.append(error)
            until.set()

    # Daemons: one that does not notice that its experiment was given back keeps nobody waiting.
    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(count)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(LOOK_SECONDS)
    except BaseException:
        until.set()
        for experiment in list(held.values()):
            experiment.release()
        raise
    if errors:
        raise errors[0]
