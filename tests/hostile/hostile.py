#!/usr/bin/env python3
"""Hostile clients against the real daemon, while people reply: the memory it takes, how long a reply waits
for its 2xx, and that descriptors come back. Fails where a bound is passed.
Usage: hostile.py BUILD_DIR SOURCE_DIR [CASE...] [--connections N] [--seconds S] [--replies N]
       [--memory-mb MB] [--worst-s S]
In ctest it is small; a release: --connections 10000 --seconds 60 --replies 5000."""
import argparse
import contextlib
import random
import resource
import selectors
import socket
import sys
import threading
import time

from load import (SAM, WORD, Handsets, Honest, Hosted, enrolled, expect, headers, http, leaks, number_of, post, reached,
                  reply_body, run_test, wait_for)

ADDRESSES_EACH = 200  # connections of one address; the daemon takes 256


class Slow(Handsets):
    """Handsets whose answers come, while `drip` is set, one byte a second."""

    def __init__(self):
        super().__init__()
        self.drip = threading.Event()
        plain = self.server.RequestHandlerClass
        outer = self

        class Dripping(plain):
            def end_headers(self):
                if not outer.drip.is_set():
                    return super().end_headers()
                for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" * 4:
                    if not outer.drip.is_set():
                        break
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(1)
                self.close_connection = True
                raise ConnectionAbortedError

        self.server.RequestHandlerClass = Dripping


def connect(port, n=0):
    """Connection number n, from one of the loopback's addresses."""
    s = socket.socket()
    s.bind((f"127.0.{1 + n // ADDRESSES_EACH // 250}.{1 + n // ADDRESSES_EACH % 250}", 0))
    s.settimeout(10)
    s.connect(("127.0.0.1", port))
    return s


def raw(port, data, seconds=10):
    """What comes back for these bytes, until the other side closes or `seconds` are over."""
    out = b""
    with contextlib.suppress(OSError), connect(port) as s:
        s.settimeout(seconds)
        with contextlib.suppress(OSError):
            s.sendall(data)
        while part := s.recv(65536):
            out += part
    return out


def status(answer):
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


# ---- What they do ----

def idle_connections(w):
    """Thousands of connections that never ask for anything, from many addresses and from one."""
    port, held = w.service.hooks_port, []
    one, many = w.o.connections // 4, w.o.connections
    for n in range(many):
        with contextlib.suppress(OSError):
            held.append(connect(port, n))
    for _ in range(one):
        with contextlib.suppress(OSError):
            held.append(connect(port))
    time.sleep(2)
    for s in held:
        s.close()
    return f"{len(held)} connections opened, {one} of them from one address"


def slowloris(w):
    """Requests that arrive a byte at a time and never end."""
    port, held = w.service.hooks_port, []
    for n in range(min(w.o.connections, 3000)):
        with contextlib.suppress(OSError):
            s = connect(port, n)
            s.sendall(b"POST /hooks/phones HTTP/1.1\r\nHost: h\r\nX-Slow: ")
            held.append(s)
    opened, end = len(held), time.monotonic() + w.o.seconds
    while time.monotonic() < end and held:
        alive = []
        for s in held:
            with contextlib.suppress(OSError):
                s.sendall(b"a")
                alive.append(s)
        held = alive
        time.sleep(0.5)
    for s in held:
        s.close()
    return f"{opened} slow requests"


