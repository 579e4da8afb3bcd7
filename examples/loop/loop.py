"""A whole worker in plain Python: suggest, run, report, until the group has finished.

    RUNGWISE_URL=http://127.0.0.1:8080 python3 examples/loop/loop.py examples/loop/polyaxonfile.yml

RUNGWISE_KEY is sent where the service wants a key. With RUNGWISE_GROUP it works on that group
instead of creating one, so that several workers can share a group.
"""

import http.client
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("RUNGWISE_URL", "http://127.0.0.1:8080") + "/v1/groups"
WORKER = f"loop-{socket.gethostname()}-{os.getpid()}"  # one name per worker
KEY = os.environ.get("RUNGWISE_KEY")
AUTHORIZATION = {"Authorization": f"Bearer {KEY}"} if KEY else {}


def call(path, body=None, content_type="application/json"):
    """Returns the answer to a GET, or with a body to a POST, after as many tries as it takes."""
    headers = dict(AUTHORIZATION)
    if body is not None:  # with this key, a POST that came through twice counts once
        headers.update({"Content-Type": content_type, "Idempotency-Key": str(uuid.uuid4())})
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    for pause in (1, 2, 4, 8, 16):
        try:
            request = urllib.request.Request(URL + path, data, headers)
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if "Retry-After" not in error.headers:  # nothing that waiting would mend
                sys.exit(error.read().decode())
            time.sleep(float(error.headers["Retry-After"]))
        except (OSError, http.client.HTTPException):  # refused, reset, timed out, cut short
            time.sleep(pause)
    sys.exit(f"no answer from {URL + path}")


def loss(x, y, step):
    """In place of a training, three steps down to Himmelblau's function at (x, y)."""
    return (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2 + 50 * (3 - step)


def run(experiment):
    """Reports the loss of every step, until the last one or until the service says stop."""
    report = f"/{experiment['group']}/experiments/{experiment['number']}/report"
    status, step, stop = "running", 0, False
    while status == "running":
        step += 1
        metrics = {"loss": loss(**experiment["values"], step=step)}
        status = "succeeded" if step == 3 else "stopped" if stop else "running"
        end = {"status": status, "lease_token": experiment["lease"]["token"]}
        stop = call(report, {"metrics": metrics, "step": step, **end})["should_stop"]
    print("experiment", experiment["number"], experiment["values"], metrics, status)


def main():
    group = os.environ.get("RUNGWISE_GROUP")
    if group is None:
        with open(sys.argv[1], "rb") as document:
            group = call("", document.read(), "application/yaml")["id"]
    print("group", group)

    while True:
        answer = call(f"/{group}/suggest", {"worker": WORKER, "wait_seconds": 2})
        if answer["experiments"]:
            run(answer["experiments"][0])
        elif answer["group_status"] in ("done", "stopped"):
            break
        else:
            time.sleep(answer["retry_after_seconds"])

    end = call(f"/{group}")
    print(end["status"], end["status_reason"]["code"], "best:", end["best"])


if __name__ == "__main__":
    main()
