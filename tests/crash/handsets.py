"""The far end of the crash tests, which outlives the daemon: handsets that behave as a provider does
(a webhook is tried until it gets its 200, a receipt follows each text), and a Service that is
started again whenever it is found dead."""
import collections
import http.client
import http.server
import json
import re
import threading
import time
import urllib.error
import urllib.request

from rig import WAIT_S, Failed, Service, wait_for

OURS = "+447700900000"
WORD = "crash-test-word"
PACKS = ("en", "cy")  # of the sample service: all eleven take seconds to read at each start


class Handsets:
    """Takes texts, sends replies and receipts, and never forgets either."""

    def __init__(self):
        self.texts, self.lock = [], threading.Lock()
        self.hook, self.count, self.patience_s = None, 0, WAIT_S
        self.acknowledged = []  # event ids that got their 200
        self.receipts = collections.deque()
        outer = self

        class Take(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = outer.take(text)
                answer = json.dumps({"id": f"h{number}"}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *unused):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *unused):
                pass  # the caller was killed: that is what the tests are for

        self.server = Quiet(("127.0.0.1", 0), Take)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def take(self, text):
        with self.lock:
            self.texts.append(text)
            self.receipts.append(text["reference"])
            return len(self.texts)

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
        """Tried until it is acknowledged, always with the same id, which it returns."""
        with self.lock:
            self.count += 1
            event = f"mo{self.count}"
        body = {"type": "mo", "event_id": event, "from": number, "to": OURS, "text": words}
        end = time.monotonic() + self.patience_s
        while not self.post(body):
            revive()
            if time.monotonic() > end:
                raise Failed(f"no 200 for a reply within {self.patience_s} s")
        with self.lock:
            self.acknowledged.append(event)
        return event

    def deliver(self, revive):
        """Every receipt that is owed."""
        while self.receipts:
            reference = self.receipts[0]
            if self.post({"type": "dlr", "event_id": "d" + reference, "reference": reference,
                          "status": "delivered"}):
                self.receipts.popleft()
            else:
                revive()

    def code(self, number, pattern):
        return wait_for(f"a text like {pattern} on {number}", lambda: [
            m[1] for t in self.of(number) if (m := re.search(pattern, t))])[0]


class Crashing(Service):
    """A Service with handsets that is started again whenever it is found dead, not earlier than it
    died: its clock never goes back."""

    def __init__(self, build, source, home, handsets, start):
        super().__init__(build, source, home, secrets={"phones-word": WORD}, start=start,
                         providers="", packs=PACKS)
        self.providers = (f"- {{name: phones, type: simulated, settings: {{send_url: "
                          f'"http://127.0.0.1:{handsets.port}/", secret: phones-word}}}}')
        self.write_config(start)
        handsets.hook = f"http://127.0.0.1:{self.hooks_port}/hooks/phones"
        self.crashes, self.last, self.due, self.starting = 0, start, None, None
        self.lock = threading.RLock()

    def revive(self):
        if self.alive():
            time.sleep(0.05)
            return
        with self.lock:
            if self.alive():
                return
            self.crashes += 1
            self.write_config(self.last)
            self.start(self.next_point())

    def next_point(self):
        """The named point at which the next process ends itself; None: at none."""
        return None

    def call(self, action, args):
        if action == "clock.jump" and "to" in args:  # it stops at the next due row
            self.last = max(self.last, min(args["to"], self.due or args["to"]))
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            try:
                answer = super().call(action, args)
                if action == "clock.jump":
                    self.last, self.due = max(self.last, answer["now"]), answer["due"]
                return answer
            except (OSError, http.client.HTTPException, ValueError):
                if self.starting == threading.get_ident():
                    raise
                self.revive()
        raise Failed(f"{action} was never answered")

    def start(self, crash_at=None):
        self.starting = threading.get_ident()
        try:
            super().start(crash_at)
            wait_for("moodlined to answer or die", lambda: not self.alive() or self.ready())
        finally:
            self.starting = None

    def kill(self):
        if self.alive():
            self.process.kill()
            self.process.wait()


def enrol(service, handsets, number, name, *more):
    """Invitation, AGREE, and the one rule agreed."""
    service.moodline("person", "add", "--number", number, "--as", name, "--programme",
                     "evening-mood", "--practitioner", "sam", "--track",
                     "mood=to get through the evenings", "--agreed-with", "Sam Reed",
                     "--agreed-on", "2026-03-02", "--rule", "low-streak", *more)
    handsets.say(number, "AGREE " + handsets.code(number, r"Text AGREE (\d+)"), service.revive)
    handsets.say(number, "AGREE " + handsets.code(number, r"Text AGREE (L\d+)"), service.revive)
    wait_for("the agreement", lambda: any(
        t.startswith("Agreed: L") for t in handsets.of(number)))


def accept_role(service, handsets, number):
    handsets.say(number, "ACCEPT " + handsets.code(number, r"ACCEPT (\S+)"), service.revive)
