"""Kannel and the phones behind its fake SMSC. One TCP connection carries both directions, a line
a message: `SENDER RECEIVER KIND BODY`."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from rig import Failed, free_ports, wait_for

OURS = "+447700900000"
NOBODY = "+447700900999"  # a phone that only ever gets flush()'s texts
HEAD = re.compile(rb"^(\+?\d+) (\+?\d+) (text|ucs-2|udh|data) ?(.*)$", re.S)


def installed():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    return all(shutil.which(program, path=path) for program in ("bearerbox", "smsbox"))


def bytes_of(encoded):
    return urllib.parse.unquote_to_bytes(encoded.replace(b"+", b" "))


class Text:
    """A text as a handset shows it: joined, decoded; `parts` as they went over the air."""

    def __init__(self, sender, to, text, parts, unicode):
        self.sender, self.to, self.text = sender, to, text
        self.parts, self.unicode = parts, unicode
        self.at = time.time()


class Phones:
    def __init__(self, port):
        self.texts = []
        self.lock = threading.Lock()
        self.reference = 0
        self.waiting = {}  # (to, reference) -> {part: bytes}
        self.socket = wait_for("the fake SMSC to take the phones", lambda: self.connect(port))
        threading.Thread(target=self.read, daemon=True).start()

    @staticmethod
    def connect(port):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            return None

    def close(self):
        self.socket.close()

    def read(self):
        left = b""
        while True:
            try:
                got = self.socket.recv(65536)
            except OSError:
                return
            if not got:
                return
            lines = (left + got).split(b"\n")
            left = lines.pop()
            message = None
            for line in lines:  # a line break within a text is a line break here
                if HEAD.match(line):
                    self.take(message)
                    message = line
                elif message is not None:
                    message += b"\n" + line
            self.take(message)

    def take(self, line):
        if line is None:
            return
        sender, to, kind, body = HEAD.match(line).groups()
        sender, to = sender.decode(), to.decode()
        if kind == b"text":
            self.put(Text(sender, to, body.decode(), 1, False))
        elif kind == b"ucs-2":
            self.put(Text(sender, to, bytes_of(body).decode("utf-16-be"), 1, True))
        elif kind == b"udh":
            header, _, rest = body.partition(b" ")
            header = bytes_of(header)
            words = rest.partition(b" ")[2]
            reference, total, part = header[-3:]
            parts = self.waiting.setdefault((to, reference), {})
            parts[part] = bytes_of(words)
            if len(parts) < total:
                return
            del self.waiting[(to, reference)]
            whole = b"".join(parts[i] for i in range(1, total + 1))
            unicode = b"\0" in whole
            self.put(Text(sender, to, whole.decode("utf-16-be" if unicode else "utf-8"), total,
                          unicode))

    def put(self, text):
        with self.lock:
            self.texts.append(text)

    def of(self, number):
        with self.lock:
            return [t for t in self.texts if t.to == number]

    def say(self, number, words, parts=1):
        """A person types. Gateways stamp whole seconds, and nobody answers within one."""
        mine = self.of(number)
        if mine:
            time.sleep(max(0.0, int(mine[-1].at) + 1.05 - time.time()))
        head = f"{number} {OURS} ".encode()
        plain = all(ord(c) < 128 for c in words)
        if parts > 1:
            self.reference = (self.reference + 1) % 256
            size = -(-len(words) // parts)
            if not plain or size > 153:
                raise Failed("the phones send long texts in GSM letters, 153 a part")
            for i in range(parts):
                udh = f"%05%00%03%{self.reference:02X}%{parts:02X}%{i + 1:02X}"
                piece = words[i * size:(i + 1) * size]
                self.socket.sendall(head + f"udh-text {udh} {piece}\n".encode())
        elif plain:
            self.socket.sendall(head + b"text " + words.encode() + b"\n")
        else:
            code = "".join(f"%{b:02X}" for b in words.encode("utf-16-be"))
            self.socket.sendall(head + b"ucs2 " + code.encode() + b"\n")


class Kannel:
    def __init__(self, home, hooks_port, password, path_secret):
        self.home = pathlib.Path(home) / "kannel"
        self.home.mkdir()
        self.admin, self.box, self.smsc, self.send = free_ports(4)
        names = {"ADMIN": self.admin, "BOX": self.box, "SMSC": self.smsc, "SEND": self.send,
                 "HOOKS": hooks_port, "PASSWORD": password, "PATHSECRET": path_secret}
        text = (pathlib.Path(__file__).parent / "kannel.conf.in").read_text()
        text = re.sub(r"@([A-Z]+)@(?=[^@]|$)", lambda m: str(names.get(m[1], m[0])), text)
        (self.home / "kannel.conf").write_text(text)
        self.password = password
        self.processes = []
        self.phones = None
        self.flushes = 0

    def flush(self):
        """Whatever Kannel was given so far has reached the phones: its link keeps their order."""
        self.flushes += 1
        words = f"flush {self.flushes}"
        query = urllib.parse.urlencode({"username": "moodline", "password": self.password,
                                        "to": NOBODY, "text": words})
        urllib.request.urlopen(f"http://127.0.0.1:{self.send}/cgi-bin/sendsms?{query}").close()
        wait_for("Kannel to hand on what it has", lambda: any(
            t.text == words for t in self.phones.of(NOBODY)))

    def begin(self, program):
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
        with open(self.home / f"{program}.out", "ab") as out:
            # A session of its own: smsbox forks itself anew when bearerbox goes.
            self.processes.append(subprocess.Popen(
                [shutil.which(program, path=path), "kannel.conf"], cwd=self.home, stdout=out,
                stderr=out, stdin=subprocess.DEVNULL, start_new_session=True))

    def listens(self, port):
        for p in self.processes:
            if p.poll() is not None:
                raise Failed(f"{p.args[0]} ended with {p.returncode}; see {self.home}")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return False

    def start(self):
        self.begin("bearerbox")
        wait_for("bearerbox", lambda: self.listens(self.box))
        self.phones = Phones(self.smsc)
        self.begin("smsbox")
        wait_for("smsbox", lambda: self.listens(self.send))

    def stop(self):
        if self.phones:
            self.phones.close()
        for p in reversed(self.processes):  # smsbox first
            for how in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(p.pid, how)
                    p.wait(2)
                except subprocess.TimeoutExpired:
                    continue
                except ProcessLookupError:
                    pass
                p.poll()
                break
