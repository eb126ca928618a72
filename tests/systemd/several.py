#!/usr/bin/env python3
"""Several services on one machine: their units name no folder in common, and two daemons run beside
each other with the same person in one of them only. Usage: several.py BUILD_DIR SOURCE_DIR"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import Service, expect, run_test

NUMBER = "+447700900123"
FOLDERS = {"ExecStart": "/etc", "LoadCredential": "/etc", "StateDirectory": "/var/lib",
           "RuntimeDirectory": "/run"}


def folders_of(unit, instance):
    """Every folder that a unit reads or is given."""
    out = set()
    for line in unit.read_text().replace("%i", instance).splitlines():
        key, _, value = line.partition("=")
        if key in ("StateDirectory", "RuntimeDirectory"):
            out.add(f"{FOLDERS[key]}/{value}")
        elif key in ("ExecStart", "LoadCredential"):
            out.update(re.findall(r"/etc/[\w/@.-]+", value))
    return out


def the_units(build):
    one = folders_of(build / "systemd/moodlined.service", "")
    two = folders_of(build / "systemd/moodlined@.service", "town")
    three = folders_of(build / "systemd/moodlined@.service", "coast")
    expect("/etc/moodline" in one and "/etc/moodline-town" in two and len(two) >= 4,
           "each unit names its folders")
    for a, b in ((one, two), (one, three), (two, three)):
        below = [(x, y) for x in a for y in b if (x + "/").startswith(y + "/") or
                 (y + "/").startswith(x + "/")]
        expect(not below, f"no folder of one is a folder of another, nor below it {below}")


def the_daemons(build, source, home):
    services = []
    try:
        for name in ("moodline", "moodline-town"):
            (home / name).mkdir()
            service = Service(build, source, home / name, None, {}, "2026-03-02T17:30:00Z",
                              packs=["en"])
            services.append(service)
            service.start()
        here, there = services
        for service, code in ((here, "MJ"), (there, "ZZ")):
            service.moodline("person", "add", "--number", NUMBER, "--as", code, "--programme",
                             "evening-mood", "--track", "mood=to see what helps", "--agreed-with",
                             "Sam Reed", "--agreed-on", "2026-03-02")
        expect([p["as"] for p in here.moodline("person", "list")] == ["MJ"] and
               [p["as"] for p in there.moodline("person", "list")] == ["ZZ"],
               "one number in two services is two people who do not meet")
        store = home / "moodline" / "state"
        text = (there.config / "service.yaml").read_text()
        there.stop()
        expect(here.moodline("person", "list"), "when one ends, the other goes on")
        (there.config / "service.yaml").write_text(
            text.replace(str(home / "moodline-town" / "state"), str(store)))
        done = subprocess.run([build / "moodlined", "--config", there.config, "--credentials",
                               there.credentials, "--languages", there.languages],
                              capture_output=True, text=True, timeout=60)
        expect(done.returncode != 0, "one that is given another's store is refused")
        expect(here.moodline("person", "list")[0]["as"] == "MJ", "and the other is not touched")
    finally:
        for service in services:
            service.stop()


def play(home):
    build, source = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    the_units(build)
    the_daemons(build, source, home)


if __name__ == "__main__":
    sys.exit(run_test(play))
