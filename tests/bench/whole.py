#!/usr/bin/env python3
"""The whole daemon under load: replies through its HTTP endpoint (authenticated, read, sealed, checked
for repeats, rules stepped, committed), against the smallest Beast server with one commit before each
200, alternately in one job: on the disk as it is, and with 2 ms added to every sync.
Usage: whole.py BUILD_DIR SOURCE_DIR [--people N] [--rounds N]. Build the release preset first."""
import argparse
import json
import mmap
import os
import pathlib
import statistics
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "support"), str(HERE / "crash")]
from handsets import OURS, WORD, Handsets, accept_role, enrol
from rig import Service, expect, free_ports, run_test

SAM = "+447700900101"
FIRST, PEOPLE_MAX = 447700900150, 800  # numbers that are nobody's
SLOW_US = 2000


class Syncs:
    """The counter and the brake that libslow_sync.so shares with us."""

    def __init__(self, path):
        path.write_bytes(bytes(16))
        self.path = path
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 16)

    def count(self):
        return struct.unpack("<Q", self.map[:8])[0]

    def slow(self, us):
        self.map[8:16] = struct.pack("<Q", us)

    def env(self, library):
        return {**os.environ, "LD_PRELOAD": str(library), "SYNC_FILE": str(self.path)}


def request(port, path, body):
    head = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {WORD}\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def replies(port, people, day):
    out = []
    for n in people:
        body = json.dumps({"type": "mo", "event_id": f"b{day}-{n}", "from": f"+{FIRST + n}",
                           "to": OURS, "text": str(3 + (n + day) % 7)}).encode()
        out.append(request(port, "/hooks/phones", body))
    return out


def cpu_s(pid):
    """Of all threads, user and system: what a busy machine does not change much."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(tool, home, server, connections, requests, syncs):
    pid, port = server
    file = home / "requests"
    file.write_bytes(b"".join(str(len(r)).encode() + b"\n" + r for r in requests))
    before, cpu = syncs.count(), cpu_s(pid)
    done = subprocess.run([tool, str(port), str(connections), file], check=True,
                          capture_output=True, text=True, timeout=300)
    out = json.loads(done.stdout)
    out["syncs_per_reply"] = (syncs.count() - before) / len(requests)
    out["cpu_us"] = (cpu_s(pid) - cpu) * 1e6 / len(requests)
    expect(out["good"] == len(requests), f"{len(requests)} answers, each 2xx")
    return out


def memory(pid):
    """Resident, and the same with libraries divided among those who share them."""
    mb = {}
    for line in open(f"/proc/{pid}/smaps_rollup"):
        name, _, rest = line.partition(":")
        if name in ("Rss", "Pss"):
            mb[name] = int(rest.split()[0]) / 1024
    return f"{mb['Rss']:.1f} MB resident, {mb['Pss']:.1f} MB proportional"


def start_under(service, syncs, library):
    """As Service.start, with the disk imitated."""
    kept = dict(os.environ)
    os.environ.update(LD_PRELOAD=str(library), SYNC_FILE=str(syncs.path))
    try:
        service.start()
    finally:
        os.environ.clear()
        os.environ.update(kept)


def report(rows):
    for key in sorted({(r["added_us"], r["connections"]) for r in rows}):
        mine = [r for r in rows if (r["added_us"], r["connections"]) == key]
        median = {who: {f: statistics.median(r[f] for r in mine if r["who"] == who)
                        for f in ("per_s", "p50_us", "p99_us", "syncs_per_reply", "cpu_us")}
                  for who in ("moodlined", "least_server")}
        ours, least = median["moodlined"], median["least_server"]
        print(f"{key[0]} us added, {key[1]} connections: {ours['per_s']:.0f} replies/s against "
              f"{least['per_s']:.0f}: {ours['per_s'] / least['per_s']:.2f} times; p50 "
              f"{ours['p50_us'] / 1000:.1f} ms, p99 {ours['p99_us'] / 1000:.1f} ms; "
              f"{ours['syncs_per_reply']:.3f} syncs a reply against {least['syncs_per_reply']:.2f}; "
              f"{ours['cpu_us']:.0f} us of processor a reply against {least['cpu_us']:.0f}",
              flush=True)


def play(build, source, people, rounds, home):
    tools = pathlib.Path(build).resolve() / "tests" / "bench"
    ours, least = Syncs(home / "ours"), Syncs(home / "least")
    handsets = Handsets()
    service = Service(build, source, home, start="2026-03-02T17:00:00Z", secrets={
        "phones-word": WORD}, providers=(f"- {{name: phones, type: simulated, settings: {{send_url: "
                                         f'"http://127.0.0.1:{handsets.port}/", secret: phones-word}}}}'))
    service.revive = lambda: None
    sample = service.config / "service.yaml"  # its spend ceiling would halt so many texts
    sample.write_text(sample.read_text().replace("segments_per_day: 2000", "segments_per_day: 0")
                      .replace("segments_per_month: 40000", "segments_per_month: 0"))
    handsets.hook = f"http://127.0.0.1:{service.hooks_port}/hooks/phones"
    port = free_ports(1)[0]
    baseline = subprocess.Popen([tools / "least_server", str(port), home / "least.db"],
                                env=least.env(tools / "libslow_sync.so"))
    rows, day = [], 3
    try:
        start_under(service, ours, tools / "libslow_sync.so")
        print(f"idle: {memory(service.process.pid)}", flush=True)
        accept_role(service, handsets, SAM)
        for n in range(people):
            enrol(service, handsets, f"+{FIRST + n}", f"P{n}")
        service.settle()
        for added in (0, SLOW_US):
            ours.slow(added), least.slow(added)
            for connections in (16, 64):
                for _ in range(rounds):
                    service.go_to(f"2026-03-{day:02}T18:00:00Z", due_rows_max=2000 + 20 * people)
                    work = replies(service.hooks_port, range(people), day)
                    for who, at, syncs in (("moodlined", (service.process.pid, service.hooks_port), ours),
                                           ("least_server", (baseline.pid, port), least)):
                        row = load(tools / "http_load", home, at, connections, work, syncs)
                        rows.append({"who": who, "added_us": added, "connections": connections,
                                     **row})
                        print(json.dumps(rows[-1]), flush=True)
                    day += 1
        report(rows)
        series = service.moodline("person", "series", "P0")["readings"]
        expect(len(series) == day - 3, "every reply that was acknowledged is in the series")
        print(f"after it: {memory(service.process.pid)}")
        service.stop()
    finally:
        baseline.kill()
        baseline.wait()
        if service.alive():
            service.process.kill()
            service.process.wait()
        handsets.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("source")
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    if not 64 <= a.people <= PEOPLE_MAX:
        parser.error(f"--people: 64 to {PEOPLE_MAX}")
    return run_test(lambda home: play(a.build, a.source, a.people, a.rounds, home))


if __name__ == "__main__":
    sys.exit(main())
