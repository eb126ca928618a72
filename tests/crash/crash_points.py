#!/usr/bin/env python3
"""moodlined killed with SIGKILL at named points of three low evenings and their alert, and started
again. The handsets outlive it and behave as a provider does: a webhook is tried until it gets its
200, a receipt follows each text. Afterwards: no slot texted twice, no acknowledged reply lost, the
alert there once or visibly repeated. Usage: crash_points.py BUILD_DIR SOURCE_DIR [POINT...]"""
import collections
import http.client
import http.server
import json
import pathlib
import re
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import WAIT_S, Failed, Service, expect, run_test, wait_for

MJ, SAM, OURS = "+447700900123", "+447700900101", "+447700900000"
WORD = "crash-test-word"
EVENINGS = (("2026-03-03", "3"), ("2026-03-04", "3"), ("2026-03-05", "2"))
ALERT_AT = "2026-03-06T09:00:00Z"
POINTS = ("outbox.claimed:1", "outbox.claimed:4", "outbox.called:1", "outbox.called:5",
          "outbox.settled:1", "inbox.read:1", "inbox.committed:1", "deadlines.committed:1",
          "deadlines.committed:4", "store.before_commit:6", "store.after_commit:6",
          "store.before_done:6", "store.after_commit:12")


class Handsets:
    """The far end: takes texts, sends replies and receipts, and never forgets either."""

    def __init__(self):
        self.texts, self.lock = [], threading.Lock()
        self.hook, self.count = None, 0
        self.receipts = collections.deque()
        outer = self

        class Take(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.lock:
                    outer.texts.append(text)
                    outer.receipts.append(text["reference"])
                    number = len(outer.texts)
                answer = json.dumps({"id": f"h{number}"}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, number):
        with self.lock:
            return [t["text"] for t in self.texts if t["to"] == number]

    def post(self, body):
        request = urllib.request.Request(self.hook, json.dumps(body).encode(), {
            "Content-Type": "application/json", "Authorization": "Bearer " + WORD})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError, http.client.HTTPException):
            return False

    def say(self, number, words, revive):
        """Tried until it is acknowledged, always with the same id."""
        self.count += 1
        body = {"type": "mo", "event_id": f"mo{self.count}", "from": number, "to": OURS,
                "text": words}
        end = time.monotonic() + WAIT_S
        while not self.post(body):
            revive()
            if time.monotonic() > end:
                raise Failed(f"no 200 for a reply within {WAIT_S} s")

    def deliver(self, revive):
        """Every receipt that is owed."""
        while self.receipts:
            reference = self.receipts[0]
            if self.post({"type": "dlr", "event_id": "d" + reference, "reference": reference,
                          "status": "delivered"}):
                self.receipts.popleft()
            else:
                revive()


class Crashing(Service):
    """A Service that is started again whenever it is found dead, at the time it died."""
    crashes = 0
    last = None

    def revive(self):
        if self.alive():
            time.sleep(0.05)
            return
        self.crashes += 1
        self.write_config(self.last or self.start_at)
        self.start()

    def call(self, action, args):
        for _ in range(20):
            try:
                answer = super().call(action, args)
                if action == "clock.jump":
                    self.last = answer["now"]
                return answer
            except (OSError, http.client.HTTPException, ValueError):
                if self.starting:
                    raise
                self.revive()
        raise Failed(f"{action} was never answered")

    starting = False

    def start(self, crash_at=None):
        self.starting = True
        try:
            super().start(crash_at)
            wait_for("moodlined to answer or die", lambda: not self.alive() or self.ready())
        finally:
            self.starting = False


def join(service, handsets):
    def code(number, pattern):
        return wait_for(pattern, lambda: [m[1] for t in handsets.of(number)
                                          if (m := re.search(pattern, t))])[0]

    handsets.say(SAM, "ACCEPT " + code(SAM, r"ACCEPT (\S+)"), service.revive)
    service.moodline("person", "add", "--number", MJ, "--as", "MJ", "--programme", "evening-mood",
                     "--practitioner", "sam", "--track", "mood=to get through the evenings",
                     "--agreed-with", "Sam Reed", "--agreed-on", "2026-03-02", "--rule",
                     "low-streak")
    handsets.say(MJ, "AGREE " + code(MJ, r"Text AGREE (\d+)"), service.revive)
    handsets.say(MJ, "AGREE " + code(MJ, r"Text AGREE (L\d+)"), service.revive)
    wait_for("the agreement", lambda: any(t.startswith("Agreed: L") for t in handsets.of(MJ)))
    service.settle()


def play(build, source, point, home):
    print(point)
    handsets = Handsets()
    service = Crashing(build, source, home, secrets={"phones-word": WORD},
                       start="2026-03-02T18:30:00Z", providers="")
    service.providers = (f"- {{name: phones, type: simulated, settings: {{send_url: "
                         f'"http://127.0.0.1:{handsets.port}/", secret: phones-word}}}}')
    service.write_config(service.start_at)
    handsets.hook = f"http://127.0.0.1:{service.hooks_port}/hooks/phones"
    try:
        service.start()
        join(service, handsets)
        service.write_config(service.now())
        service.stop()
        service.start(crash_at=point)
        for day, words in EVENINGS:
            service.go_to(f"{day}T18:00:00Z")
            handsets.deliver(service.revive)
            handsets.say(MJ, words, service.revive)
        service.go_to("2026-03-06T08:59:00Z")
        handsets.deliver(service.revive)
        service.go_to("2026-03-06T09:45:00Z")
        expect(service.crashes == 1, f"it was killed at {point}, once")
        asked = sum("mood been today" in t for t in handsets.of(MJ))
        expect(asked <= len(EVENINGS), f"no evening is asked twice ({asked} questions)")
        series = {r["day"]: r["value"] for r in service.moodline("person", "series", "MJ")[
            "readings"]}
        expect(series == dict(EVENINGS), "no acknowledged reply is lost, and none counts twice")
        alerts = service.moodline("alert", "list")
        expect(len(alerts) == 1, "one alert is open")
        told = sum(f"Check-in {alerts[0]['code']}" in t for t in handsets.of(SAM))
        attempts = sum(t["attempts"] for t in service.moodline("alert", "show", alerts[0]["code"])[
            "texts"] if t["to"] == "sam")
        expect(told >= 1, "the alert arrived")
        expect(told == 1 or attempts >= told, "once, or each repeat is on the record")
        expect(service.moodline("audit", "verify") == {"verified": True}, "the audit trail verifies")
        service.stop()
    finally:
        if service.alive():
            service.process.kill()
            service.process.wait()
        handsets.server.shutdown()


def main():
    build, source, *points = sys.argv[1:]
    bad = [p for p in points or POINTS
           if run_test(lambda home, p=p: play(build, source, p, home)) != 0]
    if bad:
        print("failed at: " + ", ".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
