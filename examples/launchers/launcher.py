"""A launcher: runs every experiment that a group with `dispatch: push` hands out.

    pip install standardwebhooks
    RUNGWISE_WEBHOOK_SECRET=whsec_… python3 examples/launchers/launcher.py 8090

The secret is that of a webhook for experiment.dispatched with this address; RUNGWISE_URL says where
the service is. A launcher on a cluster would submit a job instead of starting a process.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

URL = os.environ.get("RUNGWISE_URL", "http://127.0.0.1:8080")
WEBHOOK = Webhook(os.environ["RUNGWISE_WEBHOOK_SECRET"])
seen = set()  # ids of the events that came: each may come again
lock = threading.Lock()


def report(experiment, **body):
    """Reports under the experiment's lease; returns the answer, or None where the lease is lost."""
    path = f"/v1/groups/{experiment['group']}/experiments/{experiment['number']}/report"
    authorization = f"Bearer {experiment['lease']['token']}"
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code in (401, 404, 409):  # handed out again, ended or deleted
            return None
        raise


def run(experiment):
    """Runs the experiment's command, and reports what it prints and how it ends."""
    if report(experiment) is None:  # before any work: the event may be an old one
        return
    variables = {
        "RUNGWISE_URL": URL,
        "RUNGWISE_GROUP": experiment["group"],
        "RUNGWISE_EXPERIMENT": str(experiment["number"]),
        "RUNGWISE_TOKEN": experiment["lease"]["token"],
        "RUNGWISE_VALUES": json.dumps(experiment["values"]),
        "RUNGWISE_RESUME_FROM": (experiment["resume_from"] or {}).get("checkpoint") or "",
    }
    options = {"shell": True, "text": True, "stdout": subprocess.PIPE, "start_new_session": True}
    job = subprocess.Popen(experiment["command"], env={**os.environ, **variables}, **options)
    stopped = False
    for line in job.stdout:
        if not line.startswith("rungwise {"):
            continue
        metrics = json.loads(line.removeprefix("rungwise "))
        named = {name: metrics.pop(name) for name in ("step", "checkpoint") if name in metrics}
        answer = report(experiment, metrics=metrics, **named)
        if answer is None or answer["should_stop"]:
            stopped = True
            os.killpg(job.pid, signal.SIGTERM)
            break
    code = job.wait()
    status = "stopped" if stopped else "succeeded" if code == 0 else "failed"
    report(experiment, status=status)
    print("experiment", experiment["number"], "attempt", experiment["attempt"], status, flush=True)


class Launcher(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = WEBHOOK.verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            return self.answer(401)
        # An event without the experiment came too late: its lease has lapsed.
        experiment = event["data"].get("experiment")
        with lock:
            is_new = event["id"] not in seen
            seen.add(event["id"])
        if is_new and experiment is not None:
            threading.Thread(target=run, args=(experiment,)).start()
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Launcher)
    print("listening", flush=True)
    server.serve_forever()
