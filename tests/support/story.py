"""A story for tests of the whole: MJ joins, agrees to L1, answers for two weeks, three evenings are
low, and Sam has an alert. With an SMTP server and a receiver of webhooks beside the handsets."""
import base64
import email
import email.policy
import http.server
import pathlib
import re
import socketserver
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))
from handsets import WORD, Handsets
from rig import Service, expect, free_ports, wait_for

WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
MJ, SAM, JO = "+447700900123", "+447700900101", "+447700900104"
START = "2026-03-02T17:30:00Z"  # a Monday, an hour and a half before the first question


class Mailbox:
    """An SMTP server: takes what comes, refuses for now as often as it is told to."""

    def __init__(self):
        self.mails, self.refuse = [], 0
        outer = self

        class Talk(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                self.say("220 ready")
                while line := self.rfile.readline().decode(errors="replace").strip():
                    word = line[:4].upper()
                    if word in ("EHLO", "HELO"):
                        self.say("250 here")
                    elif word == "DATA":
                        self.say("354 go on")
                        body = b""
                        while (part := self.rfile.readline()) != b".\r\n":
                            body += part[1:] if part.startswith(b"..") else part
                        if outer.refuse > 0:
                            outer.refuse -= 1
                            self.say("451 try later")
                        else:
                            outer.mails.append(
                                email.message_from_bytes(body, policy=email.policy.default))
                            self.say("250 taken")
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Receiver:
    """Another system: keeps what is posted, fails as often as it is told to."""

    def __init__(self):
        self.events, self.fail = [], 0
        outer = self

        class Take(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.fail > 0:
                    outer.fail -= 1
                    self.send_response(500)
                else:
                    outer.events.append((dict(self.headers), body))
                    self.send_response(204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Open(Service):
    """A Service with email, an outgoing webhook and the HTTP API."""

    def __init__(self, build, source, home, handsets, mailbox, receiver):
        self.api_port = free_ports(1)[0]
        self.extra = (f'\nemail: {{smtp: "smtp://127.0.0.1:{mailbox.port}", from: '
                      f'checkins@example.org}}\noutgoing_webhooks:\n- {{name: records, url: '
                      f'"http://127.0.0.1:{receiver.port}/in", secret: records-secret}}\n')
        super().__init__(build, source, home, start=START,
                         secrets={"phones-word": WORD, "records-secret": WEBHOOK_SECRET},
                         providers=(f"- {{name: phones, type: simulated, settings: {{send_url: "
                                    f'"http://127.0.0.1:{handsets.port}/", secret: phones-word}}}}'))
        handsets.hook = f"http://127.0.0.1:{self.hooks_port}/hooks/phones"

    def write_config(self, start):
        super().write_config(start)
        path = self.config / "service.yaml"
        text = path.read_text().replace(
            "  control: {", f'  api: {{listen: "127.0.0.1:{self.api_port}"}}\n  control: {{')
        path.write_text(text + self.extra)


class Story:
    def __init__(self, build, source, home):
        self.handsets, self.mailbox, self.receiver = Handsets(), Mailbox(), Receiver()
        self.service = Open(build, source, home, self.handsets, self.mailbox, self.receiver)

    def say(self, number, words):
        self.handsets.say(number, words, lambda: None)
        self.service.settle()

    def text(self, number, pattern):
        """The newest text to this number that matches; waited for."""
        def look():
            found = [m for t in self.handsets.of(number) if (m := re.search(pattern, t))]
            return found[-1:]
        return wait_for(pattern, look)[0]

    def join(self, friend=False):
        self.service.start()
        self.say(SAM, "ACCEPT " + self.text(SAM, r"ACCEPT (\S+)")[1])
        self.service.moodline(
            "person", "add", "--number", MJ, "--as", "MJ", "--programme", "evening-mood",
            "--practitioner", "sam", "--track", "mood=to get through the evenings",
            "--agreed-with", "Sam Reed", "--agreed-on", "2026-03-02", "--rule", "low-streak",
            "--plan", "walk to the harbour, then ring Jo",
            *(["--friend", "jo", "--rule", "friend-in-touch"] if friend else []))
        self.say(MJ, "AGREE " + self.text(MJ, r"Text AGREE (\d+)")[1])
        self.say(MJ, "AGREE " + self.text(MJ, r"Text AGREE (L\d+)")[1])
        self.text(MJ, r"Agreed: L1")
        if friend:
            self.say(MJ, "AGREE " + self.text(MJ, r"Text AGREE (L[^1]\d*)")[1])
            self.text(MJ, r"Agreed: L[^1]")

    def evenings(self, words):
        """One reply an evening from 2 March on; None: none comes, and no receipt either."""
        for day, word in enumerate(words, start=2):
            self.service.go_to(f"2026-03-{day:02d}T19:30:00Z")
            if word is None:
                self.handsets.receipts.clear()
                continue
            self.handsets.deliver(lambda: None)
            if word:
                self.say(MJ, word)

    def to_the_alert(self, friend=False):
        """Until Sam, and Jo who is MJ's friend, have been told; Sam's alert's code."""
        self.join(friend)
        self.evenings(["6", "7", "5.5", "6", "", "5", "6", "7", None, "6", "5", "3", "2", "3"])
        if friend:
            self.say(JO, "ACCEPT " + self.text(JO, r"ACCEPT (\d+)")[1])
        self.service.go_to("2026-03-16T09:30:00Z")
        self.handsets.deliver(lambda: None)
        return self.text(SAM, r"Check-in ([A-Z]\d+)")[1]

    def stop(self):
        if self.service.alive():
            self.service.stop()
        for server in (self.handsets, self.mailbox, self.receiver):
            server.server.shutdown()


__all__ = ["JO", "MJ", "SAM", "Story", "WEBHOOK_SECRET", "expect"]
