#!/usr/bin/env python3
"""systemd/nginx.conf as it stands, but for ports, name and certificate, in front of the real daemon:
which addresses it lets in, what TLS it takes, and that signatures and links hold through it.
Usage: proxy.py BUILD_DIR SOURCE_DIR"""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))
from handsets import WORD
from rig import Skipped, expect, free_ports, run_test, wait_for
from story import MJ, Story

TOKEN = "proxy-test-token"
ACCOUNT = "AC00000000000000000000000000000000"
HERE = "127.0.0.1"  # a bare system may not know the name localhost
LINKS_AT_ONCE = 60  # at 10 a second, as the file allows


class Proxy:
    def __init__(self, home, config, service):
        self.home, self.service = home, service
        self.port = free_ports(1)[0]
        certificate, key = home / "proxy.pem", home / "proxy.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=proxy", "-addext", f"subjectAltName=IP:{HERE}",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        site = config.read_text()
        for old, new in (("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
                         ("/etc/ssl/checkin.pem", str(certificate)),
                         ("/etc/ssl/private/checkin.key", str(key)),
                         ("checkin.example.org", HERE),
                         ("127.0.0.1:8080", f"127.0.0.1:{service.hooks_port}"),
                         ("127.0.0.1:8081", f"127.0.0.1:{service.pages_port}")):
            expect(old in site, f"{config.name} has {old}")
            site = site.replace(old, new)
        temporary = "".join(f"  {kind}_temp_path {home}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        main = home / "nginx-main.conf"
        main.write_text(f"daemon off;\nmaster_process off;\npid {home}/nginx.pid;\n"
                        f"error_log {home}/nginx-error.log;\nevents {{}}\nhttp {{\n{temporary}"
                        f"  access_log {home}/nginx-access.log;\n{site}}}\n")
        said = subprocess.run(["nginx", "-t", "-c", main, "-p", home], capture_output=True, text=True)
        expect(said.returncode == 0, f"nginx takes the file {said.stderr if said.returncode else ''}")
        self.process = subprocess.Popen(["nginx", "-c", main, "-p", home],
                                        stderr=subprocess.DEVNULL)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        try:
            wait_for("nginx to listen", self.there)
        except Exception:
            self.stop()
            raise

    def there(self):
        try:
            return self.ask("GET", "/")[0] == 404
        except OSError:
            return False

    def ask(self, method, target, body=None, headers=None):
        connection = http.client.HTTPSConnection(HERE, self.port, timeout=30,
                                                 context=self.trust)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def handshake(self, *options):
        """What openssl's client agrees on with the proxy, or nothing."""
        said = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        return said.returncode == 0 and "Cipher is (NONE)" not in said.stdout

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def the_tls(proxy):
    expect(proxy.handshake("-tls1_3"), "TLS 1.3 is spoken")
    expect(proxy.handshake("-tls1_2"), "and 1.2")
    # @SECLEVEL=0: this machine's own client would refuse to offer them.
    for old in ("-tls1", "-tls1_1"):
        expect(not proxy.handshake(old, "-cipher", "ALL:@SECLEVEL=0"), f"{old[1:]} is refused")
    for weak in ("ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384"):
        expect(not proxy.handshake("-tls1_2", "-cipher", f"{weak}:@SECLEVEL=0"),
               f"{weak} is refused: no old mode, and no key that opens what was recorded before")


def what_is_let_in(proxy):
    for inside in ("/", "/healthz", "/readyz", "/metrics", "/api/v1/person.list",
                   "/hooks/../metrics", "/a/../metrics", "/%61pi/v1/person.list"):
        expect(proxy.ask("GET", inside)[0] in (400, 404), f"{inside} stays inside")
    expect(proxy.ask("GET", "/page.css")[0] == 200, "the pages' style is let out")


def the_webhooks(proxy, story):
    bearer = {"Authorization": "Bearer " + WORD, "Content-Type": "application/json"}
    body = json.dumps({"type": "mo", "event_id": "through", "from": MJ, "to": "+447700900000",
                       "text": "DATA"})
    expect(proxy.ask("POST", "/hooks/phones", body, bearer)[0] == 200, "a webhook comes through")
    expect(proxy.ask("POST", "/hooks/phones", body)[0] in (401, 403), "not without its secret")
    big = proxy.ask("POST", "/hooks/phones", b"x" * 70_000, bearer)[0]
    expect(big == 413, f"a body of 70,000 bytes is refused ({big})")
    storm = [proxy.ask("POST", "/hooks/phones", body, bearer)[0] for _ in range(LINKS_AT_ONCE)]
    expect(set(storm) == {200}, f"{LINKS_AT_ONCE} webhooks at once are all taken")

    form = [("AccountSid", ACCOUNT), ("Body", "6"), ("From", MJ), ("MessageSid", "SM" + "0" * 32),
            ("To", "+15550100")]
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    # Percent escapes and the query are handed on as they came.
    for target in ("/hooks/tw", "/hooks/tw?x=a%2Fb%20c&y=%C3%A9"):
        for host, wanted in ((f"https://{HERE}:{proxy.port}", 200), ("https://elsewhere", 403)):
            signed = host + target + "".join(k + v for k, v in form)
            proof = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest())
            status, _ = proxy.ask("POST", target, urllib.parse.urlencode(form),
                                  {**sent, "X-Twilio-Signature": proof.decode()})
            expect(status == wanted, f"signed for {host.split(':')[1]}, {target}: {status}")


def the_links(proxy, story):
    story.service.settle()
    link = story.text(MJ, r"https://[0-9.]+:\d+(/d/\S+)")[1].rstrip(".")
    expect(proxy.ask("GET", link)[0] == 200, "a person's link opens through it")
    answers = [proxy.ask("GET", link[:-3] + "AAA") for _ in range(3)]
    expect({a[0] for a in answers} == {404}, "a forged one opens nothing")
    began = time.monotonic()
    processes = [subprocess.Popen(
        ["curl", "-sk", "-w", "%{http_code}\n",
         *["-o", "/dev/null", f"https://{HERE}:{proxy.port}{link}"] * 10], stdout=subprocess.PIPE, text=True)
        for _ in range(LINKS_AT_ONCE // 10)]
    codes = " ".join(p.communicate()[0] for p in processes).split()
    took_s = time.monotonic() - began
    expect(set(codes) <= {"200", "503"} and "200" in codes and took_s > LINKS_AT_ONCE / 10 / 2,
           f"{LINKS_AT_ONCE} at once are slowed down, not all let through: {took_s:.1f} s")
    token = link.rsplit("/", 1)[1]
    logs = [p for p in proxy.home.glob("nginx-*.log") if token in p.read_text()]
    expect(not logs and token not in (proxy.home / "moodlined.log").read_text(),
           "and no log has the link")


def play(build, source, home):
    if not shutil.which("nginx"):
        raise Skipped("nginx is not there: apt-get install nginx-light")
    story = Story(build, source, home)
    service, proxy = story.service, None
    try:
        (service.credentials / "twilio-token").write_text(TOKEN + "\n")
        (service.credentials / "twilio-token").chmod(0o600)
        service.providers += (f"\n- {{name: tw, type: twilio, settings: {{account_sid: {ACCOUNT}, "
                              'auth_token: twilio-token, from: "+15550100"}}')
        proxy_config = pathlib.Path(source) / "systemd" / "nginx.conf"
        story.service.write_config(service.start_at)
        proxy = Proxy(home, proxy_config, service)
        path = service.config / "service.yaml"
        text = path.read_text()
        for port in (service.hooks_port, service.pages_port):
            text = text.replace(f'public_url: "http://127.0.0.1:{port}"',
                                f'public_url: "https://{HERE}:{proxy.port}"')
        path.write_text(text)
        story.join()
        the_tls(proxy)
        what_is_let_in(proxy)
        the_webhooks(proxy, story)
        the_links(proxy, story)
        expect(service.stop() == 0, "moodlined ends well")
        expect(proxy.ask("POST", "/hooks/phones", "{}")[0] == 502,
               "with the daemon down a provider hears 502, and comes again")
    finally:
        if proxy:
            proxy.stop()
        story.stop()


if __name__ == "__main__":
    sys.exit(run_test(lambda home: play(sys.argv[1], sys.argv[2], home)))
