#!/usr/bin/env python3
"""moodlined killed with SIGKILL at random moments and at named points under load, started again at
once, and a census at the end: every reply that got its 200 is there once and every slot was texted
at most once; every alert reached a handset or still waits; nothing is answered twice. With
--power-cuts each end is also a power cut of its disk: what was not synced is lost, torn or reordered.
Usage: random_kills.py BUILD_DIR SOURCE_DIR [KILLS [SEED]] [--runs N]; ./check makes a few, a release
many."""
import argparse
import collections
import concurrent.futures
import datetime
import pathlib
import random
import re
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from handsets import Crashing, Handsets, accept_role, enrol
from powercut import Power
from rig import Failed, expect, reached, run_test, wait_for

STAFF = ("+447700900101", "+447700900102", "+447700900103")
PEOPLE = [f"+4477009002{i:02}" for i in range(12)]
BEGIN = "2026-03-02T18:30:00Z"
DAYS_MIN = 9  # so that a run of low days, its alert and its end are among them
STEP_MIN = 15  # of service time; the clock stops at every due row on its way
LOW_DAYS = 7  # everybody has a low week, then a better one
ALIVE_S_MAX = 0.5  # how long it lives between kills, at most
POINT_OF_TEN = 5  # lives that are to end at a named point
CHANGE_OF_TEN = 4  # with power cuts: lives that are to end at a change of the disk
CHANGES_MAX = 600  # which of them, at most
START_S_MAX = 60
PATIENCE_S = 900  # a reply's, who is unlucky at each start
POINT_S_MAX = 1.5  # for that to be visited; else it is killed wherever it is
VISITS_MAX = 12
POINTS = ("inbox.read", "inbox.committed", "outbox.claimed", "outbox.called", "outbox.settled",
          "deadlines.committed", "store.before_commit", "store.after_commit", "store.before_done")
QUESTION, PROMPT = "mood been today", 0


def later(instant, minutes):
    t = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    t += datetime.timedelta(minutes=minutes)
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + f"{t.microsecond // 1000:03}Z"


