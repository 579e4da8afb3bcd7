"""What a call of the service can fail with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One mistake in what was sent: its place, such as `hptuning.matrix.lr`, and what it is."""

    path: str
    message: str


@dataclass(frozen=True)
class Reason:
    """Why something is as it is: a code for programs and a sentence for people."""

    code: str
    detail: str


class RungwiseError(Exception):
    """A call that failed for good, after every retry.

    `code` is one of the service's closed list; or, of the client itself, `no_answer` where nobody
    answered, `not_rungwise` where somebody else did, `no_experiment` outside of any job.
    `status` is the HTTP status, or None where there was no answer.
    """

    def __init__(
        self,
        detail: str,
        code: str,
        status: int | None = None,
        errors: Sequence[Mistake] = (),
        request_id: str | None = None,
    ) -> None:
        # All of them are args, so that the error can be pickled and cross into another process.
        super().__init__(detail, code, status, tuple(errors), request_id)
        self.detail = detail
        self.code = code
        self.status = status
        self.errors = tuple(errors)
        self.request_id = request_id

    def __str__(self) -> str:
        lines = [f"{self.detail} ({self.code})"]
        lines += [f"  {mistake.path}: {mistake.message}" for mistake in self.errors]
        return "\n".join(lines)
