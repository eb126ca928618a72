#!/usr/bin/env python3
"""moodlined and Debian's smstools3 (smsd) with a scripted modem, through spool folders: what the
modem was given to send, decoded, is what the handsets show.
Usage: story.py BUILD_DIR SOURCE_DIR; exit 77 without smsd."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from modem import Modem
from talk import Failed, Handsets, Service, expect, run_test, short_story, wait_for

CONF = """devices = GSM1
loglevel = 6
logfile = {home}/smsd.log
infofile = {home}/smsd.running
pidfile = {home}/smsd.pid
outgoing = {home}/spool/outgoing
checked = {home}/spool/checked
incoming = {home}/spool/incoming
report = {home}/spool/report
sent = {home}/spool/sent
failed = {home}/spool/failed
delaytime = 1
errorsleeptime = 1
autosplit = 3
[GSM1]
device = @127.0.0.1:{port}
incoming = high
report = yes
memory_start = 1
"""
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


class Smstools:
    def __init__(self, home):
        self.home = home / "smstools"
        for folder in ("outgoing", "checked", "incoming", "report", "sent", "failed"):
            (self.home / "spool" / folder).mkdir(parents=True)
        self.phones = Handsets(lambda *said: self.modem.arrive(*said))
        self.modem = Modem(self.phones.part)
        (self.home / "smsd.conf").write_text(CONF.format(home=self.home, port=self.modem.port))
        self.process = None

    def start(self):
        with open(self.home / "smsd.out", "wb") as out:
            # In the foreground (-t), in a session of its own: it forks one process a modem.
            self.process = subprocess.Popen(
                [shutil.which("smsd", path=PATH), "-c" + str(self.home / "smsd.conf"), "-t"],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "TZ": "UTC"})

    def flush(self):
        """Nothing lies in a folder, and nothing in the modem's memory."""
        def empty():
            if self.process.poll() is not None:
                raise Failed(f"smsd ended with {self.process.returncode}; see {self.home}")
            return not self.modem.memory and not any(
                os.listdir(folder) for folder in (self.home / "spool").iterdir())
        wait_for("smsd's folders to be empty", empty)

    def stop(self):
        if self.process and self.process.poll() is None:
            for how in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self.process.pid, how)
                    self.process.wait(10)
                    break
                except subprocess.TimeoutExpired:
                    continue
                except ProcessLookupError:
                    break
        self.modem.shutdown()
        self.modem.server_close()


def play(build, source, home):
    far = Smstools(home)
    service = Service(build, source, home, secrets={}, start="2026-03-02T17:30:00Z",
                      providers="- name: modem\n  type: smstools3\n  settings:\n"
                      f'    spool: "{far.home}/spool"', packs=("en", "cy"))
    service.provider_name = "modem"
    service.write_config(service.start_at)
    try:
        far.start()
        short_story(service, far)
        expect(far.modem.reports >= 10, "receipts were asked for")
    finally:
        try:
            service.stop()
        finally:
            far.stop()


def main():
    build, source = sys.argv[1:3]
    if not shutil.which("smsd", path=PATH):
        print("skipped: smsd is not installed (Debian package smstools)")
        return 77
    return run_test(lambda home: play(build, source, home))


if __name__ == "__main__":
    sys.exit(main())
