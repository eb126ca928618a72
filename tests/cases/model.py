#!/usr/bin/env python3
"""A second reading of the rules: written from docs/rules.md alone, slow and plain, without a look at the
engine. Random cases of the neutral form are decided by it and must come out of run_cases the same.

Usage: model.py RUN_CASES [--cases N] [--seed S] [--keep FILE] [--engine restart|scratch]
A case that differs is printed whole, as a file of its own, with what each of the two says.
"""
import argparse
import datetime as dt
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import zoneinfo
from fractions import Fraction

UTC = dt.timezone.utc
MINUTE, HOUR, DAY = 60, 3600, 86400
NEVER = 1 << 40
BELOW = {"below", "at_most"}
WINDOWS = {"average", "n_of_m", "baseline_drop", "rise"}


def iso(t):
    return dt.datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text):
    return int(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def clock(text):
    hours, minutes = text.split(":")
    return dt.time(int(hours), int(minutes))


class Place:
    """Wall clock of one zone."""

    def __init__(self, name):
        self.zone = zoneinfo.ZoneInfo(name)

    def local(self, t):
        return dt.datetime.fromtimestamp(t, self.zone)

    def at(self, date, time):  # in a gap shifted forward, in an overlap the first
        return int(dt.datetime.combine(date, time, tzinfo=self.zone).timestamp())

    def days_on(self, t, n):  # calendar days to the same local time
        here = self.local(t)
        return self.at(here.date() + dt.timedelta(n), here.time().replace(fold=0))

    def day(self, t, start):
        here = self.local(t)
        date = here.date()
        return date if here.time().replace(fold=0) >= start else date - dt.timedelta(1)


def meets(value, test, line):
    return {"below": value < line, "at_most": value <= line, "above": value > line,
            "at_least": value >= line}[test]


def span(rule, name, fallback):
    if rule.get(name + "_days") is not None:
        return ("days", rule[name + "_days"])
    if rule.get(name + "_h") is not None:
        return ("s", int(rule[name + "_h"] * HOUR))
    if rule.get(name + "_min") is not None:
        return ("s", int(rule[name + "_min"] * MINUTE))
    return fallback


class Rules:
    """What happens to one person under one rule."""

    def __init__(self, case):
        self.case = case
        self.place = Place(case["timezone"])
        self.out = []
        self.file = dict(case["rule"])
        self.agreed = None           # (rule, from)
        self.next = None
        self.known = []              # texts, with `learned`
        self.prompts = []
        self.history_from = 0
        self.episode = None
        self.since = None
        self.used = None             # newest unit used
        self.left_out = []
        self.armed = True
        self.replied = None
        self.done_to = 0
        agreed_at = case.get("agreed_at", 0)
        self.log = []
        if agreed_at == 0:
            self.agreed = (self.file, 0)
        elif agreed_at is not None:
            self.log.append((seconds(agreed_at), 1, {"type": "agree"}))
        self.downs = []
        off = None
        for e in case.get("events", []):
            if e["type"] == "down":
                off = seconds(e["at"])
            elif e["type"] == "up":
                self.downs.append((off, seconds(e["at"])))
        for e in case.get("events", []):
            if e["type"] not in ("down", "up"):
                first = e["type"] in ("agree", "disagree", "rule_edit")
                self.log.append((self.up(seconds(e["at"])), 1 if first else 4, e))
        for n, r in enumerate(case["readings"]):
            at = seconds(r["at"])
            value = r.get("value")
            text = dict(r, at=at, n=n, value=None if value is None else Fraction(str(value)))
            text["key"] = (at, r.get("text", value)) if "id" not in r else r["id"]
            self.log.append((self.up(seconds(r.get("ingested", r["at"]))), 2, text))
        for p in case["prompts"]:
            at = seconds(p["at"])
            self.log.append((at, 3, {"at": at, "status": p["status"]}))

    def up(self, t):
        for begin, end in self.downs:
            if begin <= t < end:
                return end
        return t

    def plus(self, t, length):
        return self.place.days_on(t, length[1]) if length[0] == "days" else t + length[1]

    def say(self, what, t):
        self.out.append((t, what))

    # ---- the series

    def rule(self):
        return self.agreed[0] if self.agreed else self.file

    def late(self, text, learned):
        rule = self.rule()
        limit = span(rule, "late_limit", ("days", 14))
        text["stamped_late"] = self.plus(text["at"], limit) < learned
        if text["stamped_late"]:
            return True
        if "for_day" not in text or text.get("corrects"):
            return False
        days = limit[1] if limit[0] == "days" else -(-limit[1] // DAY)
        today = self.place.day(learned, clock(rule["day_start"]))
        return dt.date.fromisoformat(text["for_day"]) < today - dt.timedelta(days)

    def values(self, everything=False):
        """Readings by timestamp, each with its value as corrected."""
        said = [r for r in self.known if r["value"] is not None]
        said = [r for r in said if not r["late"] or (everything and r.get("corrects"))]
        readings = []
        for r in sorted(said, key=lambda r: (r["at"], r["n"])):
            earlier = [x for x in readings if x["at"] < r["at"]]
            if r.get("corrects") and earlier:
                earlier[-1]["value"] = r["value"]
            else:
                readings.append(dict(r))
        return readings

    def windows(self, rule):
        sent = sorted(p["at"] for p in self.prompts if p["status"] == "sent")
        length = int(rule.get("reply_window_h", 18) * HOUR)
        return {at: min([at + length] + sent[i + 1:i + 2]) for i, at in enumerate(sent)}

    def units(self, t, counted=True):
        """unit -> state or value; and when each unit with a reading closes."""
        rule, begins = self.agreed
        start, by_prompt = clock(rule["day_start"]), rule.get("unit") == "prompt"
        windows = self.windows(rule)
        day = {p["at"]: self.place.day(p["at"], start) for p in self.prompts}
        replies = {}
        for r in self.values():
            unit = None
            inside = [at for at in windows if at <= r["at"] < windows[at]]
            if "for_day" in r and not r.get("corrects"):
                named = dt.date.fromisoformat(r["for_day"])
                own = [at for at in windows if day[at] == named]
                unit = (max(own) if own else None) if by_prompt else named
            elif inside:
                unit = max(inside) if by_prompt else day[max(inside)]
            elif not by_prompt:
                unit = self.place.day(r["at"], start)
            if unit is not None and r["at"] >= begins:
                replies.setdefault(unit, []).append(r)
        cells, closes = {}, {}
        for p in self.prompts:
            unit = p["at"] if by_prompt else day[p["at"]]
            if p["at"] < begins or unit in replies:
                continue
            state = "excluded"
            if p["status"] == "sent":
                state = "missed" if windows[p["at"]] <= t else "undecided"
            order = ["missed", "undecided", "excluded"]
            cells[unit] = min(state, cells.get(unit, state), key=order.index)
        for unit, list_ in replies.items():
            own = [windows[at] for at in windows if (at if by_prompt else day[at]) == unit]
            if not by_prompt:
                own.append(self.place.at(unit + dt.timedelta(1), start))
            closes[unit] = max(own)
            if rule.get("decide") == "day_end" and closes[unit] > t:
                continue
            cells[unit] = self.fold(rule, list_)
        return cells, closes, replies

    @staticmethod
    def fold(rule, replies):
        values = [r["value"] for r in replies]
        return {"last": values[-1], "first": values[0], "min": min(values), "max": max(values),
                "mean": sum(values) / len(values)}[rule.get("per_day", "last")]

    # ---- conditions

    def run(self, rule, cells, test, line, after=None):
        units = sorted(u for u in cells if after is None or u > after)
        while units and isinstance(cells[units[-1]], str):
            units.pop()
        gap_max = 0 if rule.get("missing") == "break" else rule.get("max_gap", 1)
        count, missed, row, longest = 0, 0, 0, 0
        for unit in reversed(units):
            state = cells[unit]
            if state == "missed":
                missed, row = missed + 1, 0
            elif state == "excluded":
                row += 1
                longest = max(longest, row)
            elif state != "undecided":
                if missed > gap_max or longest > rule.get("max_excluded", 3):
                    break
                if not meets(state, test, line):
                    break
                count, missed, row, longest = count + 1, 0, 0, 0
        return count

    @staticmethod
    def date(unit, place, rule):
        return unit if isinstance(unit, dt.date) else place.day(unit, clock(rule["day_start"]))

    def mean(self, rule, cells, first, last, least, after):
        values = [v for u, v in cells.items() if not isinstance(v, str) and (after is None or u > after)
                  and first <= self.date(u, self.place, rule) <= last]
        return sum(values) / len(values) if values and len(values) >= least else None

    def newest(self, cells):
        units = [u for u in cells if not isinstance(cells[u], str)]
        return max(units) if units else None

    def usual(self, rule, cells, left_out):
        last = self.newest(cells)
        if last is None:
            return None
        last = self.date(last, self.place, rule) - dt.timedelta(rule["gap_days"])
        first = last - dt.timedelta(rule["baseline_days"] - 1)
        values = sorted(v for u, v in cells.items() if not isinstance(v, str) and
                        first <= self.date(u, self.place, rule) <= last and
                        not any(a <= self.date(u, self.place, rule) <= b for a, b in left_out))
        if not values or len(values) < rule["min_baseline_days"]:
            return None
        half = len(values) // 2
        return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2

    def holds(self, rule, cells, used, left_out):
        kind, line = rule["kind"], Fraction(str(rule.get("threshold", 0)))
        newest = self.newest(cells)
        if newest is None:
            return False
        if kind == "streak":
            return self.run(rule, cells, rule["test"], line, used) >= rule["n"]
        last = self.date(newest, self.place, rule)

        def back(days):
            return last - dt.timedelta(days - 1)
        if kind == "n_of_m":
            if rule.get("unit") == "prompt":
                inside = sorted(u for u in cells if u <= newest)[-rule["m"]:]
            else:
                inside = [u for u in cells if back(rule["m"]) <= u <= last]
            hits = [u for u in inside if not isinstance(cells[u], str) and (used is None or u > used)
                    and meets(cells[u], rule["test"], line)]
            return len(hits) >= rule["n"]
        if kind == "average":
            mean = self.mean(rule, cells, back(rule["window_days"]), last, rule["min_days"], used)
            return mean is not None and meets(mean, rule["test"], line)
        if kind == "rise":
            days = rule["window_days"]
            now = self.mean(rule, cells, back(days), last, rule["min_days"], used)
            before = self.mean(rule, cells, back(2 * days), last - dt.timedelta(days), rule["min_days"], used)
            return None not in (now, before) and now - before >= Fraction(str(rule["rise"]))
        usual = self.usual(rule, cells, left_out)
        recent = self.mean(rule, cells, back(rule["recent_days"]), last, rule["min_recent_days"], used)
        return None not in (usual, recent) and usual - recent >= Fraction(str(rule["drop"]))

    def clears(self, rule, cells):
        kind = rule["kind"]
        if kind in ("streak", "n_of_m"):
            up = rule.get("clear_at_least") is not None
            line = Fraction(str(rule["clear_at_least" if up else "clear_at_most"]))
            kept = {u: v for u, v in cells.items() if u >= self.episode["unit"]}
            return self.run(rule, kept, "at_least" if up else "at_most", line) >= rule.get("clear_n", 1)
        newest = self.newest(cells)
        if newest is None:
            return False
        last = self.date(newest, self.place, rule)
        if kind == "average":
            up = rule.get("clear_average_at_least") is not None
            line = Fraction(str(rule["clear_average_at_least" if up else "clear_average_at_most"]))
            mean = self.mean(rule, cells, last - dt.timedelta(rule["window_days"] - 1), last, rule["min_days"],
                             self.used)
            return mean is not None and meets(mean, "at_least" if up else "at_most", line)
        recent = self.mean(rule, cells, last - dt.timedelta(rule["recent_days"] - 1), last,
                           rule["min_recent_days"], self.used)
        return recent is not None and self.episode["usual"] - recent <= Fraction(str(rule["clear_within"]))

    # ---- judging

    def judge(self, t, full):
        if not self.agreed:
            return
        kind = self.rule()["kind"]
        if kind in ("silence", "undelivered"):
            return self.judge_prompts(t)
        if kind == "safety_phrase":
            return None
        cells, _, replies = self.units(t)
        if not self.episode:
            return self.judge_condition(t, full, cells, replies)
        if not self.grounds_hold():
            self.say("withdraw", t)
            return self.over(t, full)
        if full and self.clears(self.rule(), cells):
            self.say("clear", t)
            self.used = self.newest(cells)
            if self.rule()["kind"] == "baseline_drop":
                self.left_out.append((self.episode["unit"], self.used))
            return self.over(t, full)
        return None

    def over(self, t, full):
        self.episode, self.since = None, None
        if self.next:
            self.agreed, self.next = self.next, None
        self.judge(t, full)

    def judge_condition(self, t, full, cells, replies):
        rule = self.rule()
        if rule["kind"] == "rise" and not self.armed:
            if not full or self.holds(rule, cells, None, self.left_out):
                return
            self.armed = True
        if not self.holds(rule, cells, self.used, self.left_out):
            self.since = None
            return
        if self.since is None:
            if not full:
                return
            self.since = t
        if self.plus(self.since, span(rule, "settle", ("s", 0))) > t:
            return
        self.since = None
        self.say("fire", t)
        unit = self.newest(cells)
        if rule["kind"] == "rise":
            self.used, self.armed = unit, False
            return
        self.episode = {"rule": rule, "at": t, "unit": unit, "stale": False, "done": False,
                        "cells": dict(cells), "replies": {u: list(r) for u, r in replies.items() if u in cells}}
        if rule["kind"] == "baseline_drop":
            self.episode["usual"] = self.usual(rule, cells, self.left_out)

    def grounds_hold(self):
        now = {r["key"]: r["value"] for r in self.values(True)}
        cells = dict(self.episode["cells"])
        for unit, replies in self.episode["replies"].items():
            cells[unit] = self.fold(self.episode["rule"], [dict(r, value=now[r["key"]]) for r in replies])
        return self.holds(self.episode["rule"], cells, self.used, self.left_out)

    def judge_prompts(self, t):
        rule, begins = self.agreed
        contact = max([r["at"] for r in self.known if not r["stamped_late"]], default=-1)
        reached = [p["at"] for p in self.prompts if p["status"] == "sent"]
        silence = rule["kind"] == "silence"
        if self.episode:
            newest = contact if silence else max(reached, default=-1)
            if newest < self.episode["first"] or (not silence and newest <= self.episode["last"]):
                return
            self.say("clear", t)
            self.used = newest
            self.over(t, True)
            return
        run, row, holds, first = [], 0, False, None
        windows = self.windows(rule)
        for p in sorted(self.prompts, key=lambda p: p["at"]):
            if p["at"] < begins or (silence and p["at"] <= contact):
                continue
            if not silence and self.used is not None and p["at"] <= self.used:
                continue
            hit = p["status"] == ("sent" if silence else "undelivered")
            ended = not silence and p["status"] == "sent"
            if silence and hit and rule.get("hours") is None and windows[p["at"]] > t:
                continue
            if hit:
                run, row = run + [p["at"]], 0
            elif ended:
                run, row = [], 0
            else:
                row += 1
                if row > rule.get("max_excluded", 3):
                    run, row = [], 0
        if rule.get("hours") is not None and silence:
            sent = sorted(at for at in reached if at >= begins and at > contact)
            holds, first = bool(sent) and sent[0] + rule["hours"] * HOUR <= t, sent[0] if sent else None
        else:
            holds, first = len(run) >= rule["prompts"], run[0] if run else None
        if not holds:
            self.since = None
            return
        if self.since is None:
            self.since = t
        if self.plus(self.since, span(rule, "settle", ("s", 0))) > t:
            return
        self.since = None
        self.say("fire", t)
        self.episode = {"rule": rule, "at": t, "first": first, "last": run[-1] if run else first,
                        "stale": False, "done": False}

    # ---- what time brings

    def stale_at(self):
        e = self.episode
        if not e or e["stale"] or e["done"] or "unit" not in e:
            return None
        last = max([r["at"] for r in self.values()], default=None)
        if last is None:
            return None
        return max(self.plus(last, span(e["rule"], "stale", ("days", 14))), e["at"])

    def due(self):
        times = []
        if self.agreed:
            rule = self.agreed[0]
            if self.since is not None:
                times.append(self.plus(self.since, span(rule, "settle", ("s", 0))))
            if rule["kind"] == "silence" and rule.get("hours") is not None:
                times += [p["at"] + rule["hours"] * HOUR for p in self.prompts]
            if rule["kind"] != "safety_phrase":
                times += list(self.windows(rule).values())
            if rule["kind"] not in ("silence", "undelivered", "safety_phrase"):
                times += list(self.units(self.done_to)[1].values())
        if self.stale_at() is not None:
            times.append(self.stale_at())
        return min([t for t in times if t > self.done_to], default=NEVER)

    def deadline(self, t):
        full = False
        if self.agreed and self.rule().get("decide") == "day_end" and self.rule()["kind"] in WINDOWS | {"streak"}:
            full = t in self.units(t)[1].values()
        stale = self.stale_at()
        self.judge(t, full)
        if stale == t and self.stale_at() == t:
            self.episode["stale"] = True
            self.say("stale", t)
        self.done_to = t

    # ---- learning

    def narrows(self, old, new):
        for key in set(old) | set(new):
            a, b = old.get(key), new.get(key)
            if a == b:
                continue
            if key == "threshold":
                if not (b <= a if old["test"] in BELOW else b >= a):
                    return False
            elif key in ("n", "drop", "rise"):
                if b < a:
                    return False
            else:
                return False
        return True

    def agree(self, t):
        newest = self.next or self.agreed
        if newest and newest[0] == self.file:
            return
        if not self.episode:
            self.since, self.armed = None, True
        self.adopt((self.file, self.history_from if self.file.get("use_history") else t))

    def adopt(self, snapshot):
        if self.episode:
            self.next = snapshot
        else:
            self.agreed = snapshot

    def finish(self, t):
        if self.episode and not self.episode["done"]:
            self.say("close", t)
        self.episode = self.agreed = self.next = self.since = self.used = None
        self.left_out, self.armed, self.history_from = [], True, t

    def event(self, e, t):
        if e["type"] == "rule_edit":
            self.file = dict(self.file, **e["changes"])
            newest = self.next or self.agreed
            if newest and self.narrows(newest[0], self.file):
                self.adopt((self.file, newest[1]))
            elif e["agreed"]:
                self.agree(t)
        elif e["type"] == "agree":
            self.agree(t)
        elif e["type"] in ("stop", "unshare", "erase"):
            self.finish(t)
        elif e["type"] == "done" and self.episode and not self.episode["done"]:
            self.episode["done"] = True
            self.say("close", t)
            if self.episode["rule"]["kind"] == "safety_phrase":
                self.episode = None

    def text(self, r, t):
        if any(x["key"] == r["key"] for x in self.known):
            return False
        r["late"] = self.late(r, t)
        self.known.append(r)
        if r.get("safety") and self.rule()["kind"] == "safety_phrase":
            if self.agreed and r["at"] >= self.agreed[1]:
                if not self.episode:
                    self.say("fire", t)
                    self.episode = {"rule": self.rule(), "at": t, "stale": False, "done": False}
                else:
                    self.say("match", t)
            wait = self.file.get("reply_repeat_min", 15) * MINUTE
            if self.replied is None or t >= self.replied + wait:
                self.replied = t
                self.say("reply_person", t)
        return r["value"] is not None and not r["late"]

    def play(self, until):
        for t in sorted({entry[0] for entry in self.log if entry[0] <= until}):
            while self.due() < t:
                self.deadline(self.due())
            now = sorted((e for e in self.log if e[0] == t),
                         key=lambda e: (e[1], e[2]["at"] if isinstance(e[2].get("at"), int) else 0, e[2].get("n", 0)))
            full, before = False, self.closed(t - 1)
            for _, order, what in now:
                if order == 2:
                    full = self.text(what, t) or full
                elif order == 3:
                    self.prompts.append(what)
                else:
                    self.event(what, t)
            if self.episode and self.episode["stale"]:
                self.episode["stale"] = False
                if self.stale_at() is None or self.stale_at() <= t:
                    self.episode["stale"] = True  # nothing new was read
            self.judge(t, full or bool(self.closed(t) - before))
            while self.due() <= t:
                self.deadline(self.due())
            self.done_to = max(self.done_to, t)
        while self.due() <= until:
            self.deadline(self.due())
        return self.out

    def closed(self, t):
        """Days that day_end has closed by now."""
        if not self.agreed or self.rule().get("decide") != "day_end" or \
                self.rule()["kind"] not in WINDOWS | {"streak"}:
            return set()
        return {u for u, at in self.units(t)[1].items() if at <= t}


# ---- who is told


class Hours:
    def __init__(self, practitioner):
        self.place = Place(practitioner["timezone"])
        hours = practitioner["hours"]
        names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        self.days = {names.index(d) for d in hours["days"]}
        self.begin, self.end = clock(hours["from"]), clock(hours["to"])
        self.holidays = set(practitioner.get("holidays", []))

    def opening(self, date):
        """Instants of this date's hours, or None."""
        if date.weekday() not in self.days or date.isoformat() in self.holidays:
            return None
        return self.place.at(date, self.begin), self.place.at(date, self.end)

    def from_(self, t):
        date = self.place.local(t).date() - dt.timedelta(1)
        for _ in range(60):
            hours = self.opening(date)
            if hours and hours[1] > t:
                yield max(hours[0], t), hours[1]
            date += dt.timedelta(1)

    def next_open(self, t):
        return next(self.from_(t), (NEVER, NEVER))[0]

    def open(self, t):
        return self.next_open(t) == t

    def after_working(self, t, length):
        for begin, end in self.from_(t):
            if begin + length < end:  # closing time is closed
                return begin + length
            length -= end - begin
        return NEVER


class Desk:
    """One practitioner and one deputy with the same hours, as the neutral form has them."""

    def __init__(self, case, rules):
        self.rule = case["rule"]
        self.who = case["practitioner"]
        self.hours = Hours(self.who)
        self.up = rules.up
        self.alerts, self.out = [], []
        self.waiting = {"practitioner": [], "deputy": []}
        self.last = {"practitioner": None, "deputy": None}
        self.talked = None
        self.rules = rules
        self.said = set()
        self.urgent = self.rule["kind"] == "safety_phrase"

    def wait(self, to, kind, alert, arose, length):
        ready = arose + (length if self.hours.open(arose) else 0)
        self.waiting[to].append({"kind": kind, "alert": alert, "ready": ready})

    def cooldown(self, line):
        length = span(self.rule, "cooldown", None)
        alert = line["alert"]
        if line["kind"] != "notify" or length is None or self.talked is None:
            return 0
        if alert["sent"] is not None and self.talked >= alert["sent"]:
            return 0
        return Rules.plus(self.hours, self.talked, length)

    def line_due(self, to, line):
        at = max(line["ready"], self.cooldown(line))
        if self.last[to] is not None:
            at = max(at, self.last[to] + 30 * MINUTE)
        return self.hours.next_open(at)

    def step_due(self, alert):
        after = self.who.get("escalate_after_h")
        if alert["state"] != "open" or after is None or alert["step"]:
            return NEVER
        if alert["acked"] is not None or alert["sent"] is None:
            return NEVER
        length = int(after * HOUR)
        if self.who.get("escalate_clock", "working") == "elapsed":
            return alert["sent"] + length
        return self.hours.after_working(alert["sent"], length)

    def ack_end(self, alert):
        if alert["state"] != "open" or alert["acked"] is None or "ack_expires_h" not in self.who:
            return NEVER
        return alert["acked"] + int(self.who["ack_expires_h"] * HOUR)

    def due(self):
        times = [self.line_due(to, line) for to in self.waiting for line in self.waiting[to]]
        times += [min(self.step_due(a), self.ack_end(a)) for a in self.alerts]
        return min(times, default=NEVER)

    def step(self, alert, now):
        if "escalate_after_h" not in self.who or alert["step"]:
            return
        alert["step"] = True
        if self.urgent:
            self.sent(alert, "escalate", "deputy", now)
        else:
            self.wait("deputy", "escalate", alert, now, 0)

    def sent(self, alert, kind, to, now):
        self.out.append((now, kind))
        if kind in ("notify", "escalate"):
            alert["told"].append(to)
            alert["last"] = self.talked = now
            if alert["sent"] is None:
                alert["sent"] = now

    def run(self, now):
        again = True
        while again:
            again = False
            for alert in self.alerts:
                if self.ack_end(alert) <= now:
                    alert["acked"] = None
                    self.step(alert, now)
                    again = True
                elif self.step_due(alert) <= now:
                    self.step(alert, now)
                    again = True
            for to, lines in self.waiting.items():
                if not lines or min(self.line_due(to, line) for line in lines) > now:
                    continue
                if not self.hours.open(now):  # it was due while the daemon was off
                    for line in lines:
                        line["ready"] = max(line["ready"], self.hours.next_open(now))
                    continue
                go = [x for x in lines if self.cooldown(x) <= now and
                      not (x["kind"] == "notify" and self.rule["kind"] == "silence" and x["ready"] > now)]
                lines[:] = [x for x in lines if x not in go]
                for line in go:
                    kind, alert = line["kind"], line["alert"]
                    if kind in ("notify", "escalate") and alert["state"] == "cleared":
                        kind = "note"
                    if kind in ("resolve_notice", "corrected_notice"):
                        if (kind, alert["n"]) in self.said:
                            self.last[to] = now
                            continue
                        self.said.add((kind, alert["n"]))
                    self.sent(alert, kind, to, now)
                    self.last[to] = now
                again = bool(go) or again

    def drop(self, alert, steps_only=False):
        for lines in self.waiting.values():
            lines[:] = [x for x in lines if x["alert"] is not alert or (steps_only and x["kind"] != "escalate")]

    def notice(self, alert, kind, arose):
        for to in dict.fromkeys(alert["told"]):
            self.wait(to, kind, alert, arose, 5 * MINUTE)

    def take(self, what, now, arose):
        newest = self.alerts[-1] if self.alerts else None
        if what == "fire":
            newest = {"n": len(self.alerts), "state": "open", "sent": None, "acked": None, "step": False,
                      "told": [], "last": None}
            self.alerts.append(newest)
            if self.urgent:
                self.sent(newest, "notify", "practitioner", now)
            else:
                length = 15 if self.rule["kind"] == "silence" else 5
                self.wait("practitioner", "notify", newest, arose, length * MINUTE)
        elif newest is None:
            return
        elif what == "clear":
            newest["state"] = "cleared"
            self.drop(newest, True)
            self.notice(newest, "resolve_notice", arose)
        elif what == "withdraw":
            newest["state"] = "withdrawn"
            self.drop(newest)
            self.notice(newest, "corrected_notice", arose)
        elif what == "match":
            if newest["acked"] is not None:
                newest["acked"], newest["step"], newest["sent"] = None, False, now
            if newest["last"] is None or now >= newest["last"] + 15 * MINUTE:
                self.sent(newest, "notify", "practitioner", now)
                if "deputy" in newest["told"]:
                    self.sent(newest, "notify", "deputy", now)
        elif newest["state"] != "open":
            if what == "stop":
                for alert in self.alerts:
                    self.drop(alert)
        elif what == "ack":
            newest["acked"] = now
            self.drop(newest, True)
        elif what == "done":
            newest["state"] = "closed"
            self.drop(newest)
        elif what == "stop":
            newest["state"] = "closed"
            for alert in self.alerts:
                alert["told"] = []
                self.drop(alert)

    def play(self, until):
        inputs = [(self.up(t), 0, what, t) for t, what in self.rules.out
                  if what in ("fire", "clear", "withdraw", "match")]
        for e in self.rules.case.get("events", []):
            if e["type"] in ("ack", "done", "stop"):
                at = self.up(seconds(e["at"]))
                inputs.append((at, 1, e["type"], at))
        inputs.sort(key=lambda x: (x[0], x[1]))
        for now in sorted({x[0] for x in inputs if x[0] <= until}):
            while self.up(self.due()) < now:
                self.run(self.up(self.due()))
            for x in [x for x in inputs if x[0] == now]:
                self.take(x[2], now, x[3])
            self.run(now)
        while self.up(self.due()) <= until:
            self.run(self.up(self.due()))
        return self.out


def decide(case):
    """[(at, event)], or None where the form has no word for what happens."""
    until = seconds(case["until"])
    rules = Rules(case)
    out = [x for x in rules.play(until)]
    if "practitioner" in case:
        fires = [t for t, what in out if what == "fire"]
        if case["rule"]["kind"] != "safety_phrase" and \
                any(b - a < 22 * DAY for a, b in zip(fires, fires[2:])):
            return None  # "unsettled" is another story
        out = out + Desk(case, rules).play(until)
    return sorted((t, what) for t, what in out if what != "match")


# ---- random cases

ZONES = ["Europe/London", "Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu",
         "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "America/Havana", "Pacific/Kiritimati"]
STARTS = ["2026-03-02", "2026-03-20", "2026-03-25", "2026-10-15", "2026-10-22", "2026-04-01", "2026-06-10",
          "2026-09-22", "2026-12-20"]


def random_rule(r):
    kind = r.choice(["streak"] * 6 + ["n_of_m"] * 3 + ["average"] * 3 + ["baseline_drop"] * 2 + ["rise"] * 2 +
                    ["silence"] * 3 + ["undelivered"] + ["safety_phrase"])
    rule = {"kind": kind, "per_day": r.choice(["last", "last", "first", "min", "max", "mean"]),
            "decide": r.choice(["on_reply", "on_reply", "on_reply", "day_end"]),
            "settle_min": r.choice([0, 0, 0, 10, 30, 600, 1440]),
            "reply_window_h": r.choice([18, 18, 18, 6, 12, 30]),
            "day_start": r.choice(["04:00", "04:00", "04:00", "00:00", "06:00", "05:30"]),
            "stale_days": r.choice([14, 14, 3, 5])}
    low = r.random() < 0.7
    bad, good = (4, 5) if low else (6, 5)
    if kind in ("streak", "n_of_m", "average"):
        rule["test"] = r.choice(["below", "at_most"] if low else ["above", "at_least"])
        rule["threshold"] = r.choice([bad, bad, bad, bad - 0.5])
        if rule["test"] in ("at_most", "at_least"):
            rule["threshold"] += -1 if low else 1
    if kind in ("streak", "n_of_m"):
        rule["n"] = r.choice([1, 2, 2, 3, 3, 4])
        rule["unit"] = "prompt" if r.random() < 0.2 else "day"
        rule["missing"] = r.choice(["skip", "skip", "break"])
        rule["max_gap"] = r.choice([1, 1, 1, 2, 0])
        rule["max_excluded"] = r.choice([3, 3, 1, 0, 2])
        rule["clear_at_least" if low else "clear_at_most"] = good
        rule["clear_n"] = r.choice([1, 2, 2, 3])
        if kind == "n_of_m":
            rule["m"] = rule["n"] + r.randrange(4)
    elif kind == "average":
        rule["window_days"] = r.choice([2, 3, 4, 7])
        rule["min_days"] = r.randint(1, min(4, rule["window_days"]))
        rule["clear_average_at_least" if low else "clear_average_at_most"] = good
    elif kind == "baseline_drop":
        rule.update(baseline_days=r.choice([3, 5, 7]), gap_days=r.choice([0, 1, 3]), recent_days=r.choice([1, 2, 3]),
                    drop=r.choice([1, 1.5, 2, 2.5]), clear_within=r.choice([0, 0.5]))
        rule["min_baseline_days"] = r.randint(1, rule["baseline_days"] - 1)
        rule["min_recent_days"] = r.randint(1, rule["recent_days"])
    elif kind == "rise":
        rule["window_days"] = r.choice([2, 3, 4])
        rule["min_days"] = r.randint(1, rule["window_days"])
        rule["rise"] = r.choice([1, 1.5, 2, 3])
    elif kind == "silence":
        if r.random() < 0.4:
            rule["hours"] = r.choice([24, 30, 48, 72])
        else:
            rule["prompts"] = r.choice([1, 2, 3])
    elif kind == "undelivered":
        rule["prompts"] = r.choice([1, 2, 3])
    else:
        rule.update(settle_min=0, reply_repeat_min=15)
    if r.random() < 0.1:
        rule["late_limit_days"] = r.choice([1, 3])
    if r.random() < 0.1:
        rule["use_history"] = True
    return rule


def random_prompts(r, place, first, days, unit):
    times = r.choice([["18:00"], ["18:00"], ["09:00"], ["20:30"], ["00:30"], ["09:00", "19:00"], ["08:00", "13:00"]])
    step = 7 if unit == "prompt" and r.random() < 0.4 else 1
    odds = r.choice([[8, 1, 1, 1], [20, 1, 1, 1], [1, 0, 0, 0], [4, 1, 2, 1]])
    prompts = []
    for n in range(0, days, step):
        if r.random() < 0.05:
            continue
        for time in times:
            at = place.at(first + dt.timedelta(n), clock(time))
            status = r.choices(["sent", "not_sent", "undelivered", "paused"], odds)[0]
            prompts.append((at, status))
    return sorted(set(prompts))


def random_readings(r, rule, place, prompts, first, days):
    level = r.choice([3, 4, 5, 6])
    out = []

    def reading(at, **more):
        if r.random() < 0.1:
            nonlocal level
            level = min(8, max(2, level + r.choice([-2, -1, 1, 2, 3])))
        value = r.choice([level, level, level, level - 1, level + 1, level + 0.5])
        out.append(dict({"at": iso(at), "value": value}, **more))
        if r.random() < 0.06:
            out[-1]["ingested"] = iso(at + r.choice([10 * MINUTE, 3 * HOUR, DAY, 2 * DAY, 5 * DAY]))
        if r.random() < 0.03:
            out.append(dict(out[-1]))
            out[-1]["ingested"] = iso(at + r.choice([HOUR, DAY]))
        if r.random() < 0.1:
            later = at + r.choice([5 * MINUTE, 10 * MINUTE, 35 * MINUTE, 5 * HOUR, 12 * HOUR])
            value = r.choice([level, level + 3, level - 3, 8])
            out.append({"at": iso(later), "value": value, "corrects": True, "text": f"sorry {value}"})
            if r.random() < 0.2:
                out[-1]["ingested"] = iso(later + r.choice([HOUR, DAY, 3 * DAY]))
    for at, status in prompts:
        if status == "sent" and r.random() < 0.8:
            reading(at + r.choice([5 * MINUTE] * 6 + [3 * HOUR, 15 * HOUR, 0, 18 * HOUR - 1, 18 * HOUR]))
        if r.random() < 0.05:
            out.append({"at": iso(at + r.choice([10 * MINUTE, 19 * HOUR])), "value": None, "text": "fine ta"})
        if r.random() < 0.05:
            reading(at + r.choice([HOUR, 20 * HOUR]))
        if r.random() < 0.04:
            there = at + 20 * MINUTE
            named = place.day(there, clock(rule["day_start"])) - dt.timedelta(r.choice([1, 1, 2, 4]))
            value = r.choice([level, level - 2])
            out.append({"at": iso(there), "value": value, "for_day": named.isoformat(), "text": f"back then {value}"})
    if not prompts or r.random() < 0.1:
        for n in range(days):
            if r.random() < 0.7:
                reading(place.at(first + dt.timedelta(n), clock(r.choice(["10:00", "20:00", "03:30", "04:00"]))))
    if rule["kind"] == "safety_phrase":
        at = place.at(first, clock("21:00"))
        for n in range(r.randint(1, 6)):
            at += r.choice([4, 10, 15, 16, 90, 2000]) * MINUTE
            out.append({"at": iso(at), "value": None, "text": f"words {n}", "safety": True})
    return out


def random_events(r, case, first_at, last_at):
    events, rule = [], case["rule"]

    def moment():
        return iso(r.randrange(first_at, last_at) // 300 * 300 + r.choice([0, 0, 1, 120]))
    if r.random() < 0.12:
        changes = {}
        for key in r.sample(["threshold", "n", "per_day", "clear_n", "drop", "rise"], 2):
            if key in rule and key != "per_day":
                changes[key] = max(1, rule[key] + r.choice([-1, 1]))
            elif key == "per_day":
                changes[key] = r.choice(["last", "min", "first"])
        if rule["kind"] == "n_of_m":
            changes.pop("n", None)
        if changes and rule["kind"] in ("streak", "n_of_m", "average", "baseline_drop", "rise"):
            events.append({"at": moment(), "type": "rule_edit", "agreed": r.random() < 0.5, "changes": changes})
            if r.random() < 0.5:
                events.append({"at": moment(), "type": "agree"})
    if r.random() < 0.08 and rule["kind"] != "safety_phrase":
        events.append({"at": moment(), "type": r.choice(["stop", "unshare"]) if "practitioner" not in case
                       else "stop"})
        if r.random() < 0.7:
            events.append({"at": moment(), "type": "agree"})
    if r.random() < 0.1:
        at = seconds(moment())
        events += [{"at": iso(at), "type": "down"},
                   {"at": iso(at + r.choice([600, 3 * HOUR, 30 * HOUR])), "type": "up"}]
    if r.random() < 0.05:
        events += [{"at": moment(), "type": "pause"}, {"at": moment(), "type": "resume"}]
    if "practitioner" in case and rule["kind"] != "rise":
        for _ in range(r.choice([0, 1, 1, 2])):
            events.append({"at": moment(), "type": r.choice(["ack", "ack", "done"])})
    return sorted(events, key=lambda e: e["at"])


def random_case(seed):
    r = random.Random(seed)
    case = {"name": f"random_{seed}", "timezone": r.choice(ZONES), "rule": random_rule(r)}
    place, rule = Place(case["timezone"]), case["rule"]
    first, days = dt.date.fromisoformat(r.choice(STARTS)), r.choice([6, 10, 14, 21])
    if rule["kind"] in ("baseline_drop", "rise"):
        days = 21
    prompts = random_prompts(r, place, first, days, rule.get("unit")) if r.random() < 0.93 else []
    case["prompts"] = [{"at": iso(at), "status": status} for at, status in prompts]
    case["readings"] = random_readings(r, rule, place, prompts, first, days)
    first_at = place.at(first, clock("09:00"))
    last_at = first_at + days * DAY
    if r.random() < 0.3:
        days_open = r.choice([["mon", "tue", "wed", "thu", "fri"], ["mon", "wed", "fri"],
                              ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]])
        case["practitioner"] = {"timezone": r.choice([case["timezone"], "Europe/London", "Asia/Kathmandu"]),
                                "hours": {"days": days_open, "from": r.choice(["09:00", "10:30"]),
                                          "to": r.choice(["17:00", "16:00"])}}
        if r.random() < 0.6:
            case["practitioner"].update(escalate_after_h=r.choice([1, 2, 4, 8, 10]),
                                        escalate_clock=r.choice(["working", "working", "elapsed"]))
        if r.random() < 0.6:
            case["practitioner"]["ack_expires_h"] = r.choice([2, 22, 24, 48])
        if r.random() < 0.3:
            case["practitioner"]["holidays"] = [(first + dt.timedelta(r.randrange(days))).isoformat()]
        if r.random() < 0.4 and rule["kind"] != "safety_phrase":
            rule["cooldown_days"] = r.choice([1, 3, 5])
    if r.random() < 0.15:
        case["agreed_at"] = iso(first_at + r.randrange(days * DAY // 3) // 600 * 600)
    case["events"] = random_events(r, case, first_at, last_at)
    case["until"] = iso(last_at + 3 * DAY)
    return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run_cases")
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", default="")
    parser.add_argument("--engine", default="")
    args = parser.parse_args()
    cases = []
    for seed in range(args.seed, args.seed + args.cases):
        case = random_case(seed)
        out = decide(case)
        if out is not None:
            case["expect"] = [{"event": what, "at": iso(t)} for t, what in out]
            case["reason"] = "as the model has it"
            cases.append(case)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(args.keep or folder + "/cases.yaml")
        path.write_text(json.dumps({"format": 1, "cases": cases}, indent=0))
        engine = ["--" + args.engine] if args.engine else []
        run = subprocess.run([args.run_cases, *engine, str(path)], capture_output=True, text=True, timeout=600)
    wrong = run.stdout.splitlines()[:-1]
    for line in wrong[:5]:
        print(line)
        name = re.match(r"(random_\d+)", line)
        for case in cases:
            if name and case["name"] == name.group(1):
                print(json.dumps({"format": 1, "cases": [case]}))
    happened = sum(len(c["expect"]) for c in cases)
    print(f"{len(cases)} random cases with {happened} events; {len(wrong)} differ")
    return 1 if wrong or run.returncode or not happened else 0


if __name__ == "__main__":
    sys.exit(main())
