#!/usr/bin/env python3
"""Load on the real daemon for as long as it is told: people reply through its HTTP endpoint, days pass,
questions, alerts, escalations and nightly work go with them. Prints memory, its slope and descriptors,
and fails where they grow, where anything that was acknowledged is missing, or where the end is not clean
(with a sanitizer's build: where anything leaked).
Usage: soak.py BUILD_DIR SOURCE_DIR [--minutes M] [--people N] [--clients N] [--every-s S] [--slope-mb-h X]"""
import argparse
import datetime
import random
import sys
import threading
import time

from load import (SAM, Failed, Handsets, Hosted, enrolled, expect, leaks, number_of, post, reply_body, run_test,
                  wait_for)

WARM = 0.25  # of the run: caches fill, the allocator takes what it keeps
STEP_H = 6  # of service time between two spells of load
SPELL_S = 1.0


def fit(points):
    """The slope of the line through (x, y), by least squares."""
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    return sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)


class Load:
    def __init__(self, service, handsets, options):
        self.service, self.handsets, self.o = service, handsets, options
        self.over, self.lock = threading.Event(), threading.Lock()
        self.go = threading.Event()  # time stands still while people reply, and the other way round
        self.go.set()
        self.sent, self.refused, self.waited, self.failures = 0, 0, [], []
        self.samples = []  # (seconds, MB, descriptors)

    def guarded(self, work):
        def run():
            try:
                work()
            except Exception as problem:
                self.failures.append(problem)
                self.over.set()
        return threading.Thread(target=run, daemon=True)

    def client(self):
        dice = random.Random(threading.get_ident())
        low = {}
        while not self.over.is_set():
            self.go.wait(1)
            who = dice.randrange(self.o.people)
            if dice.random() < 0.02:
                low[who] = not low.get(who)
            words = str(dice.randint(1, 3) if low.get(who) else dice.randint(5, 9))
            if dice.random() < 0.15:
                words = dice.choice(["note the gulls were loud", "HISTORY", "WHO", "hm", "HELP", words + " tired"])
            body, began = reply_body(who, words), time.monotonic()
            while post(self.service.hooks_port, body) != 200:
                self.service.revive()
                with self.lock:
                    self.refused += 1
                if time.monotonic() - began > 60:
                    raise Failed("a reply had no 200 within a minute")
            with self.lock:
                self.sent += 1
                self.waited.append(time.monotonic() - began)
            self.over.wait(self.o.every_s)

    def days(self):
        """Time goes on in steps, and stops at every due row on its way."""
        while not self.over.wait(SPELL_S):
            self.go.clear()
            self.receipts()
            now = datetime.datetime.fromisoformat(self.service.now().replace("Z", "+00:00"))
            self.service.go_to((now + datetime.timedelta(hours=STEP_H)).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
            self.receipts()
            self.go.set()

    def receipts(self):
        """Those owed by now: more come all the time."""
        for _ in range(len(self.handsets.receipts)):
            reference = self.handsets.receipts.popleft()
            body = {"type": "dlr", "event_id": "d" + reference, "reference": reference,
                    "status": "delivered"}
            while not self.handsets.post(body):
                self.service.revive()

    def watch(self):
        began, said = time.monotonic(), 0.0
        while not self.over.is_set():
            at = time.monotonic() - began
            self.samples.append((at, self.service.resident_mb(), self.service.descriptors()))
            if at - said >= 60:
                said = at
                print(f"  {at / 60:.0f} min: {self.sent} replies, {self.samples[-1][1]:.1f} MB, "
                      f"{self.samples[-1][2]} descriptors, service time {self.service.now()}", flush=True)
            self.over.wait(2)

    def run(self):
        threads = [self.guarded(f) for f in (*[self.client] * self.o.clients, self.days, self.watch)]
        for t in threads:
            t.start()
        self.over.wait(self.o.minutes * 60)
        self.over.set()
        for t in threads:
            t.join(120)
        if self.failures:
            raise Failed(f"{type(self.failures[0]).__name__}: {self.failures[0]}")


def judge(load, o, first_fds):
    warm = [s for s in load.samples if s[0] >= load.samples[-1][0] * WARM]
    slope = fit([(at / 3600, mb) for at, mb, _ in warm])
    grown = slope * (warm[-1][0] - warm[0][0]) / 3600
    fds = [n for _, _, n in warm]
    waited = sorted(load.waited)
    print(f"{load.samples[-1][0] / 60:.1f} min: {load.sent} replies ({load.sent / load.samples[-1][0]:.0f} a second), "
          f"{len(load.handsets.texts)} texts, {load.refused} tries without a 200; p50 "
          f"{waited[len(waited) // 2] * 1000:.0f} ms, p99 {waited[int(len(waited) * 0.99)] * 1000:.0f} ms, worst "
          f"{waited[-1] * 1000:.0f} ms")
    print(f"memory {load.samples[0][1]:.1f} MB at first, {warm[0][1]:.1f} MB warm, {warm[-1][1]:.1f} MB at last, "
          f"at most {max(mb for _, mb, _ in load.samples):.1f} MB; slope {slope:+.1f} MB an hour after the first "
          f"quarter; descriptors {first_fds} at first, at most {max(fds)}, {fds[-1]} at last", flush=True)
    expect(grown <= o.grown_mb or slope <= o.slope_mb_h,
           f"memory is steady (grew by {grown:.1f} MB of {o.grown_mb}, or {slope:.1f} MB an hour of {o.slope_mb_h})")
    expect(max(fds) <= first_fds + o.clients + 80, "descriptors stay bounded")


def play(o, home):
    handsets = Handsets()
    service = Hosted(o.build, o.source, home, handsets)
    try:
        enrolled(service, handsets, o.people)
        first_fds = service.descriptors()
        load = Load(service, handsets, o)
        load.run()
        wait_for("descriptors to come back", lambda: service.descriptors() <= first_fds + 66)
        judge(load, o, first_fds)
        taken = service.metric("texts_in_total", what="stored")
        expect(taken >= load.sent, f"every reply that got its 200 was taken ({taken:.0f} texts)")
        expect(service.moodline("audit", "verify") == {"verified": True}, "the audit trail verifies")
        errors = service.metric("store_errors_total")
        expect(errors == 0, f"no store error ({errors:.0f})")
        found = leaks(service, [*(number_of(n)[3:] for n in range(o.people)), SAM[3:], "gulls were loud",
                                "to get through the evenings"])
        expect(not found, f"no number and no word in the log, metrics or files {found[:5]}")
        expect((code := service.stop()) == 0, f"it ends cleanly ({code})")
    finally:
        if service.alive():
            service.process.kill()
            service.process.wait()
        handsets.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("source")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--every-s", type=float, default=0.05, help="between two replies of a client")
    parser.add_argument("--grown-mb", type=float, default=8, help="after the first quarter")
    parser.add_argument("--slope-mb-h", type=float, default=8)
    o = parser.parse_args()
    if not 1 <= o.people <= 700:
        parser.error("--people: 1 to 700")
    return run_test(lambda home: play(o, home))


if __name__ == "__main__":
    sys.exit(main())
