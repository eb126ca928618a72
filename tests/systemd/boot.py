#!/usr/bin/env python3
"""The unit file, really run: what the Debian package holds, booted by systemd-nspawn.

Outside (`boot.py BUILD`): makes the package, unpacks it into an empty folder, checks that everything is
where Debian expects it, and boots a container whose /usr is this machine's, read-only, with the
package's files on top. Inside (`boot.py --inside`, a unit of the container): runs the package's scripts
as dpkg does, installs as docs/guide-operator.md says, and plays ready, credentials, read-only system,
reload, watchdog, crash, upgrade, graceful stop, bad configuration and removal. Exits 77, saying why,
where a container cannot be booted."""
import glob
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

BOOT_S = 240  # the whole container, on a busy machine
WAIT_S = 60
UNIT = "moodlined.service"
SERVICE = pathlib.Path("/etc/moodline/service.yaml")
INSTALLED = """
usr/sbin/moodlined usr/bin/moodline
usr/lib/systemd/system/moodlined.service usr/lib/systemd/system/moodlined@.service
usr/lib/sysusers.d/moodline.conf usr/lib/tmpfiles.d/moodline.conf
usr/share/moodline/sample/service.yaml usr/share/moodline/sample/texts/cy.yaml
usr/share/moodline/sample/rules/low-mood.yaml usr/share/moodline/sample/programmes/evening-mood.yaml
usr/share/moodline/languages/en usr/share/moodline/languages/cy
usr/share/moodline/prometheus/moodline-alerts.yaml usr/share/moodline/prometheus/moodline-dashboard.json
usr/share/doc/moodline/copyright usr/share/doc/moodline/README.md usr/share/doc/moodline/LICENSE usr/share/doc/moodline/CHANGELOG.md
usr/share/doc/moodline/guide-operator.md usr/share/doc/moodline/providers/README.md
""".split()
EXECUTABLE = ("usr/sbin/moodlined", "usr/bin/moodline")
TOP_LEVEL = {"sbin", "bin", "lib", "share"}


class Failed(Exception):
    """An expectation that did not hold."""


def expect(condition, what):
    if not condition:
        raise Failed(what)
    print(f"  ok  {what}", flush=True)


