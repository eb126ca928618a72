#!/usr/bin/env python3
"""The alert rules, the dashboard and the operator's guide name metrics that the daemon has, and the rules
fire when they should. Usage: alerts.py SOURCE_DIR; exit 77, after the names, without promtool."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent


def counted(source):
    """Names of metrics as /metrics shows them, from where the daemon counts them."""
    names = set()
    for path in (source / "daemon").rglob("*.cpp"):
        text = path.read_text()
        for how, name in re.findall(r'metrics_?\.(count|gauge|observe_s)\(\s*"([a-z_]+)"', text):
            tail = {"count": "_total", "gauge": "", "observe_s": "_seconds"}[how]
            names.add(f"moodline_{name}{tail}")
    return names


def used(path):
    """Names of metrics in a file; a histogram's parts are its own."""
    text = path.read_text()
    found = set(re.findall(r"\bmoodline_[a-z_]+", text))
    if path.suffix == ".md":  # the guide's table leaves the prefix out
        table = text.partition("| metric, labels |")[2].partition("\n\n")[0]
        bare = re.findall(r"^\| `([a-z_]+)`", table, re.M) + re.findall(r"`([a-z_]+_total)`", text)
        found |= {name if name.startswith("moodline_") else f"moodline_{name}" for name in bare}
    found.discard("moodline_")
    return {re.sub(r"_seconds_(bucket|sum|count)$", "_seconds", name) for name in found}


def check_names(source):
    known = counted(source)
    bad = []
    for name in ("systemd/prometheus/moodline-alerts.yaml", "systemd/prometheus/moodline-dashboard.json",
                 "docs/guide-operator.md", "docs/runbook.md"):
        bad += [f"{name}: {m} is counted nowhere" for m in sorted(used(source / name) - known)]
    return bad, known


def main():
    source = pathlib.Path(sys.argv[1]).resolve()
    bad, known = check_names(source)
    rules = source / "systemd" / "prometheus" / "moodline-alerts.yaml"
    tests = (HERE / "alerts_test.yaml").read_text()
    for rule in yaml.safe_load(rules.read_text())["groups"][0]["rules"]:
        if f"alertname: {rule['alert']}\n    exp_alerts: [{{" not in tests:
            bad.append(f"{rule['alert']}: no test in alerts_test.yaml shows that it fires")
    if bad or not known:
        print("\n".join(bad) or "no metric was found in daemon/; mend this test")
        return 1
    print(f"{len(known)} metrics; every one that is named exists, every rule has a test")
    promtool = shutil.which("promtool")
    if promtool is None:
        print("skipped: promtool is not installed (Debian package prometheus)")
        return 77
    with tempfile.TemporaryDirectory() as home:
        test = pathlib.Path(home) / "test.yaml"
        test.write_text(tests.replace("RULES", str(rules)))
        done = subprocess.run([promtool, "test", "rules", test], timeout=120)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
