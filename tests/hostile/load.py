"""What the tests of hostile clients and of long load share: people who reply while something goes on,
how long each waited for its 2xx, and what the daemon holds in memory and descriptors meanwhile."""
import collections
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import sqlite3
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "support"), str(HERE / "crash")]
from handsets import OURS, PACKS, WORD, Handsets, accept_role, enrol
from rig import Failed, Service, expect, leaks, reached, run_test, wait_for

SAM = "+447700900101"
START = "2026-03-02T10:00:00Z"  # a Monday
FIRST = 447700900200  # numbers that are nobody's
TRY_S = 30  # one try of one request


class Hosted(Service):
    """moodlined as the tests of hostile clients want it: no ceiling on what may be sent."""

    def __init__(self, build, source, home, handsets, segments_per_s=200):
        self.segments_per_s = segments_per_s
        # Freed memory is given back at once, so that a sanitizer's quarantine is no growth of ours.
        options = os.environ.get("ASAN_OPTIONS", "")
        os.environ["ASAN_OPTIONS"] = ":".join(filter(None, [options, "quarantine_size_mb=4"]))
        super().__init__(build, source, home, start=START, secrets={"phones-word": WORD}, packs=PACKS,
                         providers=(f"- {{name: phones, type: simulated, settings: {{send_url: "
                                    f'"http://127.0.0.1:{handsets.port}/", secret: phones-word}}}}'))
        handsets.hook = f"http://127.0.0.1:{self.hooks_port}/hooks/phones"

    def write_config(self, start):
        super().write_config(start)
        file = self.config / "service.yaml"
        text = file.read_text()
        for old, new in (("segments_per_day: 2000", "segments_per_day: 0"),
                         ("segments_per_month: 40000", "segments_per_month: 0"),
                         ("segments_per_s: 200", f"segments_per_s: {self.segments_per_s}")):
            if old not in text:
                raise Failed(f"service.yaml no longer holds {old!r}; mend tests/hostile/load.py")
            text = text.replace(old, new)
        file.write_text(text)

    def revive(self):
        if not self.alive():
            raise Failed(f"moodlined ended\n{self.log_tail()}")
        time.sleep(0.05)

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise Failed("moodlined has no memory: it has ended")

    def taken(self, kind):
        """How often each event of this kind stands in the store."""
        path = self.home / "state" / "moodline.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT event_id FROM inbound WHERE event_id GLOB ?", (kind + "*",))
            return collections.Counter(e for (e,) in rows)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def number_of(person):
    return f"+{FIRST + person}"


EVENTS = itertools.count(1)


def reply_body(person, words, kind="load"):
    return json.dumps({"type": "mo", "event_id": f"{kind}{next(EVENTS)}", "from": number_of(person),
                       "to": OURS, "text": words}).encode()


def headers(word=WORD):
    return {"Content-Type": "application/json", "Authorization": "Bearer " + word}


def post(port, body, word=WORD):
    """The status of one webhook over a connection of its own; 0 where there was no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TRY_S)
    try:
        connection.request("POST", "/hooks/phones", body, headers(word))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Honest:
    """While it is open, people reply one after the other and are tried again as a provider tries.
    `waited_s` holds what each waited for its 200; `again` counts tries that got none."""

    def __init__(self, service, people, every_s=0.05):
        self.service, self.people, self.every_s = service, people, every_s
        self.waited_s, self.again, self.failure = [], 0, None
        self.peak_mb, self.peak_fds = 0.0, 0
        self.over = threading.Event()
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.reply, self.watch)]

    def reply(self):
        try:
            for n in itertools.count():
                if self.over.is_set():
                    return
                body = reply_body(n % self.people, str(3 + n % 7))
                began = time.monotonic()
                while (status := post(self.service.hooks_port, body)) != 200:
                    self.again += 1
                    if time.monotonic() - began > TRY_S:
                        raise Failed(f"a reply had no 200 within {TRY_S} s; the last answer was {status}")
                    time.sleep(0.02)
                self.waited_s.append(time.monotonic() - began)
                self.over.wait(self.every_s)
        except Exception as problem:
            self.failure = problem

    def watch(self):
        with contextlib.suppress(OSError, Failed):
            while not self.over.wait(0.1):
                self.peak_mb = max(self.peak_mb, self.service.resident_mb())
                self.peak_fds = max(self.peak_fds, self.service.descriptors())

    def __enter__(self):
        self.before_mb, self.before_fds = self.service.resident_mb(), self.service.descriptors()
        self.peak_mb, self.peak_fds = self.before_mb, self.before_fds
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        for t in self.threads:
            t.join(2 * TRY_S)
        return False

    def figures(self):
        waited = sorted(self.waited_s) or [0.0]
        return (f"{len(self.waited_s)} replies meanwhile: p50 {statistics.median(waited) * 1000:.0f} ms, "
                f"p99 {waited[int(len(waited) * 0.99)] * 1000:.0f} ms, worst {waited[-1] * 1000:.0f} ms, "
                f"{self.again} tried again; memory {self.before_mb:.0f} MB, at most {self.peak_mb:.0f} MB; "
                f"descriptors {self.before_fds}, at most {self.peak_fds}")

    def hold(self, limits, what):
        if self.failure:
            raise self.failure
        waited = sorted(self.waited_s)
        expect(len(waited) >= 3, f"{what}: {self.figures()}")
        expect(waited[-1] <= limits.worst_s, f"no reply waited over {limits.worst_s} s")
        grown = self.peak_mb - self.before_mb
        expect(grown <= limits.memory_mb, f"memory grew by {grown:.0f} MB, not over {limits.memory_mb}")


def enrolled(service, handsets, people):
    service.start()
    accept_role(service, handsets, SAM)
    for n in range(people):
        enrol(service, handsets, number_of(n), f"P{n}")
    handsets.deliver(service.revive)
    service.settle()
