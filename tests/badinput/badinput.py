#!/usr/bin/env python3
"""Bad input to the real processes: each is answered with a clear error that says what to do, each is
counted, and nothing is lost. Usage: badinput.py BUILD_DIR SOURCE_DIR [CASE...]"""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "support"), str(HERE / "crash")]
from handsets import OURS, WORD, Handsets, accept_role, enrol
from rig import Failed, Service, expect, run_test, wait_for

MJ, SAM = "+447700900123", "+447700900101"
START = "2026-03-02T18:30:00Z"
EVENING = "2026-03-03T18:00:00Z"
HOOK = "bad-input-hook"
STRANGER = "+447700900999"
DISK_BYTES = 24 * 1024 * 1024


class Watched(Service):
    """A Service whose metrics and answers a test reads. It never crashes here."""

    def revive(self):
        raise Failed(f"the daemon did not answer 200\n{self.log_tail()}")

    def get(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def post(self, path, body, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.hooks_port, timeout=30)
        connection.request("POST", path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def tool(self, *args):
        done = subprocess.run([self.build / "moodline", "--socket", self.socket, *args],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def log(self):
        return (self.home / "moodlined.log").read_text(errors="replace")

    def fails_to_start(self):
        """Exit code and what it said on standard error."""
        done = subprocess.run(
            [self.build / "moodlined", "--config", self.config, "--credentials", self.credentials,
             "--languages", self.source / "config" / "languages"],
            capture_output=True, text=True, timeout=120)
        return done.returncode, done.stderr

    def readings(self):
        return {r["day"]: r["value"] for r in self.moodline("person", "series", "MJ")["readings"]}


class World:
    def __init__(self, build, source, home):
        self.handsets = Handsets()
        self.service = Watched(build, source, home, providers="", start=START,
                               secrets={"phones-word": WORD, "kannel-password": "x",
                                        "kannel-hook": HOOK})
        url = f"http://127.0.0.1:{self.handsets.port}/"
        self.service.providers = (
            f'- {{name: phones, type: simulated, settings: {{send_url: "{url}", '
            "secret: phones-word}}\n"
            f'- {{name: kannel, type: kannel, settings: {{send_url: "{url}", username: moodline, '
            "password: kannel-password, path_secret: kannel-hook}}")
        self.service.write_config(START)
        self.handsets.hook = f"http://127.0.0.1:{self.service.hooks_port}/hooks/phones"

    def enrolled(self):
        self.service.start()
        accept_role(self.service, self.handsets, SAM)
        enrol(self.service, self.handsets, MJ, "MJ")
        self.service.settle()
        self.service.go_to(EVENING)
        return self.service

    def close(self):
        self.handsets.close()
        if self.service.alive():
            self.service.process.kill()
            self.service.process.wait()


# ---- one test each --------------------------------------------------------------------------------

def a_wrong_number(w):
    s = w.service
    s.start()
    for number in ("07700 9", "+4477009001234567", "tomorrow", ""):
        code, said = s.tool("person", "add", "--number", number, "--as", "MJ", "--programme",
                            "evening-mood", "--track", "mood=sleep", "--agreed-with", "Sam Reed",
                            "--agreed-on", "2026-03-02")
        expect(code == 1 and "number" in said and re.search(r"such as|write|give", said),
               f'"{number}" is refused: {said.strip()}')
    expect(s.metric("actions_refused_total", action="person.add") == 4, "counted")
    expect(s.moodline("person", "list") == [] and not w.handsets.of(""), "nobody was added")
    before = s.metric("texts_in_total", what="stranger")
    headers = {"Content-Type": "text/plain; charset=UTF-8", "X-Kannel-From": "INFO",
               "X-Kannel-To": OURS}
    status, _ = s.post(f"/hooks/kannel/{HOOK}", b"Your parcel", headers)
    expect(status == 200, "a text from what is no number is taken, or it would come for ever")
    expect(s.metric("texts_in_total", what="stranger") == before + 1, "counted as a stranger's")


def an_unknown_provider_path(w):
    s = w.enrolled()
    status, said = s.post("/hooks/nobody", b"{}")
    expect(status == 404 and json.loads(said)["error"]["code"] == "not_found", "404, no more said")
    expect(s.metric("webhooks_refused_total", why="no_such_provider") == 1, "counted")
    expect("names no provider of service.yaml" in s.log() and "nobody" not in s.log(),
           "the log says what to look at, without a stranger's words")
    status, _ = s.post("/somewhere", b"{}")
    expect(status == 404, "so is any other path")
    status, _ = s.post("/hooks/kannel/guess", b"{}")
    expect(status == 403 and s.metric("webhooks_refused_total", provider="kannel") == 1,
           "a known provider with a wrong word is refused and counted")


def an_oversized_body(w):
    s = w.enrolled()
    status, _ = s.post("/hooks/phones", b"x" * (64 * 1024 + 1), {"Authorization": "Bearer " + WORD})
    expect(status == 413, "413")
    expect(s.metric("http_refused_total", why="too_large") == 1, "counted")
    w.handsets.say(MJ, "3", s.revive)
    expect(s.readings() == {"2026-03-03": "3"}, "the next one is read")


def a_bad_charset(w):
    s = w.enrolled()
    for n, (charset, body) in enumerate(((b"KLINGON-1", "3 caf\xe9".encode("latin-1")),
                                         (b"UTF-8", b"3 \xff\xfe"), (b"UTF-16BE", b"\xd8\x00"))):
        headers = {"Content-Type": b"text/plain; charset=" + charset, "X-Kannel-From": MJ,
                   "X-Kannel-To": OURS, "X-Kannel-ID": f"c{n}"}
        status, _ = s.post(f"/hooks/kannel/{HOOK}", body, headers)
        expect(status == 200, f"{charset.decode()}: taken, not bounced")
    taken = s.metric("texts_in_total", provider="kannel", what="stored")
    expect(taken == 3, f"each is stored and counted ({taken:.0f})")
    expect(s.readings().get("2026-03-03") == "3", "what can be read of it is read")
    expect(s.moodline("audit", "verify") == {"verified": True}, "the store is whole")


def a_reply_from_a_stranger(w):
    s = w.enrolled()
    before = len(w.handsets.texts)
    w.handsets.say(STRANGER, "7", s.revive)
    s.settle()
    expect(s.metric("texts_in_total", what="stranger") == 1, "counted")
    expect(s.readings() == {}, "no series takes it")
    answers = w.handsets.of(STRANGER)
    expect(len(answers) <= 1, f"at most one answer goes back ({answers})")
    for _ in range(5):
        w.handsets.say(STRANGER, "7", s.revive)
    s.settle()
    expect(len(w.handsets.of(STRANGER)) <= 1 and len(w.handsets.texts) <= before + 1,
           "however often they write")
    expect(STRANGER not in s.log() and STRANGER[3:] not in s.log(), "their number is in no log")


def a_broken_configuration(w):
    s = w.service
    good = (s.config / "service.yaml").read_text()
    (s.config / "service.yaml").write_text(good.replace("country: GB", "country: no\ncolour: blue"))
    code, said = s.fails_to_start()
    expect(code == 78, "exit 78")
    expect(re.search(r"service\.yaml:\d+:\d+: country: .+; ", said) and "colour" in said,
           "every problem by file, line and column, with its cure")
    (s.config / "service.yaml").write_text(good)
    w.enrolled()
    (s.config / "service.yaml").write_text(good + "colour: blue\n")
    code, said = s.tool("reload")
    expect(code != 0 and "colour" in said, "moodline reload: refused, with the same words")
    s.process.send_signal(signal.SIGHUP)
    wait_for("the refusal", lambda: s.metric("reloads_total", outcome="refused") == 2)
    expect(s.metric("config_bad") == 1, "counted, and shown while it lasts")
    w.handsets.say(MJ, "3", s.revive)
    expect(s.readings() == {"2026-03-03": "3"}, "the old configuration goes on")
    (s.config / "service.yaml").write_text(good)
    code, said = s.tool("reload")
    expect(code == 0 and s.metric("config_bad") == 0, "mended")
    expect("restart" not in said, "and nothing waits for a restart")
    (s.config / "service.yaml").write_text(good.replace(f":{s.hooks_port}", ":9"))
    code, said = s.tool("reload")
    expect(code == 0 and re.search(r"restart moodlined.*: listeners\.webhooks\b(?!,)", said),
           f"what only a restart takes up is named: {said.strip()}")


def a_full_disk(w):
    s = w.service
    state = s.home / "state"
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", state],
        capture_output=True).returncode == 0
    if not mounted:
        raise Skipped("a small disk cannot be mounted here (needs root)")
    try:
        w.enrolled()
        filler = state / "filler"
        file = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(file, b"\0" * 4096)
        os.close(file)
        body = {"type": "mo", "event_id": "full", "from": MJ, "to": OURS, "text": "3"}
        # The log still has room for a little: fill it until a reply is refused.
        tries = [w.handsets.post({**body, "event_id": f"full{n}", "text": "3"}) for n in range(40)]
        expect(not tries[-1], "a reply that cannot be written is not acknowledged")
        status, said = s.post("/hooks/phones", json.dumps(body),
                              {"Authorization": "Bearer " + WORD,
                               "Content-Type": "application/json"})
        expect(status == 503 and "try_again" in said, "503: the provider keeps it and tries again")
        expect(s.metric("store_errors_total", code="disk_full") > 0, "counted")
        status, said = s.get(s.pages_port, "/readyz")
        expect(status == 503 and "disk_full" in said, "/readyz says so")
        expect(re.search(r"disk_full.*(free|space|room)", s.log()), "the log says what to do")
        expect(s.alive(), "the daemon goes on")
        filler.unlink()
        wait_for("the store to take writes again", lambda: s.get(s.pages_port, "/readyz")[0] == 200)
        w.handsets.say(MJ, "2", s.revive)
        expect(w.handsets.post(body), "the reply that was refused is taken when it comes again")
        expect(s.metric("texts_in_total", what="stored") >= 2, "and is stored")
        expect(s.readings().get("2026-03-03") in ("2", "3"), "the series has the evening's reading")
        expect(s.moodline("audit", "verify") == {"verified": True}, "the audit trail is whole")
        expect(s.stop() == 0, "it stops as ever")
    finally:
        if s.alive():
            s.process.kill()
            s.process.wait()
        subprocess.run(["umount", "-l", state], check=True)


def a_missing_key(w):
    s = w.service
    key = s.credentials / "moodline-master-key"
    kept = key.read_text()
    key.unlink()
    code, said = s.fails_to_start()
    expect(code == 78, "exit 78: starting again would not mend it")
    expect("moodline-master-key" in said and "moodline key new" in said, said.strip())
    expect(not (s.home / "state" / "moodline.db").exists(), "no store was begun without it")
    key.write_text(kept)
    key.chmod(0o600)
    s.start()
    expect(s.stop() == 0, "with it back, it starts")
    key.unlink()
    subprocess.run([s.build / "moodline", "key", "new", key, "--purpose", "master"], check=True,
                   capture_output=True)
    code, said = s.fails_to_start()
    expect(code == 78 and "key" in said, f"another key does not open the store: {said.strip()}")


def a_key_that_others_can_read(w):
    s = w.service
    key = s.credentials / "moodline-master-key"
    key.chmod(0o644)
    code, said = s.fails_to_start()
    expect(code == 78 and "chmod" in said and "moodline-master-key" in said, said.strip())
    expect(key.read_text().split()[-1] not in said, "the key is not shown")
    key.chmod(0o600)
    s.start()
    expect((code := s.stop()) == 0, f"made private, it starts, and stops with {code}")


def a_port_in_use(w):
    s = w.service
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", s.hooks_port))
        taken.listen()
        code, said = s.fails_to_start()
        expect(code == 1, "exit 1: the next start may find it free")
        expect(str(s.hooks_port) in said and "in use" in said and "choose another" in said,
               said.strip().splitlines()[-1])
    s.start()
    second = subprocess.run([s.build / "moodlined", "--config", s.config, "--credentials",
                             s.credentials, "--languages", s.source / "config" / "languages"],
                            capture_output=True, text=True, timeout=120)
    expect(second.returncode == 1 and re.search(r"in use|another|end it", second.stderr),
           f"a second daemon over the same store is refused: {second.stderr.strip()}")
    expect(s.ready() and s.metric("store_errors_total") == 0, "the first one goes on unharmed")


CASES = (a_wrong_number, an_unknown_provider_path, an_oversized_body, a_bad_charset,
         a_reply_from_a_stranger, a_broken_configuration, a_full_disk, a_missing_key,
         a_key_that_others_can_read, a_port_in_use)


def play(case, build, source, home):
    print(case.__name__.replace("_", " "), flush=True)
    world = World(build, source, home)
    try:
        case(world)
    finally:
        world.close()


def main():
    build, source, *names = sys.argv[1:]
    chosen = [c for c in CASES if not names or c.__name__ in names]
    bad, skipped = [], []
    for case in chosen:
        code = run_test(lambda home, c=case: play(c, build, source, home))
        if code != 0:
            (skipped if code == 77 else bad).append(case.__name__)
    passed = len(chosen) - len(bad) - len(skipped)
    print(f"{passed} passed, {len(skipped)} skipped, {len(bad)} failed: {' '.join(bad)}")
    if bad:
        return 1
    return 77 if skipped and not passed else 0


if __name__ == "__main__":
    sys.exit(main())
