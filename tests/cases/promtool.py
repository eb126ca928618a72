#!/usr/bin/env python3
"""Plain streaks without gaps against Debian's promtool: `for` of N-1 days over one sample a day.

Usage: promtool.py RUN_CASES [SERIES]. Writes SERIES (10,000) random series as labels of one
promtool test, and the same series as neutral cases; both must say the same for each. Exits 77
(skipped) where promtool is not installed.
"""
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

DAYS, BELOW, N = 14, 4, 3
SERIES_PER_TEST = 2_500
RULES = f"""groups:
- name: streak
  interval: 1d
  rules:
  - alert: low
    expr: mood < {BELOW}
    for: {N - 1}d
"""


def first_fire(values):
    """Index of the first day on which N values running are below the line."""
    run = 0
    for day, value in enumerate(values):
        run = run + 1 if value < BELOW else 0
        if run == N:
            return day
    return None


def prom_test(series, fires):
    """Series as labels: promtool bounds the samples of a query, so several tests."""
    out = ["rule_files: [rules.yml]", "evaluation_interval: 1d", "tests:"]
    for first in range(0, len(series), SERIES_PER_TEST):
        some = range(first, min(first + SERIES_PER_TEST, len(series)))
        out += prom_group(series, fires, some)
    return "\n".join(out) + "\n"


def prom_group(series, fires, some):
    out = ["- interval: 1d", "  input_series:"]
    for i in some:
        values = series[i]
        out.append(f"  - {{series: 'mood{{id=\"{i}\"}}', values: '{' '.join(map(str, values))}'}}")
    out.append("  alert_rule_test:")
    for day in range(DAYS):
        # promtool lists what is firing on that day: those whose last N values are low.
        firing = [i for i in fires[day] if i in some]
        out.append(f"  - eval_time: {day}d\n    alertname: low\n    exp_alerts:" +
                   ("" if firing else " []"))
        out += [f"    - {{exp_labels: {{id: \"{i}\"}}}}" for i in firing]
    return out


def neutral_case(i, values):
    fire = first_fire(values)
    stamp = lambda day, minute: f"2026-03-{day + 1:02}T18:{minute:02}:00Z"
    rule = {"kind": "streak", "test": "below", "threshold": BELOW, "n": N, "unit": "day",
            "missing": "break", "max_gap": 0, "max_excluded": 0, "per_day": "last",
            "decide": "on_reply", "settle_min": 0, "reply_window_h": 18, "day_start": "04:00",
            "clear_at_least": 1000, "clear_n": 30, "stale_days": 400}
    return {"name": f"series_{i}", "timezone": "UTC", "rule": rule,
            "prompts": [{"at": stamp(d, 0), "status": "sent"} for d in range(DAYS)],
            "readings": [{"at": stamp(d, 5), "value": v} for d, v in enumerate(values)],
            "until": stamp(DAYS, 0),
            "expect": [] if fire is None else [{"event": "fire", "at": stamp(fire, 5)}]}


def main():
    run_cases = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    if shutil.which("promtool") is None:
        print("skipped: promtool is not installed (Debian package prometheus)")
        return 77
    rng = random.Random(7)
    series = [[rng.choice([1, 2, 3, 3, 4, 5]) for _ in range(DAYS)] for _ in range(count)]
    fires = [[i for i, v in enumerate(series) if d >= N - 1 and all(x < BELOW for x in v[d - N + 1:d + 1])]
             for d in range(DAYS)]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "rules.yml").write_text(RULES)
        (root / "test.yml").write_text(prom_test(series, fires))
        prom = subprocess.run(["promtool", "test", "rules", "test.yml"], cwd=root, capture_output=True, text=True)
        if prom.returncode != 0:
            print("promtool disagrees:\n" + (prom.stdout + prom.stderr)[:2000])
            return 1
        # JSON is YAML: the same days, and the first firing day of each from promtool's own table.
        cases = {"format": 1, "cases": [neutral_case(i, v) for i, v in enumerate(series)]}
        (root / "cases.yaml").write_text(json.dumps(cases))
        ours = subprocess.run([run_cases, str(root / "cases.yaml")], capture_output=True, text=True)
        print("\n".join(ours.stdout.splitlines()[-5:]))
        print(f"promtool agrees on {count} series, {sum(first_fire(v) is not None for v in series)} of which fire"
              if ours.returncode == 0 else "the engine disagrees with promtool")
        return ours.returncode


if __name__ == "__main__":
    sys.exit(main())
