#!/usr/bin/env python3
"""moodlined and Debian's gammu-smsd with its dummy phone, through spool folders: what the phone was
given is read from its driver's log, what people type is put into its memory.
Usage: story.py BUILD_DIR SOURCE_DIR; exit 77 without gammu-smsd."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from talk import Failed, Handsets, Service, run_test, short_story, wait_for

RC = """[gammu]
model = dummy
connection = none
device = {home}/dummy
[smsd]
service = files
logfile = {home}/smsd.log
debuglevel = 255
inboxpath = {home}/spool/inbox/
outboxpath = {home}/spool/outbox/
sentsmspath = {home}/spool/sent/
errorsmspath = {home}/spool/error/
inboxformat = unicode
transmitformat = auto
deliveryreport = log
commtimeout = 1
receivefrequency = 0
loopsleep = 1
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
"""
SAID = re.compile(r"gammu-smsd\[\d+\]: (?:gammu: )?(.*)$")


def utf16_hex(text):
    return text.encode("utf-16-be").hex().upper()


class Gammu:
    def __init__(self, home):
        self.home = home / "gammu"
        for folder in ("dummy/sms/1", "dummy/sms/2", "dummy/sms/3", "dummy/sms/4", "dummy/sms/5",
                       "spool/inbox", "spool/outbox", "spool/sent", "spool/error"):
            (self.home / folder).mkdir(parents=True)
        (self.home / "rc").write_text(RC.format(home=self.home))
        self.phones = Handsets(self.arrive)
        self.place = 0
        self.process = None
        self.ended = threading.Event()

    def start(self):
        environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        with open(self.home / "smsd.out", "wb") as out:
            self.process = subprocess.Popen(["gammu-smsd", "-c", self.home / "rc"], stdout=out,
                                            stderr=out, stdin=subprocess.DEVNULL, env=environment)
        wait_for("gammu-smsd's log", (self.home / "smsd.log").exists)
        threading.Thread(target=self.watch, daemon=True).start()

    def arrive(self, number, pieces, reference, unicode):
        """Texts in the phone's memory, all parts at once, in the format of gammu's backups."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        for i, piece in enumerate(pieces, 1):
            code = utf16_hex(piece)
            rows = [code[k:k + 200] for k in range(0, len(code), 200)] or [""]
            lines = ["[SMSBackup000]", "PDU = Deliver", 'SMSC = "+447700900998"',
                     f"DateTime = {now}", "State = UnRead", f'Number = "{number}"',
                     f"NumberUnicode = {utf16_hex(number)}"]
            if len(pieces) > 1:
                lines.append(f"UDH = 050003{reference:02X}{len(pieces):02X}{i:02X}")
            lines += [f"Text{k:02} = {row}" for k, row in enumerate(rows)]
            lines += ["Coding = " + ("Unicode" if unicode else "Default") + "_No_Compression",
                      "Folder = 1", f"Length = {len(piece)}", "Class = -1", "ReplySMSC = False",
                      "RejectDuplicates = False", "ReplaceMessage = 0", "MessageReference = 0", ""]
            self.place += 1
            target = self.home / "dummy/sms/1" / str(self.place)
            (self.home / "new").write_text("\n".join(lines))
            os.rename(self.home / "new", target)

    def watch(self):
        """Each submission as the dummy driver logs it: the number, the header, the content."""
        with open(self.home / "smsd.log", encoding="utf-8", errors="replace") as log:
            block, rest = None, ""
            while not self.ended.is_set():
                rest += log.read()
                *lines, rest = rest.split("\n")
                for line in lines:
                    said = SAID.search(line)
                    text = said[1] if said else line
                    if text == "SMS Submit":
                        block = []
                    elif block is not None and text.startswith("SMS sent on device"):
                        self.submitted(block)
                        block = None
                    elif block is not None:
                        block.append(text)
                time.sleep(0.05)

    def submitted(self, block):
        to = next(re.search(r'"(.*)"', x)[1] for x in block if x.startswith("Recipient number"))

        def dump(title):
            """The bytes of the hex dump under a title."""
            at = [i for i, x in enumerate(block) if x.startswith(title)]
            out = b""
            for x in block[at[0] + 2:] if at else []:
                cells = [x[k:k + 2] for k in range(0, min(len(x), 63), 4)]
                if not re.fullmatch(r"[0-9A-F]{2}", cells[0] if cells else ""):
                    break
                out += bytes(int(c, 16) for c in cells if c.strip())
            return out

        header = dump("UDH, length")
        reference, total, number = header[3:6] if header else (None, 1, 1)
        content = [i for i, x in enumerate(block) if x.startswith("Unicode SMS, length")]
        if content:
            length = int(block[content[0]].split()[-1])
            self.phones.part(to, dump("Unicode SMS, length")[:2 * length], True, reference, total,
                             number)
            return
        at = [i for i, x in enumerate(block) if x.startswith("7 bit SMS, length")][0]
        length = int(block[at].split()[-1])
        text = "\n".join(block[at + 1:])[:length]
        self.phones.part(to, text.encode("ascii"), False, reference, total, number)

    def flush(self):
        """Nothing lies in a folder; smsd goes round once a second."""
        def empty():
            if self.process.poll() is not None:
                raise Failed(f"gammu-smsd ended with {self.process.returncode}; see {self.home}")
            return not any(os.listdir(self.home / "spool" / f)
                           for f in ("inbox", "outbox", "sent", "error"))
        wait_for("gammu-smsd's folders to be empty", empty)

    def stop(self):
        self.ended.set()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def play(build, source, home):
    far = Gammu(home)
    service = Service(build, source, home, secrets={}, start="2026-03-02T17:30:00Z",
                      providers="- name: modem\n  type: gammu-smsd\n  settings:\n"
                      f'    spool: "{far.home}/spool"', packs=("en", "cy"))
    service.provider_name = "modem"
    service.write_config(service.start_at)
    try:
        far.start()
        short_story(service, far)
    finally:
        try:
            service.stop()
        finally:
            far.stop()


def main():
    build, source = sys.argv[1:3]
    if not shutil.which("gammu-smsd"):
        print("skipped: gammu-smsd is not installed (Debian package gammu-smsd)")
        return 77
    return run_test(lambda home: play(build, source, home))


if __name__ == "__main__":
    sys.exit(main())
