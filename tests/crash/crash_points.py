#!/usr/bin/env python3
"""moodlined killed with SIGKILL at named points of three low evenings and their alert, and started
again. Afterwards: no slot texted twice, no acknowledged reply lost, the alert there once or visibly
repeated. Usage: crash_points.py BUILD_DIR SOURCE_DIR [POINT...]"""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from handsets import Crashing, Handsets, accept_role, enrol
from rig import expect, run_test

MJ, SAM, ANA, GWEN = ("+447700900123", "+447700900101", "+447700900102", "+447700900103")
EVENINGS = (("2026-03-03", "3"), ("2026-03-04", "3"), ("2026-03-05", "2"))
AT_ONCE = 2
POINTS = ("outbox.claimed:1",        # the first question, claimed, never called
          "outbox.claimed:7",        # the alert, likewise
          "outbox.called:1",         # a question that the provider took, and we do not know
          "outbox.called:7",         # the alert, likewise
          "outbox.settled:1",
          "inbox.read:1",            # a reply that was read, not stored
          "inbox.committed:2",       # a reply that was stored, and its sender does not know
          "deadlines.committed:1",   # the question is planned, not sent
          "deadlines.committed:2",
          "store.before_commit:4", "store.after_commit:4", "store.before_done:4")


class Joined:
    """One person who agreed, and Sam who accepted, as files to begin from."""

    def __init__(self, build, source, home):
        self.home = home
        self.handsets = Handsets()
        service = Crashing(build, source, home, self.handsets, "2026-03-02T18:30:00Z")
        try:
            service.start()
            for number in (SAM, ANA, GWEN):
                accept_role(service, self.handsets, number)
            enrol(service, self.handsets, MJ, "MJ")
            self.handsets.deliver(service.revive)
            service.settle()
            self.now = service.now()
            service.stop()
        finally:
            service.kill()
            self.handsets.close()

    def copy(self, build, source, home):
        handsets = Handsets()
        handsets.texts = list(self.handsets.texts)
        handsets.count = self.handsets.count
        service = Crashing(build, source, home, handsets, self.now)
        for folder in ("state", "credentials"):
            shutil.rmtree(home / folder)
            shutil.copytree(self.home / folder, home / folder)
        return service, handsets


def play(joined, build, source, point, home):
    service, handsets = joined.copy(build, source, home)
    try:
        service.start(crash_at=point)
        for day, words in EVENINGS:
            service.go_to(f"{day}T18:00:00Z")
            handsets.deliver(service.revive)
            handsets.say(MJ, words, service.revive)
        service.go_to("2026-03-06T08:59:00Z")
        handsets.deliver(service.revive)
        service.go_to("2026-03-06T09:45:00Z")
        expect(service.crashes == 1, f"{point}: it was killed there, once")
        asked = sum("mood been today" in t for t in handsets.of(MJ))
        lost = 1 if point.startswith("outbox") else 0
        expect(len(EVENINGS) - lost <= asked <= len(EVENINGS),
               f"{point}: no evening is asked twice, and others are asked ({asked} questions)")
        series = {r["day"]: r["value"] for r in service.moodline("person", "series", "MJ")[
            "readings"]}
        expect(series == dict(EVENINGS), f"{point}: no acknowledged reply is lost or counts twice")
        echoes = sum(t.startswith("Got ") for t in handsets.of(MJ))
        expect(echoes <= len(EVENINGS), f"{point}: no reply is answered twice")
        alerts = service.moodline("alert", "list")
        expect(len(alerts) == 1, f"{point}: one alert is open")
        told = sum(f"Check-in {alerts[0]['code']}" in t for t in handsets.of(SAM))
        attempts = sum(t["attempts"] for t in service.moodline("alert", "show", alerts[0]["code"])[
            "texts"] if t["to"] == "sam")
        expect(told == 1 or 1 < told <= attempts,
               f"{point}: the alert arrived once, or each repeat is on the record "
               f"({told} of {attempts})")
        expect(service.moodline("audit", "verify") == {"verified": True},
               f"{point}: the audit trail verifies")
        ended = service.stop()
        expect(ended == 0, f"{point}: it ends cleanly ({ended})")
    finally:
        service.kill()
        handsets.close()


def refused_live(build, source, home):
    """A named point outside a test is refused before anything is opened."""
    service = Crashing(build, source, home, handsets := Handsets(), "2026-03-02T18:30:00Z")
    handsets.close()
    path = service.config / "service.yaml"
    text = path.read_text().replace("mode: test ", "mode: live ").replace(
        service.providers, "- {name: phones, type: kannel, settings: {username: moodline, "
        "password: phones-word, path_secret: phones-word}}")
    path.write_text(text[:text.rindex("\nclock: ")] + "\n")
    done = subprocess.run([service.build / "moodlined", "--config", service.config, "--credentials",
                           service.credentials, "--languages", service.languages],
                          env={"MOODLINE_CRASH_AT": "outbox.claimed"}, capture_output=True,
                          text=True, timeout=60)
    expect(done.returncode != 0 and "not a demo or test configuration" in done.stderr,
           "a live service does not start with a crash point named")


def main():
    build, source, *points = sys.argv[1:]
    source = pathlib.Path(source)
    begun = time.monotonic()

    def all_points(home):
        (home / "joined").mkdir()
        joined = Joined(build, source, home / "joined")

        def one(point):
            place = home / point.replace(":", "-")
            place.mkdir()
            try:
                play(joined, build, source, point, place)
            except Exception:
                print(f"at {point}; its log ends:\n"
                      f"{(place / 'moodlined.log').read_text(errors='replace')[-3000:]}")
                raise
            shutil.rmtree(place)

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, points or POINTS))

    if not points and run_test(lambda home: refused_live(build, source, home)) != 0:
        return 1
    code = run_test(all_points)
    print(f"{len(points or POINTS)} points in {time.monotonic() - begun:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
