"""What every harness does: says what there is, and answers one job after the other."""

import json
import sys
import traceback
from collections.abc import Callable, Mapping

from optimizers import Optimizer, version_of
from problem import Refused
from rungwise import Service


def description_of(optimizers: Mapping[str, Optimizer]) -> Mapping[str, object]:
    return {
        name: {
            "version": version_of(one),
            "is_slow": one.is_slow,
            "environment": one.environment,
        }
        for name, one in optimizers.items()
    }


def serve(
    describe: Callable[[], Mapping[str, object]],
    run: Callable[[Mapping, Service | None], Mapping[str, object]],
) -> None:
    """Prints the description where the arguments say --describe; else answers the jobs on standard input, a line each."""
    if "--describe" in sys.argv:
        print(json.dumps(describe()))
        return
    # Peers print as well: only answers may go where they are read.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer_to(json.loads(line), run)), file=answers, flush=True)


def answer_to(
    job: Mapping, run: Callable[[Mapping, Service | None], Mapping[str, object]]
) -> Mapping[str, object]:
    service = Service(**job["service"]) if job["service"] else None
    try:
        return {"result": run(job, service), "refused": None}
    except Refused as refused:
        return {"result": None, "refused": str(refused)}
    except Exception as error:
        # A peer that breaks must not take the others with it.
        traceback.print_exc()
        return {"result": None, "refused": f"{type(error).__name__}: {error}".splitlines()[0]}