def wait_for(what, look, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


def run(*args, check=True):
    done = subprocess.run(args, capture_output=True, text=True, timeout=WAIT_S * 2)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


# ---- inside the container -------------------------------------------------------------------------

def shown(name):
    return run("systemctl", "show", "--value", "-p", name, UNIT).stdout.strip()


def main_pid():
    return int(shown("MainPID"))


def journal():
    return run("journalctl", "-u", UNIT, "-o", "cat", "--no-pager").stdout


def answer(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def people():
    return json.loads(run("moodline", "--json", "person", "list").stdout)


def install_as_the_guide_says():
    said = run("/DEBIAN/postinst", "configure").stdout
    expect("guide-operator.md" in said and os.path.exists(
        "/usr/share/doc/moodline/guide-operator.md"), "the package says where to go on")
    shutil.copytree("/usr/share/moodline/sample", "/etc/moodline", dirs_exist_ok=True)
    for name, purpose in (("moodline-master-key", "master"), ("moodline-lookup-key", "lookup")):
        run("moodline", "key", "new", f"/etc/moodline/secrets/{name}", "--purpose", purpose)
    stat = os.stat("/etc/moodline/secrets")
    expect(stat.st_uid == 0 and stat.st_mode & 0o777 == 0o700, "tmpfiles: secrets are root's alone")
    expect(run("id", "-un", "moodline").stdout.strip() == "moodline", "sysusers: the user exists")


def plays_ready():
    began = time.monotonic()
    run("systemctl", "start", UNIT)
    expect(shown("ActiveState") == "active" and shown("SubState") == "running",
           f"systemctl start returned when the daemon said READY ({time.monotonic() - began:.1f} s)")
    expect(answer(8080, "/healthz") == (200, "ok\n"), "the webhook listener answers")
    expect(answer(8081, "/readyz")[0] == 200, "the store takes a write")
    expect("moodlined is ready" in journal(), "the journal says so")
    run("moodline", "person", "add", "--number", "07700 900123", "--as", "MJ", "--programme",
        "evening-mood", "--practitioner", "sam", "--track", "mood=sleep better",
        "--agreed-with", "Sam Reed", "--agreed-on", "2026-03-02")
    expect(len(people()) == 1, "a person is added through the control socket")


def plays_credentials():
    pid = main_pid()
    uid = next(line for line in open(f"/proc/{pid}/status") if line.startswith("Uid:")).split()[1]
    expect(uid == run("id", "-u", "moodline").stdout.strip(), "the daemon runs as moodline, not root")
    denied = run("setpriv", "--reuid=moodline", "--regid=moodline", "--clear-groups", "cat",
                 "/etc/moodline/secrets/moodline-master-key", check=False)
    expect(denied.returncode != 0 and "denied" in denied.stderr,
           "the daemon's user cannot read the folder of secrets")
    inside = run("nsenter", "-t", str(pid), "-m", "ls", "/run/credentials/" + UNIT).stdout.split()
    expect("moodline_moodline-master-key" in inside, "it was handed its own copy by systemd")
    key = open("/etc/moodline/secrets/moodline-master-key").read().split()[-1]
    environment = open(f"/proc/{pid}/environ", errors="replace").read()
    expect(key not in environment and key not in open(f"/proc/{pid}/cmdline").read() and
           key not in journal(), "no key in its environment, command line or journal")


def plays_read_only():
    pid = str(main_pid())
    for path in ("/usr/x", "/etc/moodline/x", "/var/lib/x", "/opt/x"):
        done = run("nsenter", "-t", pid, "-m", "touch", path, check=False)
        expect(done.returncode != 0 and "Read-only" in done.stderr,
               f"{os.path.dirname(path)} is read-only to it, even to root")
    done = run("nsenter", "-t", pid, "-m", "touch", "/var/lib/moodline/x", check=False)
    expect(done.returncode == 0, "its state directory is not")
    run("rm", "/var/lib/moodline/x")
    expect(run("nsenter", "-t", pid, "-m", "ls", "/root", check=False).stdout == "",
           "homes are not to be seen")
    expect(oct(os.stat("/var/lib/moodline").st_mode & 0o777) == "0o700" and
           oct(os.stat("/run/moodline").st_mode & 0o777) == "0o750",
           "state is its own, the control socket its group's")
    lines = dict(l.split(":\t", 1) for l in open(f"/proc/{pid}/status") if ":\t" in l)
    expect(int(lines["CapBnd"], 16) == 0 and lines["NoNewPrivs"].strip() == "1" and
           lines["Seccomp"].strip() == "2", "no capability, no new privileges, system calls filtered")


def plays_reload():
    run("systemctl", "reload", UNIT)
    wait_for("the reload", lambda: "the new configuration is in use" in journal())
    good = SERVICE.read_text()
    SERVICE.write_text(good + "colour: blue\n")
    run("systemctl", "reload", UNIT)
    wait_for("the refusal", lambda: "the old configuration goes on, until" in journal())
    expect("colour" in journal() and shown("ActiveState") == "active",
           "SIGHUP: a good configuration is taken, a bad one refused by name while the old goes on")
    SERVICE.write_text(good)


def plays_watchdog():
    before, restarts = main_pid(), int(shown("NRestarts"))
    os.kill(before, 19)  # SIGSTOP: hung
    wait_for("systemd to start it again",
             lambda: int(shown("NRestarts")) > restarts and shown("ActiveState") == "active"
             and main_pid() not in (0, before), 90)
    expect("Watchdog timeout" in journal(), "a hung daemon is killed by the watchdog")
    expect(len(people()) == 1 and answer(8081, "/readyz")[0] == 200,
           "started again, with everything it had committed")


def plays_crash():
    before = main_pid()
    os.kill(before, 9)
    wait_for("systemd to start it again",
             lambda: shown("ActiveState") == "active" and main_pid() not in (0, before))
    expect(len(people()) == 1, "killed and started again, nothing lost")


def plays_upgrade():
    before = main_pid()
    run("/DEBIAN/postinst", "configure", "0.0.9")
    wait_for("the service to be started again", lambda: main_pid() not in (0, before))
    wait_for("it to be ready", lambda: shown("ActiveState") == "active")
    expect(len(people()) == 1, "an upgrade starts the service again, nothing lost")


def plays_graceful_stop():
    began = time.monotonic()
    run("systemctl", "stop", UNIT)
    took = time.monotonic() - began
    expect(shown("Result") == "success" and shown("ExecMainStatus") == "0",
           f"systemctl stop: exit 0 ({took:.1f} s)")
    said = journal()
    expect(said.index("asked to stop") < said.rindex("stopped"), "it finished by itself and said so")
    expect(not os.path.exists("/run/moodline/control"), "the control socket is gone")


def plays_bad_configuration():
    SERVICE.write_text(SERVICE.read_text() + "colour: blue\n")
    done = run("systemctl", "start", UNIT, check=False)
    expect(done.returncode != 0 and shown("ExecMainStatus") == "78",
           "a bad configuration does not start: exit 78")
    time.sleep(3)
    expect(shown("ActiveState") == "failed", "and is not started over and over")
    expect(re.search(r'service\.yaml:\d+:\d+: key "colour"', journal()), "the journal names the line")


def plays_removal():
    SERVICE.write_text(SERVICE.read_text().replace("colour: blue\n", ""))
    run("systemctl", "reset-failed", UNIT)
    run("systemctl", "start", UNIT)
    run("/DEBIAN/prerm", "remove")
    expect(shown("ActiveState") == "inactive" and shown("ExecMainStatus") == "0",
           "removal stops the service, as a stop does")
    said = run("/DEBIAN/postrm", "purge").stdout
    expect("stay" in said and os.path.exists("/var/lib/moodline/moodline.db") and
           os.path.exists(SERVICE), "records, keys and configuration stay")


def inside():
    code = 1
    try:
        install_as_the_guide_says()
        for play in (plays_ready, plays_credentials, plays_read_only, plays_reload, plays_watchdog,
                     plays_crash, plays_upgrade, plays_graceful_stop, plays_bad_configuration,
                     plays_removal):
            print(play.__name__.replace("_", " "), flush=True)
            play()
        code = 0
    except Exception as problem:
        print(f"FAILED: {problem!r}\n{problem}\n--- the journal, at the end:\n{journal()[-6000:]}",
              flush=True)
    pathlib.Path("/result").write_text(str(code))
    subprocess.run(["systemctl", "poweroff", "--force"])


# ---- outside --------------------------------------------------------------------------------------

def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def check_stage(stage):
    for name in INSTALLED:
        if not (stage / name).exists():
            raise Failed(f"the package has no /{name}")
    for name in EXECUTABLE:
        if not os.access(stage / name, os.X_OK):
            raise Failed(f"/{name} is not executable")
    strange = {p.name for p in (stage / "usr").iterdir()} - TOP_LEVEL
    if strange or {p.name for p in stage.iterdir()} != {"usr"}:
        raise Failed(f"installed outside /usr or in a strange place: {strange}")
    if list(stage.rglob("*_test*")) or list(stage.rglob("*.a")):
        raise Failed("a test or a library of ours is installed")
    print("installed: everything is where Debian expects it", flush=True)


def make_package(build, folder):
    """moodline_VERSION_ARCH.deb; not packed, for it is unpacked at once."""
    made = subprocess.run(
        ["cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", folder, "-D",
         "CPACK_DEBIAN_COMPRESSION_TYPE=none", "-D", "CPACK_STRIP_FILES=OFF"],
        capture_output=True, text=True, cwd=build)
    if made.returncode != 0:
        raise Failed(f"cpack:\n{made.stdout}{made.stderr}")
    package = next(folder.glob("moodline_*.deb"))
    fields = run("dpkg-deb", "--field", package).stdout
    for needed in ("systemd", "tzdata", "libsqlite3-0", "libssl3", "libsodium23", "libcurl4"):
        expect(re.search(rf"^Depends:.*\b{needed}\b", fields, re.M), f"the package needs {needed}")
    return package


def make_root(root, stage, sanitized):
    for name in ("etc/systemd/system/multi-user.target.wants", f"etc/systemd/system/{UNIT}.d", "usr",
                 "var/lib", "var/log/journal", "run", "tmp", "proc", "sys", "dev", "root", "opt"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "root").chmod(0o700)
    (root / "root" / "private").write_text("a file of root's\n")
    etc = root / "etc"
    shutil.copy("/etc/passwd", etc), shutil.copy("/etc/group", etc)
    shutil.copy("/etc/os-release", etc)
    for name in ("ld.so.cache", "ld.so.conf", "nsswitch.conf", "alternatives", "pam.d", "localtime"):
        source = pathlib.Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, etc / name, symlinks=True)
        elif source.exists():
            shutil.copy(source, etc / name, follow_symlinks=False)
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
    (etc / "machine-id").write_text("00000000000000000000000000000001\n")
    shutil.copy(__file__, root / "boot.py")
    units = etc / "systemd" / "system"
    (units / "drive.service").write_text(
        "[Unit]\nAfter=multi-user.target\n[Service]\nType=exec\nStandardOutput=file:/said\n"
        f"StandardError=inherit\nExecStart={os.path.realpath(sys.executable)} /boot.py --inside\n")
    (units / "multi-user.target.wants" / "drive.service").symlink_to("../drive.service")
    for name in ("getty.target", "console-getty.service", "systemd-udevd.service",
                 "systemd-firstboot.service", "systemd-binfmt.service"):
        (units / name).symlink_to("/dev/null")
    # The only changes: a shorter watchdog, and for a sanitizer build no helper threads of its own.
    drop_in = f"[Service]\nWatchdogSec={15 if sanitized else 5}\n"
    if sanitized:
        drop_in += "Environment=ASAN_OPTIONS=detect_leaks=0:disable_coredump=0\nLimitCORE=0\n"
    (units / f"{UNIT}.d" / "test.conf").write_text(drop_in)
    return f"/usr:{stage}/usr:/usr"


def boot(root, overlay):
    command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network",
               "--console=pipe", f"--directory={root}", f"--overlay-ro={overlay}", "--boot",
               "--hostname=moodline-test", "systemd.unit=multi-user.target"]
    if not sys.base_prefix.startswith("/usr"):
        command.insert(1, f"--bind-ro={sys.base_prefix}")  # a Python of somebody's own
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=BOOT_S)
    except subprocess.TimeoutExpired as e:
        raise Failed(f"the container did not finish in {BOOT_S} s:\n{(e.stdout or b'')[-3000:]}")


