"""Client of Rungwise: suggest values over HTTP, report metrics, stop early.

In a training that Rungwise runs: `values`, `report`, `checkpoint`, `resume_from`, `finish`.
In a worker of your own: `Client`.
"""

from ._client import Client
from ._errors import Mistake, Reason, RungwiseError
from ._experiment import Experiment, Report
from ._group import Best, Group, Suggestions
from ._job import checkpoint, experiment, finish, report, resume_from, values

__all__ = [
    "Best",
    "Client",
    "Experiment",
    "Group",
    "Mistake",
    "Reason",
    "Report",
    "RungwiseError",
    "Suggestions",
    "checkpoint",
    "experiment",
    "finish",
    "report",
    "resume_from",
    "values",
]
