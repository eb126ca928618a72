#!/usr/bin/env python3
"""An admin's tools beside a running moodlined: rules list, agreement, explain, plan, backtest, and a
bad reload that keeps the old rules. Usage: tools.py BUILD_DIR SOURCE_DIR"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1] / "support"), str(HERE.parents[1] / "crash")]
from handsets import Crashing, Handsets, accept_role, enrol
from rig import expect, run_test

MJ, KT, SAM, ANA, GWEN = ("+447700900123", "+447700900124", "+447700900101", "+447700900102",
                          "+447700900103")
LOW = "rules/low-mood.yaml"


def edited(service, name, changes):
    """A copy of the configuration with some words replaced."""
    copy = service.home / name
    shutil.copytree(service.config, copy)
    for file, old, new in changes:
        text = (copy / file).read_text()
        expect(old in text, f"{file} holds {old!r}")
        (copy / file).write_text(text.replace(old, new, 1))
    return copy


def tool(service, *args, code=0):
    """What people see: the exit code must be this, both outputs come back as one text."""
    done = subprocess.run([service.build / "moodline", "--socket", service.socket, "--config",
                           service.config, *args], capture_output=True, text=True, timeout=60)
    expect(done.returncode == code, f"moodline {' '.join(map(str, args))} ends with {code} "
                                    f"({done.returncode})\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def listed(service):
    text = tool(service, "rules", "list")
    expect("low-streak@2" in text and "streak" in text, "rules list is a table with every rule")
    expect(any(r["rule"] == "low-streak@2" for r in service.moodline("rules", "list")),
           "rules list speaks JSON")
    text = tool(service, "agreement", "list")
    expect("low-streak" in text and "agreed" in text, "agreement list is a table")
    mine = [a for a in service.moodline("agreement", "list", "MJ") if a["status"] == "agreed"]
    expect(len(mine) == 1, "agreement list takes a person")
    text = tool(service, "agreement", "show", "MJ", mine[0]["agreement"])
    expect("Sam Reed" in text and mine[0]["hash"] in text, "agreement show has wording and hash")


def planned(service):
    same = tool(service, "plan", service.config)
    expect("extra texts today: 0; people who must agree again: 0" in same, "the same files change nothing")
    wider = edited(service, "wider", [(LOW, "days: {default: 3,", "days: {default: 2,")])
    text = tool(service, "plan", wider)
    expect("waits for a new yes" in text and "MJ" in text, "a widening waits, and says for whom")
    expect("KT" not in text, "not somebody with a number of their own")
    expect(text.endswith("extra texts today: 1 (0 questions, 1 about agreements); "
                         "people who must agree again: 1\n"), "and it is counted")
    expect(service.moodline("plan", str(wider))["must_agree_again"] == 1, "plan speaks JSON")
    later = edited(service, "twice", [("programmes/evening-mood.yaml", 'daily: "18:00"',
                                       'times: ["18:00", "20:30"]')])
    expect("extra texts today: 2 (2 questions" in tool(service, "plan", later), "another question today is seen")
    bad = edited(service, "bad", [(LOW, "format:", "fromat:")])
    expect("low-mood.yaml:" in tool(service, "plan", bad, code=78), "a problem has its place")
    tool(service, "plan", service.home / "nowhere", code=1)


def rehearsed(service):
    none = tool(service, "backtest", "low-streak@2")
    expect("0 people" in none and "2 people left out" in none, "nobody has allowed it yet")
    tool(service, "person", "history", "MJ", "yes")
    text = tool(service, "backtest", "low-streak")
    expect("1 people" in text and "fires 1 for 1 people" in text, "who allows it is counted")
    expect("1 people left out" in text, "and who does not is said")
    tool(service, "person", "history", "KT", "yes")
    text = tool(service, "backtest", "low-streak")
    expect("2 people" in text and "fires 2 for 2 people" in text, "two low days are KT's own number")
    expect("1 of them by numbers of their own" in text, "and that is said")
    text = tool(service, "backtest", "low-streak", "--defaults")
    expect("fires 1 for 1 people" in text and "of their own" not in text, "or the rule's own for all")
    tool(service, "person", "history", "KT", "no")
    shared = tool(service, "backtest", "low-streak@2", "--shared")
    expect("under 5" in shared and "fires 1" not in shared, "small counts are not shared")
    both = service.moodline("--config", str(service.config), "backtest", "low-streak@2",
                            "--against", "low-some-days", "--from", "2026-03-01")
    expect(both["fires"] == 1 and both["left_out"] == 1 and "against" in both, "two are compared")
    expect("low-streak@2" in tool(service, "backtest", "low-streak@9", code=1), "what there is")
    good = service.home / "good.csv"
    rows = ["person,at,what,value"]
    for day in range(2, 6):
        rows += [f"a,2026-03-0{day}T18:00:00Z,delivered,", f"a,2026-03-0{day}T18:05:00Z,reply,3"]
    good.write_text("\n".join(rows) + "\n")
    text = tool(service, "backtest", "low-streak", "--csv", good)
    expect("fires 1 for 1 people" in text and "left out" not in text, "a file is rehearsed too")
    expect("fires 0" in tool(service, "backtest", "low-streak", "--csv", good, "--with", "days=5"), "by other numbers")
    own = [row + (",with.days" if n == 0 else ",5" if n == 2 else ",") for n, row in enumerate(rows)]
    good.write_text("\n".join(own) + "\n")
    text = tool(service, "backtest", "low-streak", "--csv", good)
    expect("fires 0" in text and "1 of them by numbers of their own" in text, "a file may carry each one's own")
    expect("fires 1" in tool(service, "backtest", "low-streak", "--csv", good, "--defaults"), "and be taken without")
    good.write_text("\n".join(own).replace(",5", ",20") + "\n")
    text = tool(service, "backtest", "low-streak", "--csv", good, code=1)
    expect("good.csv:3:32: with.days: of low-streak@2 cannot be 20; write 2 to 14" in text, "inside its limits")
    text = tool(service, "backtest", "low-streak", "--csv", good, "--with", "days", code=1)
    expect("write it like --with days=5" in text, "and what an option is like")
    good.write_text("\n".join([*rows, "a,2026-03-06T18:05:00Z,reply,three"]) + "\n")
    text = tool(service, "backtest", "low-streak", "--csv", good, code=1)
    expect('good.csv:10:30: value: "three" is not a number' in text, "a bad row has its place")
    expect("write a number" in text and "fires" not in text, "and its cure, and nothing is counted")


def old_rules_run_on(service, handsets):
    path = service.config / LOW
    text = path.read_text()
    path.write_text(text.replace("below: {default: 4", "below: {default: -4", 1))
    told = len(handsets.of(GWEN))
    answer = tool(service, "reload", code=78)
    expect("low-mood.yaml:" in answer, "a bad reload says where")
    service.settle()
    expect(any("problems" in t for t in handsets.of(GWEN)[told:]), "and the admin is told")
    expect(len(service.moodline("rules", "list")) > 5, "the old rules are still there")
    path.write_text(text)
    tool(service, "reload")


def retired(service, handsets):
    answer = tool(service, "rules", "retire", "low-streak", code=1)
    expect("still offered by programme evening-mood" in answer, "what is offered cannot be retired")
    path = service.config / "programmes/evening-mood.yaml"
    path.write_text(path.read_text().replace("low-streak@2, ", "", 1))
    tool(service, "reload")
    answer = tool(service, "rules", "retire", "low-streak")
    expect("has ended for 2 people" in answer, "everybody who had it is counted")
    service.settle()
    for number in (MJ, KT):
        expect(any("has ended for everybody" in t for t in handsets.of(number)), "and is told")
    expect(not any(a["status"] == "agreed" and a["rule"] == "low-streak"
                   for a in service.moodline("agreement", "list")), "nobody has it any more")
    expect("nobody has low-streak" in tool(service, "rules", "retire", "low-streak"), "once is enough")


def play(build, source, home):
    handsets = Handsets()
    service = Crashing(build, source, home, handsets, "2026-03-02T12:00:00Z")
    try:
        service.start()
        for number in (SAM, ANA, GWEN):
            accept_role(service, handsets, number)
        enrol(service, handsets, MJ, "MJ")
        enrol(service, handsets, KT, "KT", "--set", "low-streak.days=2")
        listed(service)
        planned(service)
        for day in range(2, 5):
            service.go_to(f"2026-03-0{day}T18:00:00Z")
            handsets.deliver(service.revive)
            handsets.say(MJ, "3", service.revive)
            handsets.say(KT, "6" if day == 2 else "3", service.revive)
        service.go_to("2026-03-05T09:00:00Z")
        handsets.deliver(service.revive)
        service.settle()
        told = {a["code"]: tool(service, "explain", a["code"]) for a in service.moodline("alert", "list")}
        code, why = next((c, w) for c, w in told.items() if "3 are needed" in w)
        expect("3 days running below 4; 3 are needed" in why, "explain shows the arithmetic")
        expect(any("2 days running below 4; 2 are needed" in w for w in told.values()), "by own numbers")
        expect("  2026-03-03  3  on the line" in why and "{" not in why, "and the readings, a line each")
        expect(isinstance(service.moodline("explain", code), list), "explain speaks JSON")
        rehearsed(service)
        old_rules_run_on(service, handsets)
        retired(service, handsets)
        expect(service.crashes == 0, "it never died")
        expect(service.stop() == 0, "it ends cleanly")
    finally:
        service.kill()
        handsets.close()


if __name__ == "__main__":
    sys.exit(run_test(lambda home: play(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), home)))
