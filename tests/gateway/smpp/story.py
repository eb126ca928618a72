#!/usr/bin/env python3
"""moodlined, Debian's Kannel, and an SMPP message centre from npm (package smpp): what it was
submitted is what the handsets show. Usage: story.py BUILD_DIR SOURCE_DIR NPM_DIR; exit 77 without
Kannel, node or npm."""
import json
import pathlib
import shutil
import subprocess
import sys
import threading
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "kannel")]
from talk import Failed, Handsets, Service, expect, run_test, short_story, wait_for
import gateway

PASSWORD, PATHSECRET = "kannel-test-word", "hook-test-word"
SYSTEM_ID, BIND_PASSWORD = "moodline", "smppword"
INSTALL_S_MAX = 180
NODE_MIN = 18
SMSC = """group = smsc
smsc = smpp
smsc-id = A
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = {user}
smsc-password = {password}
system-type = ""
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 5
reconnect-delay = 1
"""


class Absent(Exception):
    """What the test needs is not there."""


def install(into):
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Absent(f"{program} is not installed (Debian packages nodejs and npm)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=20)
    if int(version.stdout.strip("v\n").split(".")[0]) < NODE_MIN:
        raise Absent(f"node is {version.stdout.strip()}, {NODE_MIN} is needed")
    lock = (HERE / "package-lock.json").read_text()
    done = into / "installed.lock"
    if not done.is_file() or done.read_text() != lock:
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, into)
        try:
            ran = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                                 cwd=into, capture_output=True, text=True, timeout=INSTALL_S_MAX)
        except subprocess.TimeoutExpired:
            raise Absent(f"npm ci took over {INSTALL_S_MAX} s") from None
        if ran.returncode != 0:
            raise Absent("npm ci failed:\n" + ran.stderr[-800:])
        done.write_text(lock)
    shutil.copy(HERE / "smsc.js", into)


class OverSmpp(gateway.Kannel):
    """Kannel with an SMPP link in the place of its fake message centre."""

    def __init__(self, home, hooks_port, npm):
        super().__init__(home, hooks_port, PASSWORD, PATHSECRET)
        path = self.home / "kannel.conf"
        groups = path.read_text().split("\n\n")
        groups = [SMSC.format(port=self.smsc, user=SYSTEM_ID, password=BIND_PASSWORD).strip()
                  if g.startswith("group = smsc\n") else g for g in groups]
        path.write_text("\n\n".join(groups))
        self.npm, self.bound, self.receipts = npm, threading.Event(), 0
        self.phones = Handsets(self.type)

    def start(self):
        with open(self.home / "smsc.out", "wb") as out:
            self.centre = subprocess.Popen(
                ["node", "smsc.js", str(self.smsc), SYSTEM_ID, BIND_PASSWORD], cwd=self.npm,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True)
        self.processes.append(self.centre)
        threading.Thread(target=self.listen, daemon=True).start()
        wait_for("the message centre", lambda: self.listens(self.smsc))
        self.begin("bearerbox")
        wait_for("bearerbox", lambda: self.listens(self.box))
        wait_for("Kannel to bind", self.bound.is_set)
        self.begin("smsbox")
        wait_for("smsbox", lambda: self.listens(self.send))

    def type(self, number, pieces, reference, unicode):
        said = {"from": number, "parts": pieces, "reference": reference, "unicode": unicode}
        self.centre.stdin.write(json.dumps(said) + "\n")
        self.centre.stdin.flush()

    def listen(self):
        for line in self.centre.stdout:
            said = json.loads(line)
            if said.get("bound"):
                self.bound.set()
            if "to" not in said:
                continue
            self.receipts += said["receipt"]
            unicode = said["coding"] == 8
            data = said["text"].encode("utf-16-be", "surrogatepass") if unicode else \
                said["text"].encode("ascii")
            header = [bytes.fromhex(h) for h in said["udh"]]
            reference, total, number = header[0][2:5] if header else (None, 1, 1)
            self.phones.part("+" + said["to"].lstrip("+"), data, unicode, reference, total, number)

    def stop(self):
        phones, self.phones = self.phones, None
        super().stop()
        self.phones = phones


def receipts(service):
    """How many receipts came home, by the daemon's own metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{service.pages_port}/metrics") as page:
        lines = page.read().decode().splitlines()
    return sum(float(x.split()[-1]) for x in lines if "receipts" in x and 'what="ours"' in x)


def play(build, source, npm, home):
    service = Service(
        build, source, home, secrets={"kannel-password": PASSWORD, "kannel-hook": PATHSECRET},
        start="2026-03-02T17:30:00Z", providers="", packs=("en", "cy"))
    far = OverSmpp(home, service.hooks_port, npm)
    service.providers = (
        "- name: kannel\n  type: kannel\n  settings:\n"
        f'    send_url: "http://127.0.0.1:{far.send}/cgi-bin/sendsms"\n'
        "    username: moodline\n    password: kannel-password\n    path_secret: kannel-hook")
    service.provider_name = "kannel"
    service.write_config(service.start_at)
    try:
        far.start()

        def before_the_end():
            wait_for("the message centre's receipts", lambda: receipts(service) >= 10)
            expect(far.receipts >= 10, "receipts were asked for, and came home")
        short_story(service, far, before_the_end)
    finally:
        try:
            service.stop()
        finally:
            far.stop()


def main():
    build, source, npm = sys.argv[1:4]
    try:
        if not gateway.installed():
            raise Absent("Kannel is not installed (Debian package kannel)")
        install(pathlib.Path(npm))
    except Absent as why:
        print(f"skipped: {why}")
        return 77
    return run_test(lambda home: play(build, source, pathlib.Path(npm), home))


if __name__ == "__main__":
    sys.exit(main())
