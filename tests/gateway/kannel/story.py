#!/usr/bin/env python3
"""The whole loop through Debian's Kannel: enrolment, three low evenings, the alert, its
acknowledgement, recovery, STOP and silence, told from what the handsets behind the fake SMSC saw
and what `moodline --json` says. Usage: story.py BUILD_DIR SOURCE_DIR; exit 77 without Kannel."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from talk import ANA, GWEN, MJ, SAM, Failed, Service, Story, expect, joining, run_test, wait_for, words
import gateway

STRANGER = "+447700900150"
PASSWORD, PATHSECRET = "kannel-test-word", "hook-test-word"


def low_evenings(s):
    print("3. Three low evenings, one answered late")
    s.prompt("2026-03-03T18:00:00Z")
    s.asks(MJ, "3", "^Got 3 for today")
    s.prompt("2026-03-04T18:00:00Z")
    before = len(s.phones.of(MJ))
    s.go_to("2026-03-05T09:30:00Z")
    expect(not any("mood been today" in t.text for t in s.phones.of(MJ)[before:]),
           "an unanswered question is not put again")
    s.asks(MJ, "3, sorry it's late", "^Got 3 for (yesterday|Wed)")
    s.prompt("2026-03-05T18:00:00Z")
    s.asks(MJ, "2 😟", "^Got 2 for today")
    expect(s.readings() == {"2026-03-03": "3", "2026-03-04": "3", "2026-03-05": "2"},
           "the series is 3, 3 (of the evening it was asked for), 2")


def alert(s):
    print("4. The alert, in Sam's hours; ACK, DONE")
    before = len(s.phones.of(SAM))
    s.go_to("2026-03-06T08:59:00Z")
    expect(len(s.phones.of(SAM)) == before, "Sam is not texted before nine")
    open_alerts = s.service.moodline("alert", "list")
    expect(len(open_alerts) == 1 and open_alerts[0]["rule"] == "low-streak" and
           open_alerts[0]["acknowledged"] is None, "moodline lists one open alert")
    s.go_to("2026-03-06T09:00:00Z")
    text = s.waits(SAM, "the alert", lambda t: "agreed line" in t, before)
    expect(len(s.phones.of(SAM)) == before + 1 and text.parts == 1, "one alert, in one segment")
    code = re.match(r"Check-in ([A-Z]\d+): MJ", text.text)
    expect(code and code[1] == open_alerts[0]["code"], "it has the code that moodline shows")
    code = code[1]
    expect(not re.search(r"mood|below 4|\b[23]\b", text.text.replace(code, "")),
           "it has no score and no threshold")
    s.asks(SAM, f"ack {code.lower()}", f"^{code} is yours")
    shown = s.service.moodline("alert", "show", code)
    expect(shown["acknowledged_by"] == "sam" and shown["status"] == "open",
           "moodline shows who acknowledged; the alert stays open until it clears")
    wait_for("the alert's receipt from the fake SMSC", lambda: [
        x["status"] for x in s.service.moodline("alert", "show", code)["texts"]] == ["delivered"])
    explained = s.service.moodline("explain", code)
    shown = [i["shown"] for i in explained[0]["items"]]
    expect(len(explained) == 1 and shown[-3:] == ["3", "3", "2"],
           "moodline explains it by the three readings")
    s.asks(SAM, f"DONE {code} rang, tŵr coffi on Friday ☕", f"^{code} closed")
    done = [a for a in s.service.moodline("alert", "list", "--all") if a["code"] == code]
    expect(done[0]["done"] is not None, "moodline shows that it was dealt with")
    return code


def recovery(s, code):
    print("5. Recovery and the resolve notice")
    others = {n: len(s.phones.of(n)) for n in (ANA, GWEN)}
    before = len(s.phones.of(SAM))
    s.prompt("2026-03-06T18:00:00Z")
    s.asks(MJ, "6 diolch", "^Got 6 for today")
    s.prompt("2026-03-07T18:00:00Z")
    s.asks(MJ, "7, a good day", "^Got 7 for today")
    s.go_to("2026-03-08T17:59:00Z")
    expect(s.service.moodline("alert", "list") == [], "two good evenings clear the alert")
    cleared = [a for a in s.service.moodline("alert", "list", "--all") if a["code"] == code]
    expect(cleared[0]["status"] == "cleared", "and moodline says so")
    expect(len(s.phones.of(SAM)) == before, "a resolve notice does not come at the weekend")
    s.prompt("2026-03-08T18:00:00Z")
    s.asks(MJ, "6", "^Got 6")
    s.go_to("2026-03-09T09:30:00Z")
    s.waits(SAM, "the resolve notice", lambda t: code in t and "no longer crossed" in t, before)
    seen = [t.text for n, had in others.items() for t in s.phones.of(n)[had:]
            if "The check-ins run." not in t.text]  # the admin's daily word
    expect(not seen, f"an alert that was dealt with went to nobody else {seen or ''}")


def leaving(s):
    print("6. A stranger; STOP; silence")
    strangers = len(s.phones.of(STRANGER))
    s.phones.say(STRANGER, "who is this?")
    s.prompt("2026-03-09T18:00:00Z")
    before = len(s.phones.of(MJ))
    s.asks(MJ, "STOP", "no more check-ins")
    s.go_to("2026-03-16T12:00:00Z")
    expect(len(s.phones.of(MJ)) == before + 1, "one confirmation of STOP, then silence for a week")
    expect(len(s.phones.of(STRANGER)) == strangers, "a stranger is not answered")
    expect(s.service.moodline("person", "show", "MJ")["status"] == "stopped",
           "moodline says the person has stopped")
    s.service.moodline("person", "add", "--number", "07700 900123", "--as", "MJ", "--programme",
                       "evening-mood", "--track", "mood=sleep", "--agreed-with", "Sam Reed",
                       "--agreed-on", "2026-03-02", code=1)
    expect(s.service.moodline("audit", "verify") == {"verified": True}, "the audit trail verifies")
    expect(s.service.moodline("outbox", "list") == [], "nothing is left in the outbox")


def play(build, source, home):
    service = Service(
        build, source, home, secrets={"kannel-password": PASSWORD, "kannel-hook": PATHSECRET},
        start="2026-03-02T17:30:00Z", providers="")
    kannel = gateway.Kannel(home, service.hooks_port, PASSWORD, PATHSECRET)
    service.providers = (
        "- name: kannel\n  type: kannel\n  settings:\n"
        f'    send_url: "http://127.0.0.1:{kannel.send}/cgi-bin/sendsms"\n'
        "    username: moodline\n    password: kannel-password\n    path_secret: kannel-hook")
    service.provider_name = "kannel"
    service.write_config(service.start_at)
    try:
        kannel.start()
        service.start()
        story = Story(service, kannel)
        joining(story)
        words(story)
        low_evenings(story)
        recovery(story, alert(story))
        leaving(story)
        expect(service.stop() == 0, "moodlined ends cleanly")
        log = (home / "moodlined.log").read_text(errors="replace")
        for secret in (MJ, MJ[1:], "900123", "harbour", PASSWORD, PATHSECRET):
            if secret in log:
                raise Failed(f"the log holds {secret!r}")
        expect(True, "the log holds no number, no word of a text and no secret")
    finally:
        try:
            service.stop()
        finally:
            kannel.stop()


def main():
    build, source = sys.argv[1:3]
    if not gateway.installed():
        print("skipped: Kannel's bearerbox and smsbox are not installed (Debian package kannel)")
        return 77
    return run_test(lambda home: play(build, source, home))


if __name__ == "__main__":
    sys.exit(main())