class Answering(Handsets):
    """Each question is answered, and each reply has a number of its own among its words."""

    def __init__(self, dice):
        super().__init__()
        self.dice, self.open, self.replies = dice, threading.Event(), {}
        self.patience_s = PATIENCE_S
        self.service, self.failures = None, []
        self.pool = concurrent.futures.ThreadPoolExecutor(8)

    def take(self, text):
        number = super().take(text)
        if QUESTION in text["text"] and not self.open.is_set():
            self.pool.submit(self.answer, text["to"])
        again = re.search(r"Text AGREE (L\d+) to keep", text["text"])
        if again and not self.open.is_set():
            self.pool.submit(self.agree, text["to"], again[1])
        return number

    def agree(self, who, code):
        try:
            self.say(who, f"AGREE {code}", self.service.revive)
        except Exception as problem:
            self.failures.append(problem)

    def answer(self, who):
        try:
            time.sleep(self.dice.random() * 0.4)
            day = datetime.date.fromisoformat(self.service.last[:10]).toordinal()
            low = (day // LOW_DAYS + PEOPLE.index(who)) % 2 == 0
            words = str(self.dice.randint(1, 3) if low else self.dice.randint(6, 9))
            self.replies[self.say(who, words, self.service.revive)] = who
            if self.dice.random() < 0.2:
                self.replies[self.say(who, "note the gulls were loud", self.service.revive)] = who
            self.deliver_some()
        except Exception as problem:
            self.failures.append(problem)

    def deliver_some(self):
        """Receipts, some of them twice, some out of turn."""
        for _ in range(10):
            with self.lock:
                if not self.receipts:
                    return
                reference = self.receipts.popleft()
            body = {"type": "dlr", "event_id": "d" + reference, "reference": reference,
                    "status": "delivered"}
            while not self.post(body):
                self.service.revive()
            if self.dice.random() < 0.1:
                self.post(body)


class Time(threading.Thread):
    """Service time goes on, evening after evening, until told to stop."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.service, self.ended, self.failure = service, threading.Event(), None

    def run(self):
        try:
            while not self.ended.is_set():
                target = later(self.service.last, STEP_MIN)
                while not reached(self.service.call("clock.jump", {"to": target})["now"], target):
                    time.sleep(0.01)
        except Exception as problem:
            self.failure = problem


class Killed(Crashing):
    """Each life ends at a random moment or at the n-th visit of a named point; with `power` its disk
    is cut with it."""

    def __init__(self, build, source, home, handsets, start, dice, power):
        self.power = None
        super().__init__(build, source, home, handsets, start)
        self.dice, self.power = dice, power
        self.point, self.until, self.many, self.at = None, 0, False, collections.Counter()

    def next_point(self):
        """What the next life is to end with, drawn as it begins."""
        if not self.many:
            return None
        if self.power and self.dice.random() * 10 < CHANGE_OF_TEN:
            return "change:" + str(int(CHANGES_MAX ** self.dice.random()))
        if self.dice.random() * 10 < POINT_OF_TEN:
            return f"{self.dice.choice(POINTS)}:{self.dice.randint(1, VISITS_MAX)}"
        return None

    def launch(self, crash_at=None):
        if self.process is not None:
            self.ended()
        if self.power:
            if self.process is not None:
                self.power.cut(self.dice)
            self.power.on()
            self.more_env = self.power.environment()
        if crash_at and crash_at.startswith("change:"):
            self.more_env["MOODLINE_POWERCUT_AT"] = crash_at[7:]
            super().launch()
        else:
            super().launch(crash_at)
        self.point = crash_at and crash_at.split(":")[0]
        self.until = time.monotonic() + START_S_MAX

    def ended(self):
        """Counts how the life before ended."""
        code = self.process.wait()
        if code != -9 and self.many:
            raise Failed(f"it ended by itself with {code}:\n{self.log_tail()}")
        if self.many:
            self.at["random" if self.killed_by_us else self.point] += 1
        self.killed_by_us, self.point = False, None

    killed_by_us = False

    def kill_now(self):
        self.killed_by_us = self.alive()
        self.kill()

    def start(self, crash_at=None):
        super().start(crash_at)
        # It lives from when it answers, which takes its time on a busy machine.
        self.until = time.monotonic() + (POINT_S_MAX if crash_at else
                                         ALIVE_S_MAX * self.dice.random())


def kill_often(service, kills, dice):
    said = 0
    service.many = True
    while (n := service.at.total()) < kills:
        if n >= said + 50:
            said = n
            print(f"  {n} kills; service time {service.last}", flush=True)
        process = service.process
        while service.process is process and service.alive() and time.monotonic() < service.until:
            time.sleep(0.003)
        with service.lock:  # not while it is being started: that is a moment of its own, below
            if service.process is process and service.alive():
                service.kill_now()
            if dice.random() < 0.1 and not service.alive():  # killed again before it is ready
                service.write_config(service.last)
                service.launch()
                time.sleep(dice.random() * 0.3)
                service.kill_now()
        service.revive()
    service.many = False


def rows(service, query, *values):
    path = service.home / "state" / "moodline.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(query, values).fetchall()


def census(service, handsets):
    acknowledged = collections.Counter(handsets.acknowledged)
    expect(max(acknowledged.values()) == 1, "the census counts each acknowledgement once")
    stored = collections.Counter(e for (e,) in rows(
        service, "SELECT event_id FROM inbound WHERE provider = 'phones'"))
    lost = [e for e in acknowledged if stored[e] != 1]
    expect(not lost, f"all {len(acknowledged)} replies that got their 200 are there once {lost[:5] or ''}")
    expect(set(stored) <= set(acknowledged), "and no other")
    readings = collections.Counter(e for (e,) in rows(
        service, "SELECT i.event_id FROM reading r JOIN inbound i ON i.id = r.inbound"))
    numbers = [e for e in handsets.replies if readings[e] > 1]
    expect(not numbers, "no reply became two readings")
    prompt_of = dict(rows(service, "SELECT r.reference, m.prompt FROM message_reference r JOIN "
                          "message m ON m.id = r.message WHERE m.prompt IS NOT NULL AND "
                          "m.purpose = ?", PROMPT))
    asked = collections.Counter(prompt_of[t["reference"]] for t in handsets.texts
                                if t["reference"] in prompt_of)
    slots = rows(service, "SELECT count(*), count(DISTINCT person || '/' || schedule || '/' || "
                 "local_date || '/' || slot) FROM prompt")[0]
    questions = sum(QUESTION in t["text"] for t in handsets.texts)
    expect(questions == sum(asked.values()), "every question on a handset belongs to a slot")
    twice = [p for p, n in asked.items() if n > 1]
    expect(slots[0] == slots[1] and not twice,
           f"{slots[0]} slots, {len(asked)} of them texted, none twice {twice[:5] or ''}")
    echoes = collections.Counter(t["reference"] for t in handsets.texts if
                                 t["text"].startswith(("Got ", "Changed ")))
    expect(sum(echoes.values()) <= len(handsets.replies), "no reply was answered twice")
    seen = {t["reference"] for t in handsets.texts if t["to"] in STAFF}
    waiting = {m["id"] for m in service.moodline("outbox", "list")}
    alerts = rows(service, "SELECT id, code FROM alert")
    told = {alert for alert, message, reference in rows(
        service, "SELECT a.alert, a.message, r.reference FROM message_alerts a JOIN "
        "message_reference r ON r.message = a.message") if reference in seen or message in waiting}
    untold = [code for alert, code in alerts if alert not in told]
    expect(alerts and not untold,
           f"{len(alerts)} alerts, each on a handset or under way {untold or ''}")
    expect(service.moodline("audit", "verify") == {"verified": True}, "the audit trail verifies")


def story(service, handsets, kills, dice, seed):
    service.start()
    for number in STAFF:
        accept_role(service, handsets, number)
    for i, number in enumerate(PEOPLE):
        enrol(service, handsets, number, f"P{i}")
    service.settle()
    print(f"  {len(PEOPLE)} people; {kills} kills with seed {seed}", flush=True)
    clock = Time(service)
    clock.start()
    kill_often(service, kills, dice)
    wait_for(f"{DAYS_MIN} days of service time",
             lambda: clock.failure or service.last > later(BEGIN, 1440 * DAYS_MIN), 300)
    clock.ended.set()
    clock.join(60)
    handsets.open.set()
    handsets.pool.shutdown(wait=True)
    for problem in [*handsets.failures, clock.failure]:
        if problem:
            raise Failed(f"{type(problem).__name__}: {problem}")
    # An alert of the last night waits for somebody's hours, at a weekend for three days.
    service.go_to(later(service.now(), 3 * 1440))
    handsets.deliver(service.revive)
    service.settle()


def play(o, kills, seed, home, totals):
    dice = random.Random(seed)
    handsets = Answering(dice)
    power = None
    if o.power_cuts:
        (home / "power").mkdir()
        power = Power(home / "state", home / "power", o.shim, o.lies)
    service = Killed(o.build, o.source, home, handsets, BEGIN, dice, power)
    service.sample = service.sample.replace("texts_days: 30", "texts_days: 3650")
    service.write_config(BEGIN)
    handsets.service = service
    try:
        story(service, handsets, kills, dice, seed)
        print(f"  {len(handsets.texts)} texts, {len(handsets.acknowledged)} replies, service time "
              f"{service.now()}; killed at: " +
              ", ".join(f"{p} {n}" for p, n in sorted(service.at.items())))
        if power:
            # The last life is cut too, before the census looks.
            service.kill()
            service.start()
            print("  " + ", ".join(f"{what} {n}" for what, n in sorted(power.did.items())))
            totals["power"] += power.did
        census(service, handsets)
        totals["killed at"] += service.at
        totals["seen"] += {"replies": len(handsets.acknowledged), "texts": len(handsets.texts),
                           "service days": (datetime.date.fromisoformat(service.last[:10]) -
                                            datetime.date.fromisoformat(BEGIN[:10])).days}
        ended = service.stop()
        expect(ended == 0, f"it ends cleanly ({ended})")
    finally:
        handsets.open.set()
        service.kill()
        handsets.close()


def noticed(o, home):
    """A disk that lies must break what the census holds: else the census holds nothing."""
    try:
        play(o, o.kills, o.seed, home, collections.defaultdict(collections.Counter))
    except Failed as problem:
        said = str(problem)
        expect("got their 200" in said or ("with 78" in said and f"{home}/state/" in said),
               f"a disk that says it synced and did not is noticed: {said[:300]}")
        return
    raise Failed("a disk that lies was not noticed")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", type=pathlib.Path)
    args.add_argument("source", type=pathlib.Path)
    args.add_argument("kills", type=int, nargs="?", default=12)
    args.add_argument("seed", type=int, nargs="?", default=1)
    args.add_argument("--runs", type=int, default=1, help="so many, each with a seed of its own")
    args.add_argument("--minutes", type=float, default=0, help="no run begins later than this")
    args.add_argument("--power-cuts", action="store_true")
    args.add_argument("--shim", type=pathlib.Path)
    args.add_argument("--lies", action="store_true", help="a disk that says it synced and did not: "
                      "it must be noticed")
    o = args.parse_args()
    o.shim = o.shim or o.build.resolve() / "tests" / "crash" / "libpowercut.so"
    if o.lies:
        o.power_cuts = True
        return run_test(lambda home: noticed(o, home))
    begun = time.monotonic()
    totals = collections.defaultdict(collections.Counter)
    done = 0
    for seed in range(o.seed, o.seed + o.runs):
        code = run_test(lambda home, s=seed: play(o, o.kills, s, home, totals))
        if code:
            print(f"again: {sys.argv[0]} {o.build} {o.source} {o.kills} {seed}"
                  f"{' --power-cuts' if o.power_cuts else ''}")
            return code
        done += 1
        print(f"{totals['killed at'].total()} kills in {time.monotonic() - begun:.0f} s", flush=True)
        if o.minutes and time.monotonic() - begun > o.minutes * 60:
            break
    print(f"{done} runs: " + "; ".join(
        f"{name}: " + ", ".join(f"{what} {n}" for what, n in sorted(counted.items()))
        for name, counted in sorted(totals.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
