"""A rig for tests of the whole: the sample service in mode test, moodlined on free ports in a
directory of its own, moodline's JSON, and a clock that goes from one due row to the next."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

WAIT_S = 120  # for anything that should happen at once, on a busy machine


class Failed(Exception):
    """An expectation that did not hold."""


def expect(condition, what):
    if not condition:
        raise Failed(what)
    print(f"  ok  {what}", flush=True)


def wait_for(what, look, seconds=WAIT_S):
    """What look() returns once it is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def reached(now, instant):
    """Whether `now` is there: both as the daemon writes them, which leaves out milliseconds that are 0."""
    return now.removesuffix("Z") >= instant.removesuffix("Z")


class Service:
    """moodlined with a copy of config/sample. `providers` replaces the sample's simulated phones;
    `secrets` are credentials by name; `packs`: only these language packs, for a quick start."""

    def __init__(self, build, source, home, providers, secrets, start, packs=None):
        self.build, self.home = pathlib.Path(build), pathlib.Path(home)
        self.source = pathlib.Path(source)
        self.providers, self.start_at = providers, start
        self.provider_name = "phones"
        self.hooks_port, self.pages_port = free_ports(2)
        self.config = self.home / "config"
        self.credentials = self.home / "credentials"
        self.socket = self.home / "control"
        self.process, self.more_env = None, {}
        self.languages = self.source / "config" / "languages"
        if packs:
            for name in packs:
                shutil.copytree(self.languages / name, self.home / "languages" / name)
            self.languages = self.home / "languages"
        shutil.copytree(self.source / "config" / "sample", self.config)
        self.credentials.mkdir(mode=0o700)
        (self.home / "state").mkdir()
        for name, value in secrets.items():
            path = self.credentials / name
            path.write_text(value + "\n")
            path.chmod(0o600)
        for name, purpose in (("moodline-master-key", "master"), ("moodline-lookup-key", "lookup")):
            subprocess.run([self.build / "moodline", "key", "new", self.credentials / name,
                            "--purpose", purpose], check=True, stdout=subprocess.DEVNULL)
        self.sample = (self.config / "service.yaml").read_text()
        self.write_config(start)

    def write_config(self, start):
        text = self.sample
        for old, new in (
                ("mode: demo ", "mode: test "),
                ("127.0.0.1:8080", f"127.0.0.1:{self.hooks_port}"),
                ("127.0.0.1:8081", f"127.0.0.1:{self.pages_port}"),
                ("/run/moodline/control", str(self.socket)),
                ("/var/lib/moodline", str(self.home / "state")),
                ("- {name: phones, type: simulated}", self.providers or
                 "- {name: phones, type: simulated}"),
                ("  provider: phones", f"  provider: {self.provider_name}"),
                ("segments_per_s: 5", "segments_per_s: 200")):
            if old not in text:
                raise Failed(f"config/sample/service.yaml no longer holds {old!r}; mend the rig")
            text = text.replace(old, new)
        text += f'\nclock: {{scale: 1, start: "{start}"}}\n'
        (self.config / "service.yaml").write_text(text)

    def start(self, crash_at=None):
        self.launch(crash_at)
        if not crash_at:
            wait_for("moodlined to answer", self.ready)

    def launch(self, crash_at=None):
        env = dict(os.environ)
        env.pop("MOODLINE_CRASH_AT", None)
        if crash_at:
            env["MOODLINE_CRASH_AT"] = crash_at
        env.update(self.more_env)
        with open(self.home / "moodlined.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.build / "moodlined", "--config", self.config, "--credentials",
                 self.credentials, "--languages", self.languages],
                stdout=log, stderr=log, env=env)

    def ready(self):
        if self.process.poll() is not None:
            raise Failed(f"moodlined ended with {self.process.returncode}:\n{self.log_tail()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call("clock.jump", {})
        return None

    def log_tail(self):
        return (self.home / "moodlined.log").read_text(errors="replace")[-4000:]

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, how=signal.SIGTERM):
        if not self.alive():
            return self.process.returncode if self.process else None
        self.process.send_signal(how)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed("moodlined did not end within 30 s of being asked to") from None

    def call(self, action, args):
        connection = UnixConnection(self.socket)
        try:
            connection.request("POST", f"/api/v1/{action}", json.dumps(args),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            if answer.status != 200:
                raise Failed(f"{action}: {answer.status} {body}")
            return body
        finally:
            connection.close()

    def moodline(self, *args, code=0):
        """The JSON that `moodline --json ARGS` prints; fails on another exit code."""
        done = subprocess.run([self.build / "moodline", "--socket", self.socket, "--json", *args],
                              capture_output=True, text=True, timeout=60)
        if done.returncode != code:
            raise Failed(f"moodline {' '.join(args)}: exit {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout else done.stderr

    def metric(self, name, **labels):
        """The sum of the samples that have these labels; 0 where there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.pages_port, timeout=30)
        connection.request("GET", "/metrics")
        total = 0.0
        for line in connection.getresponse().read().decode().splitlines():
            if line.startswith(f"moodline_{name}") and line[len(f"moodline_{name}")] in "{ ":
                if all(f'{k}="{v}"' in line for k, v in labels.items()):
                    total += float(line.rsplit(" ", 1)[1])
        return total

    def now(self):
        return self.call("clock.jump", {})["now"]

    def settle(self):
        """Everything due by now has been done."""
        return wait_for("the daemon to have nothing due",
                        lambda: (s := self.call("clock.jump", {}))["idle"] and s)

    def go_to(self, instant, due_rows_max=2000):
        """From one due row to the next, so that nothing is late, up to `instant`."""
        for _ in range(due_rows_max):
            state = self.settle()
            if reached(state["now"], instant):
                return
            self.call("clock.jump", {"to": instant})
        raise Failed(f"{due_rows_max} due rows before {instant}")


def leaks(service, needles, kept=()):
    """Where any of these words or numbers stands: in the daemon's log, its metrics, or any byte of its
    files. `kept`: files whose business it is."""
    found = []
    connection = http.client.HTTPConnection("127.0.0.1", service.pages_port, timeout=30)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read()
        found += [f"{n} in /metrics" for n in needles if n.encode() in metrics]
    for path in [service.home / "moodlined.log", *sorted((service.home / "state").rglob("*"))]:
        if path.is_file() and path.name not in kept:
            data = path.read_bytes()
            found += [f"{n} in {path.name}" for n in needles if n.encode() in data]
    return found


class Skipped(Exception):
    """What this machine cannot do; its words say why."""


def run_test(play, keep_on_failure=True):
    """play(home) in a temporary directory; the exit code of the test (77: skipped)."""
    import sys
    import tempfile
    import traceback
    home = pathlib.Path(tempfile.mkdtemp(prefix="moodline-test-"))
    try:
        play(home)
    except Skipped as why:
        print(f"  skipped: {why}", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        return 77
    except Exception as problem:  # a test says what went wrong, whatever it was
        if not isinstance(problem, Failed):
            traceback.print_exc()
        print(f"FAILED: {problem}", flush=True)
        log = home / "moodlined.log"
        if log.exists():
            print("--- moodlined said, at the end:\n" + log.read_text(errors="replace")[-6000:])
        if keep_on_failure:
            print(f"(kept: {home})")
        return 1
    shutil.rmtree(home, ignore_errors=True)
    sys.stdout.flush()
    return 0
