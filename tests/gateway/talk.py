"""What people say in the tests through real gateways, and what is expected of the answers. A far end
has `phones` (of, say) and flush()."""
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rig import Failed, Service, expect, run_test, wait_for  # for the stories too

OURS = "+447700900000"
MJ = "+447700900123"
SAM, ANA, GWEN = "+447700900101", "+447700900102", "+447700900103"
PLAN = ("PLAN when the evening is heavy I put my boots on and walk to the harbour and back, past the "
        "old lifeboat house and the slipway, then ring Jo who says to ring at any hour; if Jo is at "
        "work I make soup, the long recipe with barley and leeks, and I eat it at the table with the "
        "radio on; after that I write down one thing that went right today and go to bed by eleven.")
WELSH = ("PLAN pan fydd hi'n ddu arnaf, cerdded i lawr at y tŵr ac yn ôl ar hyd y traeth 🌊, wedyn ffonio "
         "Siân; os yw hi'n gweithio, gwneud cawl a bwyta wrth y bwrdd.")


class Story:
    def __init__(self, service, far):
        self.service, self.far, self.phones = service, far, far.phones

    def waits(self, number, what, test, since=0):
        """The first text to `number` after the first `since` that fits."""
        try:
            found = wait_for(f"{what} on {number}", lambda: [
                t for t in self.phones.of(number)[since:] if test(t.text)], 30)
        except Failed as problem:
            seen = [t.text for t in self.phones.of(number)[since:]]
            raise Failed(f"{problem}; seen: {seen}") from None
        print(f"      {number} sees: {found[0].text!r}", flush=True)
        return found[0]

    def asks(self, number, words, answer, parts=1):
        """Somebody types `words`; the answer that comes back and fits `answer` (a pattern)."""
        before = len(self.phones.of(number))
        self.phones.say(number, words, parts)
        text = self.waits(number, f"an answer to {words[:20]!r} like {answer!r}",
                          lambda t: re.search(answer, t), before)
        self.service.settle()
        return text

    def go_to(self, instant):
        self.service.go_to(instant)
        self.far.flush()

    def prompt(self, instant):
        """Time goes on to `instant`; MJ is asked once, then."""
        before = len(self.phones.of(MJ))
        self.go_to(instant)
        self.waits(MJ, f"the question of {instant}", lambda t: "mood been today" in t, before)
        expect(len(self.phones.of(MJ)) == before + 1, f"one text at {instant}, the question")

    def readings(self):
        return {r["day"]: r["value"] for r in self.service.moodline("person", "series", "MJ")[
            "readings"] if not r["corrected"]}


def joining(s, roles=(SAM, ANA, GWEN)):
    print("1. Roles, enrolment, agreement")
    for number in roles:
        request = s.waits(number, "the request of a role", lambda t: "Text ACCEPT" in t)
        code = re.search(r"ACCEPT (\S+?)[\s,.]", request.text)[1]
        s.asks(number, f"ACCEPT {code}", "^Thank you. Your role")
    refused = s.service.moodline("person", "add", "--number", "07700 900123", "--as", "MJ",
                                 "--programme", "evening-mood", "--track", "mood=sleep", code=1)
    expect("agreed" in refused, "nobody is enrolled without who agreed it and when")
    s.service.moodline("person", "add", "--number", "07700 900123", "--as", "MJ", "--programme",
                       "evening-mood", "--practitioner", "sam", "--track",
                       "mood=to get through the evenings", "--agreed-with", "Sam Reed",
                       "--agreed-on", "2026-03-02", "--rule", "low-streak")
    invitation = s.waits(MJ, "the invitation", lambda t: "Text AGREE" in t)
    code = re.search(r"AGREE (\S+)", invitation.text)[1]
    s.go_to("2026-03-02T18:30:00Z")
    expect(len(s.phones.of(MJ)) == 1, "before AGREE nothing but the invitation is sent")
    s.asks(MJ, f"AGREE {code}", "^Thank you, you are in")
    rule = s.waits(MJ, "the sentence to agree to", lambda t: "3 days running" in t)
    expect("below 4" in rule.text and "{" not in rule.text, "the sentence has its numbers in it")
    line = re.search(r"Text AGREE (L\d+)", rule.text)[1]
    s.asks(MJ, f"AGREE {line}", f"^Agreed: {line}")
    status = s.service.moodline("person", "show", "MJ")["status"]
    expect(status == "active", "moodline says the person is active")