def huge_requests(w):
    """Headers, targets and bodies without end, lengths that lie, bytes that are no request."""
    port, auth = w.service.hooks_port, f"Authorization: Bearer {WORD}\r\n".encode()
    head = b"POST /hooks/phones HTTP/1.1\r\nHost: h\r\n" + auth
    big = b"x" * (1 << 20)
    cases = {
        "a megabyte of one header": (head + b"X-Big: " + big + b"\r\n\r\n", (431,)),
        "ten thousand headers": (head + b"X-A: b\r\n" * 10_000 + b"\r\n", (431,)),
        "a target of a megabyte": (b"GET /" + big + b" HTTP/1.1\r\nHost: h\r\n\r\n", (414, 431)),
        "a body of a megabyte": (head + b"Content-Length: 1048576\r\n\r\n" + big, (413,)),
        "a body of a terabyte, announced": (head + b"Content-Length: 1099511627776\r\n\r\n", (413,)),
        "chunks without end": (head + b"Transfer-Encoding: chunked\r\n\r\n" +
                               (b"8000\r\n" + b"y" * 0x8000 + b"\r\n") * 64, (413,)),
        "a chunk longer than numbers go": (head + b"Transfer-Encoding: chunked\r\n\r\n" +
                                           b"f" * 40 + b"\r\nx", (400, 413)),
        "a length below nothing": (head + b"Content-Length: -1\r\n\r\n", (400,)),
        "two lengths": (head + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", (400,)),
        "a length and chunks": (head + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                                b"0\r\n\r\n", (400,)),
        "no length": (head + b"\r\n", (411,)),
        "zeros": (b"\0" * 4096, (400,)),
    }
    for name, (data, wanted) in cases.items():
        got = status(raw(port, data))
        expect(got in wanted, f"{name}: {got}")
    return f"{len(cases)} kinds of it"


def pipelining(w):
    """Hundreds of requests in one write: answered in turn, each once."""
    count = 400
    data = b""
    for n in range(count):
        body = reply_body(n % w.o.people, "note the gulls were loud")
        data += (b"POST /hooks/phones HTTP/1.1\r\nHost: h\r\n" + b"".join(
            f"{k}: {v}\r\n".encode() for k, v in headers().items()) +
            f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    data += b"GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    answers = raw(w.service.hooks_port, data, 60)
    good = answers.count(b"HTTP/1.1 200 ")
    expect(good == count and answers.count(b"HTTP/1.1 404 ") == 1,
           f"{count} pipelined requests: {good} answers, and the last is the last's")
    return f"{count} requests in one write"


def bad_tls(w):
    """TLS and noise on a port that speaks HTTP."""
    dice = random.Random(7)
    hello = bytes.fromhex("16030100c8010000c40303") + dice.randbytes(195)
    for data in [hello, *(dice.randbytes(1 + dice.randrange(3000)) for _ in range(60))]:
        got = status(raw(w.service.hooks_port, data + b"\r\n\r\n", 20))
        if got not in (0, 400, 408, 414, 431):
            expect(False, f"noise was answered with {got}")
    return "61 kinds of noise, none of them answered but with 4xx"


def flood(w):
    """Forged webhooks from one address, as many as go."""
    end, refused, lock = time.monotonic() + w.o.seconds, [0], threading.Lock()

    def run():
        mine = 0
        connection = http.client.HTTPConnection("127.0.0.1", w.service.hooks_port, timeout=20)
        body = reply_body(0, "9")
        while time.monotonic() < end:
            try:
                connection.request("POST", "/hooks/phones", body, headers("a wrong word"))
                answer = connection.getresponse()
                answer.read()
                if answer.status == 403:
                    mine += 1
                elif answer.status == 200:
                    break
            except (OSError, http.client.HTTPException):
                connection.close()
        with lock:
            refused[0] += mine

    threads = [threading.Thread(target=run) for _ in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect(w.service.metric("webhooks_refused_total", provider="phones") >= refused[0] > 0,
           f"{refused[0]} forged webhooks refused and counted")
    return f"{refused[0] / w.o.seconds:.0f} forged webhooks a second"


def storm(w):
    """After an outage: a day's replies at once, many of them twice."""
    bodies = [reply_body(n % w.o.people, str(3 + n % 7), "storm") for n in range(w.o.replies)]
    work = bodies + bodies[::5]
    random.Random(3).shuffle(work)
    lock, took, failed = threading.Lock(), [], []

    def run():
        connection = http.client.HTTPConnection("127.0.0.1", w.service.hooks_port, timeout=60)
        while True:
            with lock:
                if not work:
                    return
                body = work.pop()
            began = time.monotonic()
            try:
                connection.request("POST", "/hooks/phones", body, headers())
                answer = connection.getresponse()
                answer.read()
                good = answer.status == 200
            except (OSError, http.client.HTTPException):
                connection.close()
                good = False
            with lock:
                took.append(time.monotonic() - began)
                if not good:
                    failed.append(body)
                    work.append(body)

    began = time.monotonic()
    threads = [threading.Thread(target=run) for _ in range(48)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    seconds = time.monotonic() - began
    took.sort()
    there = w.service.taken("storm")
    expect(len(there) == len(bodies) and max(there.values()) == 1,
           f"each of {len(bodies)} replies is stored once")
    return (f"{len(took)} webhooks in {seconds:.1f} s ({len(took) / seconds:.0f} a second), p99 "
            f"{took[int(len(took) * 0.99)] * 1000:.0f} ms, {len(failed)} to be tried again")


def slow_provider(w):
    """A provider that answers one byte a second, with texts waiting for it."""
    w.handsets.drip.set()
    end = time.monotonic() + w.o.seconds
    while time.monotonic() < end:
        time.sleep(0.2)
    w.handsets.drip.clear()
    return f"{w.o.seconds} s of it"


def replies_before_bulk(w):
    """With a queue of questions on a slow route, the answer to somebody's text leaves first."""
    w.service.go_to("2026-03-03T17:30:00Z")
    sent = len(w.handsets.texts)
    evening = "2026-03-03T18:00:00.000Z"
    while not reached(w.service.call("clock.jump", {"to": evening})["now"], evening):
        time.sleep(0.02)
    asked = wait_for("the first question", lambda: [
        t for t in w.handsets.texts[sent:] if "mood been today" in t["text"]])
    who = asked[0]["to"]
    expect(post(w.service.hooks_port, reply_body(int(who[1:]) - int(number_of(0)[1:]), "7")) == 200,
           "somebody who was asked answers while others wait to be asked")
    texts = lambda: w.handsets.texts[sent:]
    wait_for("every question", lambda: sum("mood been today" in t["text"] for t in texts()) ==
             w.o.people, 120)
    kinds = ["echo" if t["to"] == who and t["text"].startswith("Got ") else
             "question" if "mood been today" in t["text"] else "other" for t in texts()]
    last = len(kinds) - 1 - kinds[::-1].index("question")
    expect("echo" in kinds and kinds.index("echo") < last,
           f"the answer left as text {kinds.index('echo') + 1}, the last question as {last + 1}")


ATTACKS = (idle_connections, slowloris, huge_requests, pipelining, bad_tls, flood, storm, slow_provider)


class World:
    def __init__(self, options, home, segments_per_s=200):
        self.o = options
        self.handsets = Slow()
        self.service = Hosted(options.build, options.source, home, self.handsets, segments_per_s)

    def close(self):
        self.handsets.drip.clear()
        if self.service.alive():
            self.service.process.kill()
            self.service.process.wait()
        self.handsets.close()


def attack_all(options, home):
    w = World(options, home)
    try:
        enrolled(w.service, w.handsets, options.people)
        first_mb, first_fds = w.service.resident_mb(), w.service.descriptors()
        for attack in ATTACKS:
            if options.cases and attack.__name__ not in options.cases:
                continue
            print(attack.__name__.replace("_", " "), flush=True)
            with Honest(w.service, options.people) as honest:
                time.sleep(0.3)
                done = attack(w)
                time.sleep(0.3)
            honest.hold(options, done)
            wait_for("descriptors to come back", lambda: w.service.descriptors() <= first_fds + 80)
        expect(w.service.moodline("audit", "verify") == {"verified": True}, "the audit trail verifies")
        found = leaks(w.service, [*(number_of(n)[3:] for n in range(options.people)), WORD, SAM[3:],
                                  "gulls were loud", "to get through the evenings"])
        expect(not found, f"no number, word or secret in the log, metrics or files {found[:5]}")
        print(f"  in all: memory {first_mb:.0f} MB before, {w.service.resident_mb():.0f} MB after; "
              f"descriptors {first_fds} before, {w.service.descriptors()} after", flush=True)
        expect((code := w.service.stop()) == 0, f"it ends cleanly ({code})")
    finally:
        w.close()


def bulk_alone(options, home):
    print("replies before bulk", flush=True)
    w = World(options, home, segments_per_s=5)
    try:
        enrolled(w.service, w.handsets, options.people)
        replies_before_bulk(w)
        expect(w.service.stop() == 0, "it ends cleanly")
    finally:
        w.close()


def main():
    names = [a.__name__ for a in ATTACKS] + ["replies_before_bulk"]
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("source")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(names))
    parser.add_argument("--connections", type=int, default=1200)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--replies", type=int, default=400)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--memory-mb", type=float, default=128)
    parser.add_argument("--worst-s", type=float, default=10)
    options = parser.parse_args()
    unknown = set(options.cases) - set(names)
    if unknown:
        parser.error(f"no such case: {' '.join(sorted(unknown))}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    code = 0
    if not options.cases or set(options.cases) & {a.__name__ for a in ATTACKS}:
        code = run_test(lambda home: attack_all(options, home))
    if code == 0 and (not options.cases or "replies_before_bulk" in options.cases):
        code = run_test(lambda home: bulk_alone(options, home))
    return code


if __name__ == "__main__":
    sys.exit(main())
