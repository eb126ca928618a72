#!/usr/bin/env python3
"""Pages, email, webhooks, the HTTP API, exports, imports and manual pages, over the real daemon.
Usage: outside.py BUILD_DIR SOURCE_DIR"""
import base64
import csv
import hashlib
import hmac
import html
import io
import json
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import expect, leaks, run_test, wait_for
from story import MJ, SAM, WEBHOOK_SECRET, Story


def fetch(url, form=None, headers=None, body=None):
    """(status, headers, text) of a GET, or of a POST of a form or a body."""
    data = urllib.parse.urlencode(form).encode() if form is not None else body
    request = urllib.request.Request(url, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode()


def button(page, what):
    """The hidden fields of a page's button."""
    for form in re.findall(r"<form.*?</form>", page, re.S):
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        if fields.get("do") == what:
            return fields
    raise AssertionError(f"no button {what}")


def views(service):
    return sum(r["action"] == "page.view" for r in service.moodline("audit", "list"))


def the_page(story, code):
    service = story.service
    story.say(SAM, f"LINK {code}")
    link = story.text(SAM, r"(http://\S+/a/\S+)")[1]
    for _ in range(3):  # a previewer, a scanner, the reader
        status, headers, cover = fetch(link)
    expect(status == 200 and "MJ" not in cover, "a GET shows a neutral page")
    expect(views(service) == 0, "and counts as nobody")
    expect(headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer",
           "it is not stored and no referrer goes on")
    status, _, shown = fetch(link, button(cover, "show"))
    expect(status == 200 and f"Alert {code}" in shown and "If I score below 4" in html.unescape(shown),
           "Show opens the alert's page")
    expect("walk to the harbour" in shown and "<svg" in shown and "3 days running below 4" in shown,
           "with plan, chart and arithmetic")
    expect(views(service) == 1, "the look is in the trail")
    status, _, _ = fetch(link, {"do": "ack", "form": "forged"})
    expect(status == 403, "a forged form is refused")
    fetch(link, button(shown, "ack"))
    expect(service.moodline("alert", "show", code)["acknowledged_by"] == "sam", "ACK works")
    other = link[:-2] + ("AA" if link[-2:] != "AA" else "BB")
    expect(fetch(other)[0] == 404, "a forged link opens nothing")
    expect(fetch(link.replace("/a/", "/d/"))[0] == 404, "nor does a link for another purpose")
    log = (service.home / "moodlined.log").read_text(errors="replace")
    expect(link.rsplit("/", 1)[1] not in log, "no token is in the log")
    for word in ("WHO", "LOG"):
        story.say(MJ, word)
        story.text(MJ, r"Sam Reed 1x 16 Mar")
    expect(True, "MJ sees with WHO and LOG who looked")
    return link


def the_email(story, code):
    mail = wait_for("an email", lambda: story.mailbox.mails)[0]
    expect("sam@example.org" in mail["To"] and code in mail["Subject"], "the alert came by email")
    expect("mood" not in mail["Subject"].lower(), "its subject says nothing of health")
    text = mail.get_body(("plain",)).get_content()
    markup = mail.get_body(("html",)).get_content()
    link = re.search(r"http://\S+/a/\S+", text)[0]
    expect(html.escape(link) in markup, "as text and as HTML, with the same link")
    expect(fetch(link)[0] == 200, "which opens")


def the_webhook(story, code):
    headers, body = wait_for("a webhook", lambda: story.receiver.events)[0]
    headers = {k.lower(): v for k, v in headers.items()}
    key = base64.b64decode(WEBHOOK_SECRET[len("whsec_"):])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    expect(headers["webhook-signature"] == right, "the webhook's signature verifies")
    event = json.loads(body)
    expect(event["type"] == "alert.open" and event["data"]["alert"] == code, "it tells of the alert")
    expect(MJ not in body.decode() and "harbour" not in body.decode(), "and nothing personal")
    expect(story.receiver.fail == 0, "having been tried again after a failure")


def the_api(story, code):
    service = story.service
    base = f"http://127.0.0.1:{service.api_port}/api/v1/"
    status, _, text = fetch(base + "openapi.json")
    document = json.loads(text)
    expect(status == 200 and document["openapi"].startswith("3.1"), "the API describes itself")
    expect("/api/v1/alert.list" in document["paths"], "action by action")
    token = service.moodline("token", "add", "board", "--scope", "read")["token"]
    auth = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    expect(fetch(base + "alert.list", headers={}, body=b"{}")[0] == 401, "no token, no answer")
    status, _, text = fetch(base + "alert.list", headers=auth, body=b"{}")
    expect(status == 200 and json.loads(text)[0]["code"] == code, "a token with the scope reads")
    expect(fetch(base + "alert.done", headers=auth, body=b'{"alert": "K7"}')[0] == 403,
           "and does not write")
    expect(fetch(base + "token.add", headers=auth, body=b"{}")[0] == 403, "nor makes tokens")
    expect(fetch(base + "no.such", headers=auth, body=b"{}")[0] == 404, "unknown actions are 404")
    expect(fetch(base + "alert.list", headers=auth, body=b"[")[0] == 400, "bad JSON is 400")
    expect(token not in (service.home / "moodlined.log").read_text(), "no token is in the log")
    service.moodline("token", "revoke", "board")
    expect(fetch(base + "alert.list", headers=auth, body=b"{}")[0] == 401, "a revoked one is refused")
    listed = service.moodline("token", "list")
    expect(listed[0]["revoked"] and token not in json.dumps(listed), "and listed without its secret")


def the_records(story, home):
    service = story.service
    out = home / "mj.csv"
    subprocess.run([service.build / "moodline", "--socket", service.socket, "person", "export", "MJ",
                    "--format", "csv", "--out", out], check=True, stderr=subprocess.DEVNULL)
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    expect(sum(r["kind"] == "reading" for r in rows) == 12, "the CSV holds every reading")
    expect(out.stat().st_mode & 0o077 == 0, "and is its owner's alone")
    bundle = json.loads(service.moodline("person", "export", "MJ", "--format", "fhir")["text"])
    expect(len(bundle["entry"]) == 13, "the FHIR bundle holds a Patient and each reading")
    (home / "bundle.json").write_text(json.dumps(bundle))
    table = service.moodline("evaluation")["text"]
    expect("MJ" not in table and "active" in table, "the evaluation table names nobody")
    people = ("number,as,programme,practitioner,track,agreed_with,agreed_on\r\n"
              "07700 900301,AB,evening-mood,sam,mood=sleep,Sam Reed,2026-03-02\r\n"
              "07700 900302,CD,nowhere,sam,mood=sleep,Sam Reed,2026-03-02\r\n"
              "banana,EF,evening-mood,sam,mood=sleep,Sam Reed,2026-03-02\r\n"
              "07700 900301,GH,evening-mood,sam,mood=sleep,Sam Reed,2026-03-02\r\n"
              '07700 900304,IJ,evening-mood,sam,"mood=",Sam Reed,2026-03-02\r\n')
    (home / "people.csv").write_bytes(b"\xff\xfe" + people.encode("utf-16-le"))
    report = service.moodline("person", "import", "--dry-run", home / "people.csv", code=1)
    expect([p["line"] for p in report["problems"]] == [3, 4, 5, 6], "a dry run names every bad row")
    expect(len(service.moodline("person", "list")) == 1, "and changes nothing")
    (home / "good.csv").write_text("".join(people.splitlines(True)[:2]))
    expect(service.moodline("person", "import", home / "good.csv")["enrolled"] == 1,
           "a good file is enrolled")
    goal = "to sleep through the night, to get up with the alarm, and to walk to the harbour again"
    rows = "".join(f"+447700900{n},P{n},evening-mood,sam,\"mood={goal}\",Sam Reed,2026-03-02\r\n"
                   for n in range(400, 1000))
    (home / "long.csv").write_text(people.splitlines(True)[0] + rows)
    expect(len(rows) > 80_000 and
           service.moodline("person", "import", "--dry-run", home / "long.csv")["bad"] == 0,
           "a file of six hundred people is taken")
    story.say(MJ, "DATA")
    link = story.text(MJ, r"(http://\S+/d/\S+)")[1]
    _, _, cover = fetch(link)
    status, _, shown = fetch(link, button(cover, "show"))
    expect(status == 200 and fetch(link)[0] == 410, "DATA gives a link that opens once")
    _, headers, text = fetch(link, button(shown, "json"))
    expect("attachment" in headers["Content-Disposition"] and json.loads(text)["readings"],
           "behind which everything held is saved")
    service.moodline("outage", "2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z")
    expect(service.moodline("audit", "export")[0]["seq"] == 1, "the trail is exported")
    expect(service.moodline("audit", "verify") == {"verified": True}, "and verifies")


def the_backup(story, home):
    service = story.service
    copy = home / "copy.db"
    expect(service.moodline("backup", str(copy)) == {"backup": str(copy)}, "a backup while it runs")
    service.moodline("backup", str(copy), code=1)
    done = subprocess.run([service.build / "moodline", "--json", "--config", service.config,
                           "--credentials", service.credentials, "restore", "--check", copy],
                          capture_output=True, text=True, timeout=60)
    report = json.loads(done.stdout or "{}")
    expect(done.returncode == 0 and report["persons"] >= 1 and report["readings"] >= 1 and
           report["persons_without_key"] == 0, "is proved, and a second one does not replace it")


def unshared(story, link):
    story.say(MJ, "UNSHARE Sam")
    _, _, cover = fetch(link)
    status, _, page = fetch(link, button(cover, "show")) if "do" in cover else (410, None, cover)
    expect(status in (403, 410) and "MJ" not in page, "after UNSHARE the link shows nothing")


def by_hand(story):
    """A text past the service: to anybody but those who said STOP."""
    service = story.service
    send = [service.build / "moodline", "--socket", service.socket, "--config", service.config,
            "--credentials", service.credentials, "--languages", service.languages, "provider", "send",
            "phones", MJ, "hello"]
    sent = subprocess.run(send, capture_output=True, text=True, timeout=60)
    expect(sent.returncode == 0 and "accepted" in sent.stdout,
           f"an admin texts a number by hand{'' if sent.returncode == 0 else sent.stdout + sent.stderr}")
    story.say(MJ, "STOP")
    story.text(MJ, r"(no more check-ins)")
    refused = subprocess.run(send, capture_output=True, text=True, timeout=60)
    expect(refused.returncode == 1 and "has said STOP" in refused.stderr, "but not after STOP")
    service_yaml = service.config / "service.yaml"
    good = service_yaml.read_text()
    # Who said STOP stands where nobody may look now: no file there is not the same as no STOP.
    (service.home / "loop").symlink_to(service.home / "loop")
    service_yaml.write_text(re.sub(r"database: .*", f"database: {service.home}/loop/moodline.db", good))
    apart = [*send[:2], service.home / "no-daemon", *send[3:]]
    unread = subprocess.run(apart, capture_output=True, text=True, timeout=60)
    expect(unread.returncode != 0 and "could not be read" in unread.stderr and "--unchecked" in
           unread.stderr, "nor where it cannot be read who did")
    service_yaml.write_text(good)
    service.moodline("reload")
    done = {r["action"] for r in service.moodline("audit", "list")}
    expect({"backup", "config.reload"} <= done,
           "backups and reloads are in the trail")


def the_manual(build, home):
    pages = home / "man"
    pages.mkdir()
    subprocess.run([build / "moodline", "man", pages], check=True, stdout=subprocess.DEVNULL)
    names = {p.name for p in pages.iterdir()}
    expect({"moodline.1", "moodline-person-add.1", "moodline-key-rotate.1"} <= names,
           f"{len(names)} manual pages are written")
    for page in pages.iterdir():
        text = page.read_text()
        expect_quietly(".SH EXIT STATUS" in text and ".SH NAME" in text, page.name)
        leaf = ".SH COMMANDS" not in text
        expect_quietly(not leaf or ".SH EXAMPLE" in text, f"{page.name} has an example")
    script = subprocess.run([build / "moodline", "completion"], check=True, capture_output=True,
                            text=True).stdout
    (home / "completion").write_text(script)
    said = subprocess.run(
        ["bash", "-c", f"source {home}/completion; COMP_WORDS=(moodline person ex); COMP_CWORD=2; "
         "_moodline; echo ${COMPREPLY[@]}"], check=True, capture_output=True, text=True).stdout
    expect(said.split() == ["export"], "bash completes a command")


def expect_quietly(condition, what):
    if not condition:
        expect(False, what)


def while_down(service):
    """With the daemon stopped the tool works on the store itself."""
    alone = ["--config", service.config, "--credentials", service.credentials,
             "--languages", service.languages]
    routes = service.moodline(*alone, "service")["routes"]
    expect(routes[0]["two_way"] is True and routes[0]["receipts"] is True,
           "with the daemon stopped, moodline service still says what a route can carry")
    expect(service.moodline(*alone, "person", "list")[0]["as"] == "MJ", "and people are listed")


def play(build, source, home):
    story = Story(build, source, home)
    try:
        the_manual(pathlib.Path(build), home)
        story.receiver.fail = story.mailbox.refuse = 1
        code = story.to_the_alert()
        story.service.go_to("2026-03-16T09:40:00Z")
        the_email(story, code)
        the_webhook(story, code)
        link = the_page(story, code)
        the_api(story, code)
        the_records(story, home)
        the_backup(story, home)
        unshared(story, link)
        by_hand(story)
        story.say(MJ, "6 the kittiwakes came back today")
        found = leaks(story.service, [MJ[3:], SAM[3:], "kittiwakes", "walk to the harbour",
                                      "to get through the evenings", "ring Jo"])
        expect(not found, f"no number and no word of the run in the log, metrics or files {found}")
        expect(story.service.stop() == 0, "moodlined ends well")
        while_down(story.service)
    finally:
        story.stop()


if __name__ == "__main__":
    sys.exit(run_test(lambda home: play(sys.argv[1], sys.argv[2], home)))