def words(s):
    print("2. Unicode and long texts, both ways")
    short = s.asks(MJ, "PLAN cerdded i lawr at y tŵr 🌊", "^Kept")
    expect(short.unicode and "tŵr 🌊" in short.text, "ŵ and an emoji come and go unharmed")
    welsh = s.asks(MJ, WELSH, "^Kept")
    expect(welsh.unicode and welsh.parts == 3 and WELSH[len("PLAN "):] in welsh.text,
           "a long one too, in three parts")
    long = s.asks(MJ, PLAN, "^Kept", parts=3)
    expect(PLAN[len("PLAN "):] in long.text, "a text of three parts is joined and read as one")
    expect(long.parts == 3 and not long.unicode, "a text of three parts is sent as three")
    again = s.asks(MJ, "PLAN", "harbour")
    expect(PLAN[len("PLAN "):] in again.text, "and it was kept")


def one_evening(s):
    print("3. A question, its answer, STOP and silence")
    s.prompt("2026-03-03T18:00:00Z")
    s.asks(MJ, "6 diolch 🌊", "^Got 6 for today")
    expect(s.readings() == {"2026-03-03": "6"}, "the reading is there")
    before = len(s.phones.of(MJ))
    s.asks(MJ, "STOP", "no more check-ins")
    s.go_to("2026-03-05T12:00:00Z")
    expect(len(s.phones.of(MJ)) == before + 1, "one confirmation of STOP, then silence")
    expect(s.service.moodline("person", "show", "MJ")["status"] == "stopped",
           "moodline says the person has stopped")
    expect(s.service.moodline("outbox", "list") == [], "nothing is left in the outbox")


def short_story(service, far, before_the_end=lambda: None):
    """A role, agreement, unicode and long texts both ways, one evening, STOP; a clean end."""
    service.start()
    story = Story(service, far)
    joining(story, (SAM,))
    words(story)
    one_evening(story)
    before_the_end()
    expect(service.stop() == 0, "moodlined ends cleanly")
    log = (service.home / "moodlined.log").read_text(errors="replace")
    for secret in (MJ, MJ[1:], "900123", "harbour"):
        if secret in log:
            raise Failed(f"the log holds {secret!r}")
    expect(True, "the log holds no number and no word of a text")


class Text:
    """A text as a handset shows it: joined and decoded; `parts` as they went over the air."""

    def __init__(self, sender, to, text, parts, unicode):
        self.sender, self.to, self.text = sender, to, text
        self.parts, self.unicode = parts, unicode
        self.at = time.time()


class Handsets:
    """Phones whose texts come and go in parts. `send(number, pieces, reference, unicode)` is the
    gateway's own: it brings what somebody typed to the gateway's ear."""

    def __init__(self, send):
        self.texts, self.lock, self.send = [], threading.Lock(), send
        self.reference, self.waiting = 0, {}

    def part(self, to, data, unicode, reference=None, total=1, number=1):
        """A part went out to `to`: UTF-16BE, or text in ASCII."""
        parts = self.waiting.setdefault((to, reference), {})
        parts[number] = data
        if len(parts) < total:
            return
        del self.waiting[(to, reference)]
        whole = b"".join(parts[i] for i in range(1, total + 1))
        text = Text(OURS, to, whole.decode("utf-16-be" if unicode else "ascii"), total, unicode)
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
        unicode = any(ord(c) > 127 for c in words)
        alone, size = (70, 66) if unicode else (160, 153)
        pieces = [words]
        if len(words) > alone - (2 if unicode else 0):  # an emoji is two units, and never cut
            pieces = [words[i:i + size - 2] for i in range(0, len(words), size - 2)]
        if len(pieces) < parts:
            raise Failed(f"{words[:20]!r} does not take {parts} parts")
        self.reference = self.reference % 255 + 1
        self.send(number, pieces, self.reference, unicode)