def outside(build):
    if os.geteuid() != 0:
        skip("booting a container needs root")
    if not shutil.which("systemd-nspawn"):
        skip("systemd-nspawn is not installed (Debian package systemd-container)")
    home = pathlib.Path(tempfile.mkdtemp(prefix="moodline-nspawn-"))
    home.chmod(0o755)
    try:
        stage, root = home / "stage", home / "root"
        package = make_package(pathlib.Path(build).resolve(), home / "package")
        run("dpkg-deb", "--extract", package, stage)
        check_stage(stage)
        root.mkdir()
        run("dpkg-deb", "--control", package, root / "DEBIAN")
        package.unlink()
        cache = (pathlib.Path(build) / "CMakeCache.txt").read_text()
        sanitized = re.search(r"^MOODLINE_SANITIZE:\w+=(.+)$", cache, re.M) is not None
        booted = boot(root, make_root(root, stage, sanitized))
        said, result = root / "said", root / "result"
        if not said.exists():
            skip("systemd-nspawn cannot boot here: " +
                 (booted.stderr or booted.stdout)[-600:].strip().replace("\n", " | "))
        print(said.read_text(errors="replace"))
        code = int(result.read_text()) if result.exists() else 1
        print("the unit ran as it should" if code == 0 else "FAILED, as said above")
        return code
    except Failed as problem:
        print(f"FAILED: {problem}")
        for said in glob.glob(str(home / "root" / "said")):
            print(pathlib.Path(said).read_text(errors="replace"))
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(inside() if sys.argv[1:] == ["--inside"] else outside(sys.argv[1]))
