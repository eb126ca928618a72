#!/usr/bin/env python3
"""moodlined killed with SIGKILL at random moments under load, started again at once, and a census at
the end: every reply that got its 200 is there once and every slot was texted at most once; every
alert reached a handset or still waits; nothing is answered twice.
Usage: random_kills.py BUILD_DIR SOURCE_DIR [KILLS [SEED]]; ./check makes a few, a release many."""
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
from rig import Failed, expect, reached, run_test, wait_for

STAFF = ("+447700900101", "+447700900102", "+447700900103")
PEOPLE = [f"+4477009002{i:02}" for i in range(12)]
BEGIN = "2026-03-02T18:30:00Z"
DAYS_A_KILL = 0.8  # of service time between two kills, at most
DAYS_MIN = 9  # so that a run of low days, its alert and its end are among them
STEP_MIN = 15  # of service time; the clock stops at every due row on its way
LOW_DAYS = 7  # everybody has a low week, then a better one
ALIVE_S_MAX = 1.5  # how long it lives between kills, at most
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


def kill_often(service, kills, dice):
    for n in range(1, kills + 1):
        wait_for("moodlined to be up again", service.alive)
        until = later(service.last, 1440 * DAYS_A_KILL * dice.random())
        end = time.monotonic() + ALIVE_S_MAX * dice.random()
        while service.last < until and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(dice.random() * 0.1)
        with service.lock:  # not while it is being started: that is a moment of its own, below
            service.kill()
        if n % 10 == 0:
            print(f"  {n} kills; service time {service.last}", flush=True)
        if dice.random() < 0.1:  # killed again before it is ready
            with service.lock:
                if not service.alive():
                    service.write_config(service.last)
                    service.launch()
                    time.sleep(dice.random())
                    service.kill()
        service.revive()


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


def play(build, source, kills, seed, home):
    dice = random.Random(seed)
    handsets = Answering(dice)
    service = Crashing(build, source, home, handsets, BEGIN)
    service.sample = service.sample.replace("texts_days: 30", "texts_days: 3650")
    service.write_config(BEGIN)
    handsets.service = service
    try:
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
        print(f"  it was found dead {service.crashes} times; {len(handsets.texts)} texts, "
              f"{len(handsets.acknowledged)} replies, service time {service.now()}")
        census(service, handsets)
        ended = service.stop()
        expect(ended == 0, f"it ends cleanly ({ended})")
    finally:
        handsets.open.set()
        service.kill()
        handsets.close()


def main():
    build, source, *rest = sys.argv[1:]
    kills = int(rest[0]) if rest else 12
    seed = int(rest[1]) if len(rest) > 1 else 1
    begun = time.monotonic()
    code = run_test(lambda home: play(build, source, kills, seed, home))
    print(f"{kills} kills in {time.monotonic() - begun:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
