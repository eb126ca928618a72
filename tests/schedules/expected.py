#!/usr/bin/env python3
"""Expected instants of prompts around every clock change 2000-2037, from Python's zoneinfo.

Prints one row a (zone, date, time): zone, local date, wall-clock time, and the UTC instant in
milliseconds, or "none" where the date does not exist in that zone. Reads the system's tzdata, the
same files that Moodline reads (set PYTHONTZPATH=/usr/share/zoneinfo). Every zone, links included.

Usage: expected.py [--sample N]   (every N-th row only)
"""
import datetime as dt
import os
import sys
import zoneinfo

TIMES = ((0, 30), (1, 30), (2, 30), (3, 0), (12, 0))
UTC = dt.timezone.utc
FIRST, LAST = dt.datetime(2000, 1, 1, tzinfo=UTC), dt.datetime(2038, 1, 1, tzinfo=UTC)


def change_instants(zone):
    """The first second of each new UTC offset, found by looking every day and halving."""
    changes = []
    t, offset = FIRST, FIRST.astimezone(zone).utcoffset()
    while t < LAST:
        after = min(t + dt.timedelta(hours=24), LAST)
        new = after.astimezone(zone).utcoffset()
        if new != offset:
            low, high = t, after
            while high - low > dt.timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if middle.astimezone(zone).utcoffset() == offset:
                    low = middle
                else:
                    high = middle
            changes.append((high, offset, new))
            offset = new
        t = after
    return changes


def round_trip(zone, local):
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def exists(zone, date):
    ends = (dt.time(0, 0), dt.time(23, 59, 59))
    return any(round_trip(zone, dt.datetime.combine(date, t)).astimezone(zone).date() == date
               for t in ends)


def rows_of(zone):
    dates = set()
    for instant, old, new in change_instants(zone):
        # The date by the old and by the new clock: a change near midnight touches two, a change
        # across the date line skips or repeats one.
        for offset in (old, new):
            dates.add((instant + offset).date())
        step = abs(new - old)
        if step >= dt.timedelta(hours=23):
            dates.add((instant + min(old, new)).date() + dt.timedelta(days=1))
            dates.add((instant + min(old, new)).date())
    rows = []
    for date in sorted(dates):
        there = exists(zone, date)
        for hour, minute in TIMES:
            when = "none"
            if there:
                # fold=0 takes the first of a repeated time, and in a gap the offset before it,
                # which shifts the time forward by the gap's length.
                utc = round_trip(zone, dt.datetime.combine(date, dt.time(hour, minute)))
                when = str(int(utc.timestamp()) * 1000)
            rows.append((date.isoformat(), f"{hour:02}:{minute:02}", when))
    return rows


def main():
    step = int(sys.argv[2]) if sys.argv[1:2] == ["--sample"] else 1
    root = "/usr/share/zoneinfo"
    zoneinfo.reset_tzpath([root])
    same = {}  # links share the bytes of their zone
    n = 0
    with open(os.path.join(root, "tzdata.zi"), encoding="ascii") as file:
        print(file.readline().strip())
    for name in sorted(zoneinfo.available_timezones()):
        path = os.path.join(root, name)
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            key = file.read()
        if key not in same:
            same[key] = rows_of(zoneinfo.ZoneInfo(name))
        for row in same[key]:
            if n % step == 0 or row[2] == "none":
                print(name, *row, sep="\t")
            n += 1


if __name__ == "__main__":
    main()
