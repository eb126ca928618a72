#!/usr/bin/env python3
"""Every example of the help texts, typed as it stands against a running daemon: each does what it
says (exit 0) or is refused for the reason given below. Reading commands print JSON with --json.
Usage: examples.py BUILD_DIR SOURCE_DIR"""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import Failed, expect, free_ports, run_test
from story import MJ, SAM, Story

TIME_S = 120
# What a running service without faults refuses, by the command: exit code and the fault's name.
REFUSED = {
    "moodline outbox retry": (1, "no_such_text"),      # there is none with that id
    "moodline clock ok": (1, "clock_not_held"),        # it has not jumped
    "moodline rules retire": (1, "still_offered"),      # by a programme
    "moodline key rotate": (69, "in_use"),             # only with the daemon stopped
}
# These end something the others look at, so they come last and in this order.
LATE = ["alert-pass", "alert-done", "token-revoke", "person-transfer", "practitioner-handover",
        "person-discharge", "person-erase", "key-add", "key-rotate"]
# Commands that answer with a document or a report of their own rather than with rows.
READS = ["alert list", "alert show", "agreement list", "agreement show", "audit list",
         "audit verify", "cost", "explain", "outage", "outbox list", "person list", "person series",
         "person show", "practitioner list", "provider list", "provider show", "replies unread",
         "rules list", "service", "token list"]


def examples(build, scratch):
    """{page: example} of every command, out of the manual pages, which are made of --help."""
    man = scratch / "man"
    man.mkdir()
    subprocess.run([build / "moodline", "man", man], check=True, stdout=subprocess.DEVNULL)
    found = {}
    for page in sorted(man.glob("moodline-*.1")):
        text = page.read_text()
        if ".SH COMMANDS" in text:
            continue  # a group: its commands have the examples
        example = re.search(r"\.SH EXAMPLE\n\.nf\n(.*?)\n\.fi\n", text, re.S)
        if not example:
            raise Failed(f"{page.stem} has no example")
        plain = example[1].replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")
        found[page.stem.removeprefix("moodline-")] = plain
    return found


def scratch_folder(source, home):
    """A folder with what the examples read, in which they may write."""
    scratch = home / "scratch"
    scratch.mkdir()
    for name in ("config", "tests"):
        (scratch / name).symlink_to(source / name)
    (scratch / "people.csv").write_text(
        "number,as,programme,track,agreed_with,agreed_on\n"
        "+447700900150,AB,evening-mood,mood=to sleep,Sam Reed,2026-03-02\n")
    (scratch / "opt-outs.csv").write_text("Phone\n+447700900160\n")
    (home / "backup").mkdir()
    (home / "more").mkdir()
    return scratch


def as_typed(example, story, home, code, key, unread):
    """The example with this service's names instead of the ones made up for the help."""
    service = story.service
    for made_up, real in (
            ("/etc/moodline/secrets/moodline-lookup-key --purpose", f"{home}/more/lookup --purpose"),
            ("/etc/moodline/secrets", str(service.credentials)), ("/etc/moodline", str(service.config)),
            ("/var/lib/moodline/backup", f"{home}/backup"), ("/usr/share/man/man1", f"{home}/more"),
            ("/usr/share/bash-completion/completions", f"{home}/more"),
            ("07700 900123", "07700 900170"), ("--as MJ", "--as NN"), ("p-7f3k9q2mab", key),
            ("K7", code), ("L3", "L1"), ("replies seen 12", f"replies seen {unread}"),
            ("reopen kannel", "reopen phones"), ("test kannel", "test phones"),
            ("opt-outs texts", "opt-outs phones"),
            ("demo --script", f"demo --script --port {free_ports(2)[0]}")):
        example = example.replace(made_up, real)
    return example


def typed(command, story, scratch):
    """Runs a line as a shell does, `moodline` being ours with this service's places."""
    service = story.service
    places = {"--socket": service.socket, "--config": service.config,
              "--credentials": service.credentials, "--languages": service.languages}
    if "moodline demo" in command:
        del places["--config"]  # it is the sample's
    tool = f"{service.build}/moodline " + " ".join(
        f"{flag} {value}" for flag, value in places.items() if flag not in command)
    # A function, so that the line itself is run exactly as it is printed.
    line = f"moodline() {{ {tool} \"$@\"; }}\n{command}\n"
    return subprocess.run(["bash", "-c", line], cwd=scratch, capture_output=True, text=True,
                          timeout=TIME_S, env=dict(os.environ))


def play(home):
    build, source = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    story = Story(build, source, home)
    scratch = scratch_folder(source, home)
    try:
        story.join()
        story.evenings(["3", "2", "3"])
        story.service.go_to("2026-03-05T09:30:00Z")
        story.handsets.deliver(lambda: None)
        code = story.text(SAM, r"Check-in ([A-Z]\d+)")[1]
        story.say(MJ, "a hard week, the boiler broke")
        moodline = story.service.moodline
        key = moodline("person", "show", "MJ")["key"]
        unread = moodline("replies", "unread")[0]["id"]
        known = examples(build, scratch)
        expect(len(known) > 40, f"{len(known)} commands have an example")
        early = sorted(name for name in known if name not in LATE)
        early.sort(key=lambda name: {"backup": 0, "token-add": 0, "restore": 1}.get(name, 0))
        wrong = []
        for name in early + LATE:
            command = as_typed(known[name], story, home, code, key, unread)
            done = typed(command, story, scratch)
            said = f"$ {command}\nexit {done.returncode}\n{done.stdout[-600:]}{done.stderr[-600:]}"
            wanted = next((v for k, v in REFUSED.items() if known[name].find(k[9:]) >= 0), (0, ""))
            if done.returncode != wanted[0] or (wanted[1] and f"[{wanted[1]}]" not in done.stderr):
                wrong.append(said)
                continue
            if not (done.stdout or done.stderr or ">" in command):
                wrong.append(said + "it says nothing at all")
            plain = known[name].removeprefix("moodline ")
            if any(plain.startswith(r) for r in READS):
                again = typed(command.replace("moodline ", "moodline --json ", 1), story, scratch)
                json.loads(again.stdout)
            if name == "hold":
                typed("moodline hold --off", story, scratch)
            print(f"  ok  {command}", flush=True)
        if wrong:
            raise Failed("examples that do not do what they say:\n" + "\n".join(wrong))
    finally:
        story.stop()


if __name__ == "__main__":
    sys.exit(run_test(play))
