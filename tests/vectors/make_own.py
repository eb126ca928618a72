#!/usr/bin/env python3
"""Writes own_*.json: captures of our own making for what the others do not hold: every status word and code, edges of
every window, every missing or doubled header, rotation, unicode, parts. Signed here, by the schemes the providers
publish, with another language's libraries; keys are derived from fixed words (RSA keys are new each time). Run by
hand: needs python3-cryptography. With names (own_twilio ...) it writes those files alone.
"""
import base64, datetime, hashlib, hmac, json, pathlib, sys, urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

NOW = 1795290000  # 2026-11-21T19:40:00Z
HERE = pathlib.Path(__file__).parent
BASE = "https://gw.example.org/hook/"
SOURCE = {"type": "own", "ref": "tests/vectors/make_own.py", "licence": "same as the project"}
FORM = "application/x-www-form-urlencoded"
b64 = lambda b: base64.b64encode(b).decode()
b64u = lambda b: base64.urlsafe_b64encode(b).decode().rstrip("=")
compact = lambda o: json.dumps(o, separators=(",", ":"), ensure_ascii=False)
files = {}


def mac(key, text, digest="sha256"):
    return hmac.new(key.encode(), text if isinstance(text, bytes) else text.encode(), digest).digest()


def add(file, ident, provider, kind, scheme, path, headers, body, expect, method="POST", secret=None, now=NOW, **more):
    url = path if path.startswith("http") else BASE + path
    v = {"id": "own-" + ident, "provider": provider, "kind": kind, "scheme": scheme, "method": method, "url": url,
         "headers": headers, "body": body}
    if secret is not None:
        v["secret"] = secret
    if now is not None:
        v["now"] = now
    v.update(more)
    v["expect"] = expect
    v["source"] = SOURCE
    rows = files.setdefault(file, [])
    assert all(r["id"] != v["id"] for r in rows), v["id"]
    rows.append(v)


def dlr(status, permanent=None, **more):
    return {"accept": True, "event": {"type": "dlr", "status": status, "permanent": permanent, **more}}


def no(reason):
    return {"accept": False, "reason": reason}


# ---- Twilio ---------------------------------------------------------------------------------------------------------
TOKEN = "own-twilio-token"


def twilio(ident, fields, expect, path="twilio", signed_url=None, key=TOKEN, kind="dlr", body=None, headers=None,
           method="POST", content=FORM):
    url = BASE + path
    text = urllib.parse.urlencode(fields) if body is None else body
    covered = signed_url or url
    if method == "POST" and content == FORM:
        by_name = {}
        for k, x in fields:
            by_name.setdefault(k, set()).add(x)
        covered += "".join(k + x for k in sorted(by_name) for x in sorted(by_name[k]))
    h = {"content-type": content, "x-twilio-signature": b64(mac(key, covered, "sha1"))}
    h.update(headers or {})
    h = {k: x for k, x in h.items() if x is not None}
    add("own_twilio", ident, "twilio", kind, "twilio-hmac-sha1", path, h, text, expect, method=method, secret=TOKEN)


SID = "SM" + "b" * 32
for word, status, permanent in [("accepted", "queued", None), ("scheduled", "queued", None), ("sending", "queued", None),
                                ("read", "delivered", None), ("partially_delivered", "sent", None),
                                ("canceled", "failed", True)]:
    twilio("twilio-" + word, [("MessageSid", SID), ("MessageStatus", word), ("To", "+15558675310")],
           dlr(status, permanent, raw_status=word))
for code, permanent in [("30001", False), ("30008", False), ("30022", False), ("30004", True), ("30005", True),
                        ("30007", True), ("21610", True), ("30999", None)]:
    twilio("twilio-undelivered-" + code,
           [("MessageSid", SID), ("MessageStatus", "undelivered"), ("ErrorCode", code), ("To", "+15558675310")],
           dlr("failed", permanent, error_code=code, opt_out=code == "21610"))
twilio("twilio-unknown-word", [("MessageSid", SID), ("MessageStatus", "teleported"), ("To", "+15558675310")],
       dlr("unknown", raw_status="teleported"))
MO = [("MessageSid", SID), ("AccountSid", "AC" + "a" * 32), ("From", "+15558675310"), ("To", "+15557122661")]
mo = lambda text, **m: {"accept": True, "event": {"type": "mo", "from": "+15558675310", "text": text, **m}}
twilio("twilio-mo-emoji", MO + [("Body", "3 \U0001F642 & = + %41 é")], mo("3 \U0001F642 & = + %41 é"), kind="mo")
twilio("twilio-mo-empty", MO + [("Body", "")], mo(""), kind="mo")
twilio("twilio-mo-stop", MO + [("Body", "STOP"), ("OptOutType", "STOP")], mo("STOP", opt_out=True), kind="mo")
twilio("twilio-mo-arret", MO + [("Body", "arret"), ("OptOutType", "STOP")], mo("arret", opt_out=True), kind="mo")
twilio("twilio-mo-help", MO + [("Body", "HELP"), ("OptOutType", "HELP")], mo("HELP", opt_out=False), kind="mo")
twilio("twilio-mo-repeated-key", MO + [("Body", "a"), ("Media", "2"), ("Media", "1"), ("Media", "2")], mo("a"),
       kind="mo")
twilio("twilio-port-443", MO + [("Body", "4")], mo("4"), kind="mo",
       signed_url=BASE.replace("example.org/", "example.org:443/") + "twilio")
twilio("twilio-other-token", MO + [("Body", "4")], no("another account's token"), key="own-twilio-tokem", kind="mo")
twilio("twilio-empty-token", MO + [("Body", "4")], no("signed with an empty token"), key="", kind="mo")
twilio("twilio-other-path", MO + [("Body", "4")], no("signed for another path"), signed_url=BASE + "twilio2", kind="mo")
twilio("twilio-http-not-https", MO + [("Body", "4")], no("signed for http"),
       signed_url=BASE.replace("https", "http") + "twilio", kind="mo")
twilio("twilio-no-header", MO + [("Body", "4")], no("no signature"), kind="mo",
       headers={"x-twilio-signature": None})
twilio("twilio-empty-header", MO + [("Body", "4")], no("empty signature"), kind="mo",
       headers={"x-twilio-signature": ""})
twilio("twilio-field-added", MO + [("Body", "4")], no("a field was added"), kind="mo",
       body=urllib.parse.urlencode(MO + [("Body", "4"), ("OptOutType", "STOP")]))
twilio("twilio-field-moved", MO + [("Body", "4")], no("a value slid into its neighbour's name"), kind="mo",
       body=urllib.parse.urlencode(MO[:-1] + [("Body", "4"), ("T", "o+15557122661x")]))
twilio("twilio-mo-json-type", MO + [("Body", "4")], no("the form is called JSON, its digest is in no URL"), kind="mo",
       headers={"content-type": "application/json"})
digest = lambda t: hashlib.sha256(t.encode()).hexdigest()
J = '{"x":1}'
twilio("twilio-json-digest", [], {"accept": True}, path="twilio?bodySHA256=" + digest(J), body=J, content="application/json",
       kind="webhook-signature")
twilio("twilio-json-digest-other-body", [], no("the body is not the one that was digested"),
       path="twilio?bodySHA256=" + digest(J), body='{"x":2}', content="application/json", kind="webhook-signature")

twilio("twilio-json-digest-body-gone", [], no("the body that was digested was taken out"),
       path="twilio?bodySHA256=" + digest(J), body="", content="application/json", kind="webhook-signature")
twilio("twilio-json-digest-of-nothing", [], {"accept": True}, path="twilio?bodySHA256=" + digest(""), body="",
       content="application/json", kind="webhook-signature")
twilio("twilio-mo-picture", MO + [("Body", ""), ("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/m/1"),
                                  ("MediaContentType0", "image/jpeg")], mo(""), kind="mo")
twilio("twilio-mo-field-order", list(reversed(MO + [("Body", "2 \r\nok")])), mo("2 \r\nok"), kind="mo")
twilio("twilio-mo-short-code", [("MessageSid", SID), ("From", "12345"), ("To", "+15557122661"), ("Body", "hi")],
       {"accept": True, "event": {"type": "mo", "from": "12345"}}, kind="mo")
twilio("twilio-mo-get", [], mo("4"), path="twilio?" + urllib.parse.urlencode(MO + [("Body", "4")]), body="", kind="mo",
       method="GET", content=None)

# ---- Telnyx ---------------------------------------------------------------------------------------------------------
ED = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"own telnyx").digest())
ED2 = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"another").digest())
raw_public = lambda k: b64(k.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


def telnyx(ident, data, expect, stamp=NOW, now=NOW, key=ED, kind="dlr", headers=None, body=None, covered=None):
    text = compact({"data": data}) if body is None else body
    what = covered if covered is not None else f"{stamp}|{text}"
    h = {"content-type": "application/json", "telnyx-signature-ed25519": b64(key.sign(what.encode())),
         "telnyx-timestamp": str(stamp)}
    h.update(headers or {})
    h = {k: x for k, x in h.items() if x is not None}
    add("own_telnyx", ident, "telnyx", kind, "telnyx-ed25519", "telnyx", h, text, expect, public_key=raw_public(ED),
        now=now, timestamp_tolerance_s=300)


def finalized(status, *codes, event="message.finalized"):
    return {"event_type": event, "id": "e-" + status, "occurred_at": "2026-11-21T19:40:00.000+00:00",
            "payload": {"id": "m-1", "from": {"phone_number": "+15557122661"}, "tags": ["job-9"],
                        "to": [{"phone_number": "+15558675310", "status": status}],
                        "errors": [{"code": c} for c in codes]}}


for word, status, permanent, codes in [
        ("delivered", "delivered", None, []), ("delivery_unconfirmed", "sent", None, []),
        ("expired", "failed", False, []), ("sending_failed", "failed", True, ["40300"]),
        ("delivery_failed", "failed", True, ["40001"]), ("delivery_failed", "failed", False, ["40002"]),
        ("delivery_failed", "failed", True, ["40003"]), ("delivery_failed", "failed", False, ["40004"]),
        ("delivery_failed", "failed", False, ["40006"]), ("delivery_failed", "failed", True, ["40009"]),
        ("delivery_failed", "failed", False, ["40011"]), ("delivery_failed", "failed", None, ["49999"]),
        ("beamed", "unknown", None, [])]:
    telnyx(f"telnyx-{word}-{''.join(codes) or 'plain'}", finalized(word, *codes),
           dlr(status, permanent, reference="job-9", provider_message_id="m-1", opt_out=codes == ["40300"]))
REC = {"event_type": "message.received", "id": "e1", "occurred_at": "2026-11-21T19:40:00Z",
       "payload": {"id": "m-2", "from": {"phone_number": "+15558675310"}, "to": [{"phone_number": "+15557122661"}],
                   "text": "двойка \U0001F642\n2"}}
telnyx("telnyx-mo-unicode", REC, mo("двойка \U0001F642\n2"), kind="mo")
for ident, stamp, now, good in [("edge-old", NOW - 300, NOW, True), ("edge-new", NOW + 300, NOW, True),
                                ("too-old", NOW - 301, NOW, False), ("too-new", NOW + 301, NOW, False)]:
    telnyx("telnyx-" + ident, REC, mo("двойка \U0001F642\n2") if good else no("outside 300 s"), stamp=stamp, now=now,
           kind="mo")
telnyx("telnyx-timestamp-padded", REC, no("blank in the timestamp"), kind="mo",
       headers={"telnyx-timestamp": f"{NOW}.0"}, covered=f"{NOW}.0|" + compact({"data": REC}))
telnyx("telnyx-timestamp-hex", REC, no("not digits"), kind="mo", headers={"telnyx-timestamp": hex(NOW)},
       covered=hex(NOW) + "|" + compact({"data": REC}))
telnyx("telnyx-other-time-signed", REC, no("another timestamp was signed"), kind="mo",
       headers={"telnyx-timestamp": str(NOW - 1)})
telnyx("telnyx-no-signature", REC, no("no signature"), kind="mo", headers={"telnyx-signature-ed25519": None})
telnyx("telnyx-63-bytes", REC, no("short signature"), kind="mo",
       headers={"telnyx-signature-ed25519": b64(ED.sign(f"{NOW}|{compact({'data': REC})}".encode())[:63])})
telnyx("telnyx-url-safe-base64", REC, no("not the base64 of the scheme"), kind="mo",
       headers={"telnyx-signature-ed25519": "-_" * 43 + "=="})
telnyx("telnyx-other-key", REC, no("another key"), key=ED2, kind="mo")
telnyx("telnyx-body-only-signed", REC, no("the timestamp was not signed"), covered=compact({"data": REC}), kind="mo")
telnyx("telnyx-stored", {"event_type": "call.initiated", "id": "e9", "payload": {}}, {"accept": True},
       kind="webhook-signature")
telnyx("telnyx-replayed", REC, {"accept": False, "reason": "a second time", "stateful": True}, kind="mo")

# ---- Sinch ----------------------------------------------------------------------------------------------------------
SINCH = "own-sinch-secret"


def sinch(ident, body, expect, stamp=NOW, now=NOW, nonce=None, key=SINCH, kind="dlr", headers=None, order="bnt"):
    text = body if isinstance(body, str) else compact(body)
    nonce = ident if nonce is None else nonce
    parts = {"b": text, "n": nonce, "t": str(stamp)}
    h = {"content-type": "application/json", "x-sinch-webhook-signature-algorithm": "HmacSHA256",
         "x-sinch-webhook-signature-nonce": nonce, "x-sinch-webhook-signature-timestamp": str(stamp),
         "x-sinch-webhook-signature": b64(mac(key, ".".join(parts[c] for c in order)))}
    h.update(headers or {})
    h = {k: x for k, x in h.items() if x is not None}
    add("own_sinch", ident, "sinch", kind, "sinch-hmac-sha256", "sinch", h, text, expect, secret=SINCH, now=now,
        timestamp_tolerance_s=300)


def sinch_report(status, code=0):
    return {"type": "recipient_delivery_report_sms", "batch_id": "B1", "recipient": "15558675310", "status": status,
            "code": code, "client_reference": "job-9", "at": "2026-11-21T19:40:00.000Z"}


for word, status, permanent in [("Queued", "queued", None), ("Expired", "failed", False), ("Cancelled", "failed", True),
                                ("Rejected", "failed", True), ("Deleted", "failed", True), ("Melted", "unknown", None)]:
    sinch("sinch-" + word.lower(), sinch_report(word, 400), dlr(status, permanent, reference="job-9"))
SMO = {"type": "mo_text", "id": "S1", "from": "15558675310", "to": "15557122661", "body": "٣ \U0001F642",
       "received_at": "2026-11-21T19:39:59.999Z"}
smo = lambda t: {"accept": True, "event": {"type": "mo", "from": "15558675310", "text": t}}
sinch("sinch-mo-arabic-digit", SMO, smo("٣ \U0001F642"), kind="mo")
sinch("sinch-mo-binary", {**SMO, "type": "mo_binary", "body": "AQID", "udh": "00"}, smo(""), kind="mo")
sinch("sinch-mo-media", {**SMO, "type": "mo_media", "body": {"message": "look", "media": []}}, smo("look"), kind="mo")
sinch("sinch-batch-report", {"type": "delivery_report_sms", "batch_id": "B1", "statuses": []}, {"accept": True},
      kind="webhook-signature")
for part in ["", "-nonce", "-timestamp", "-algorithm"]:
    sinch("sinch-no-header" + (part or "-signature"), SMO, no("header missing"), kind="mo",
          headers={"x-sinch-webhook-signature" + part: None})
sinch("sinch-sha1", SMO, no("another algorithm"), kind="mo",
      headers={"x-sinch-webhook-signature-algorithm": "HmacSHA1"})
sinch("sinch-algorithm-lower", SMO, no("another algorithm"), kind="mo",
      headers={"x-sinch-webhook-signature-algorithm": "none"})
sinch("sinch-order", SMO, no("signed in another order"), kind="mo", order="tnb")
sinch("sinch-empty-nonce", SMO, no("no nonce"), kind="mo", nonce="")
sinch("sinch-too-old", SMO, no("301 s old"), kind="mo", stamp=NOW - 301)
sinch("sinch-too-new", SMO, no("301 s ahead"), kind="mo", stamp=NOW + 301)
sinch("sinch-edge", SMO, smo("٣ \U0001F642"), kind="mo", stamp=NOW - 300)
sinch("sinch-replayed", SMO, {"accept": False, "reason": "a second time", "stateful": True}, kind="mo")
sinch("sinch-not-json", "{", no("no JSON"), kind="mo")

# ---- MessageBird ----------------------------------------------------------------------------------------------------
MB = "own-messagebird-key"


def jwt(claims, key, alg="HS256", header=None):
    head = b64u(compact(header or {"alg": alg, "typ": "JWT"}).encode())
    text = head + "." + b64u(compact(claims).encode())
    digest_name = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.get(alg, "sha256")
    return text + "." + ("" if alg == "none" else b64u(mac(key, text, digest_name)))


def messagebird(ident, query, expect, body="", method="GET", kind="dlr", claims=None, alg="HS256", key=MB, now=NOW,
                drop=(), headers=None, nbf=NOW - 5):
    url = BASE + "messagebird" + ("?" + urllib.parse.urlencode(query) if query else "")
    c = {"iss": "MessageBird", "nbf": nbf, "exp": nbf + 60, "jti": ident,
         "url_hash": hashlib.sha256(url.encode()).hexdigest()}
    if body:
        c["payload_hash"] = hashlib.sha256(body.encode()).hexdigest()
    c.update(claims or {})
    for name in drop:
        c.pop(name, None)
    h = {"messagebird-signature-jwt": jwt(c, key, alg)}
    if body:
        h["content-type"] = FORM
    h.update(headers or {})
    h = {k: x for k, x in h.items() if x is not None}
    add("own_messagebird", ident, "messagebird", kind, "messagebird-jwt", url, h, body, expect, method=method, secret=MB,
        now=now)


def mb(status, code=None, reason=None):
    q = [("id", "mb1"), ("reference", "job-9"), ("recipient", "31612345678"), ("status", status)]
    return q + ([("statusReason", reason)] if reason else []) + ([("statusErrorCode", code)] if code else [])


for word, code, status, permanent in [("scheduled", None, "sent", None), ("buffered", None, "sent", None),
                                      ("expired", None, "failed", False), ("delivery_failed", "103", "failed", True),
                                      ("delivery_failed", "27", "failed", False), ("lost", None, "unknown", None)]:
    messagebird(f"messagebird-{word}-{code or 0}", mb(word, code),
                dlr(status, permanent, reference="job-9", opt_out=code == "103"))
FMO = urllib.parse.urlencode([("id", "in1"), ("originator", "15558675310"), ("recipient", "15557122661"),
                              ("body", "3 \U0001F642"), ("createdDatetime", "2026-11-21T19:40:00+00:00")])
messagebird("messagebird-mo-json", [], smo("2 \"low\""), kind="mo", method="POST",
            body=compact({"id": "in3", "originator": "15558675310", "recipient": "15557122661", "body": "2 \"low\""}),
            headers={"content-type": "application/json; charset=utf-8"})
messagebird("messagebird-json-not-object", [], no("no object"), kind="mo", method="POST", body="[1]",
            headers={"content-type": "application/json"})
messagebird("messagebird-dlr-form", [], dlr("delivered", reference="job-9"), method="POST",
            body=urllib.parse.urlencode(mb("delivered")))
messagebird("messagebird-mo-form", [], smo("3 \U0001F642"), body=FMO, method="POST", kind="mo")
SHORT = urllib.parse.urlencode([("mid", "in2"), ("originator", "15558675310"), ("shortcode", "12345"),
                                ("message", "2 low"), ("receive_datetime", "20261121194000")])
messagebird("messagebird-mo-short-code", [], smo("2 low"), body=SHORT, method="POST", kind="mo")
for alg in ["HS384", "HS512"]:
    messagebird("messagebird-" + alg.lower(), mb("delivered"), dlr("delivered"), alg=alg)
messagebird("messagebird-alg-none", mb("delivered"), no("alg none"), alg="none")
messagebird("messagebird-rs256", mb("delivered"), no("an algorithm of another family"), alg="RS256")
messagebird("messagebird-other-key", mb("delivered"), no("another key"), key="x")
for name in ["nbf", "exp", "jti", "iss", "url_hash"]:
    messagebird("messagebird-no-" + name, mb("delivered"), no("claim missing"), drop=[name])
messagebird("messagebird-body-unhashed", [], no("the body is not covered"), body=FMO, method="POST", kind="mo",
            drop=["payload_hash"])
messagebird("messagebird-hash-without-body", mb("delivered"), no("a hash of a body that is not there"),
            claims={"payload_hash": hashlib.sha256(b"x").hexdigest()})
messagebird("messagebird-expired-token", mb("delivered"), no("token too old"), nbf=NOW - 70)
messagebird("messagebird-future-token", mb("delivered"), no("token not yet valid"), nbf=NOW + 30)
messagebird("messagebird-exp-text", mb("delivered"), no("exp is no number"), claims={"exp": "never"})
messagebird("messagebird-nbf-huge", mb("delivered"), no("beyond every clock"), claims={"nbf": 1e300})
messagebird("messagebird-exp-huge", mb("delivered"), no("beyond every clock"), claims={"exp": 1e300})
messagebird("messagebird-exp-fraction", mb("delivered"), dlr("delivered"), claims={"exp": NOW + 50.5})
messagebird("messagebird-exp-negative", mb("delivered"), no("long over"), claims={"exp": -1})
messagebird("messagebird-jti-empty", mb("delivered"), no("no id"), claims={"jti": ""})
messagebird("messagebird-replayed", mb("delivered"), {"accept": False, "reason": "a second time", "stateful": True})
messagebird("messagebird-two-dots", mb("delivered"), no("no token"), headers={"messagebird-signature-jwt": ".."})
messagebird("messagebird-no-token", mb("delivered"), no("no header"), headers={"messagebird-signature-jwt": None})

# ---- Vonage ---------------------------------------------------------------------------------------------------------
VS = "own-vonage-secret"


def vonage_sig(fields, method, secret=VS):
    text = "".join(f"&{k}={v.replace('&', '_').replace('=', '_')}" for k, v in sorted(fields.items()) if k != "sig")
    if method == "md5hash":
        return hashlib.md5((text + secret).encode()).hexdigest()
    return mac(secret, text, method).hex()


def vonage(ident, fields, expect, how="json", method="sha256", kind="dlr", now=NOW, secret=VS, sig=None, after=None):
    f = {"timestamp": str(NOW), "nonce": ident, **fields}
    f = {k: x for k, x in f.items() if x is not None}
    f["sig"] = vonage_sig(f, method, secret) if sig is None else sig
    f.update(after or {})
    f = {k: x for k, x in f.items() if x is not None}
    path, body, headers, verb = "vonage/sms", compact(f), {"content-type": "application/json"}, "POST"
    if how == "form":
        body, headers = urllib.parse.urlencode(f), {"content-type": FORM}
    if how == "bare":  # a form that does not say what it is
        body, headers = urllib.parse.urlencode(f), {}
    if how == "get":
        path, body, headers, verb = path + "?" + urllib.parse.urlencode(f), "", {}, "GET"
    add("own_vonage", ident, "vonage", kind, "vonage-sms-sig", path, headers, body, expect, method=verb, secret=VS,
        now=now, algorithm=method, timestamp_tolerance_s=300)


VD = {"messageId": "V1", "msisdn": "447700900123", "to": "447700900000", "status": "delivered", "err-code": "0",
      "scts": "2611211940", "client-ref": "job-9"}
for word, err, status, permanent in [
        ("buffered", "0", "sent", None), ("delivered", "0", "delivered", None), ("expired", "0", "failed", False),
        ("rejected", "9", "failed", True), ("failed", "2", "failed", False), ("failed", "3", "failed", True),
        ("failed", "7", "failed", False), ("failed", "10", "failed", True), ("failed", "15", "failed", False),
        ("failed", "16", "failed", False), ("failed", "54", "failed", True), ("vanished", "0", "unknown", None)]:
    vonage(f"vonage-{word}-{err}", {**VD, "status": word, "err-code": err},
           dlr(status, permanent, reference="job-9", opt_out=err == "9"))
VM = {"messageId": "VM1", "msisdn": "447700900123", "to": "447700900000", "text": "3 a&b=c \U0001F642", "type": "unicode",
      "keyword": "3", "message-timestamp": "2026-11-21 19:40:00"}
vmo = {"accept": True, "event": {"type": "mo", "from": "447700900123", "text": VM["text"]}}
for how in ["json", "form", "get"]:
    for method in ["md5hash", "md5", "sha1", "sha256", "sha512"]:
        vonage(f"vonage-mo-{how}-{method}", VM, vmo, how=how, method=method, kind="mo")
vonage("vonage-mo-bare-form", VM, vmo, how="bare", kind="mo")
for part in ["1", "2", "3"]:
    vonage("vonage-part-" + part, {**VM, "messageId": "VP" + part, "concat": "true", "concat-ref": "107",
                                   "concat-total": "3", "concat-part": part},
           {"accept": True, "event": {"type": "mo", "concat": {"ref": 107, "total": 3, "part": int(part)}}}, kind="mo")
vonage("vonage-blank-value", {**VM, "keyword": ""}, vmo, kind="mo")
vonage("vonage-no-timestamp", {**VM, "timestamp": None}, no("no timestamp"), kind="mo")
vonage("vonage-too-old", VM, no("301 s"), kind="mo", now=NOW + 301)
vonage("vonage-too-new", VM, no("301 s"), kind="mo", now=NOW - 301)
vonage("vonage-edge", VM, vmo, kind="mo", now=NOW + 300)
vonage("vonage-no-sig", VM, no("unsigned"), kind="mo", after={"sig": None})
vonage("vonage-empty-sig", VM, no("unsigned"), kind="mo", sig="")
vonage("vonage-other-secret", VM, no("another secret"), kind="mo", secret="x")
vonage("vonage-field-added", VM, no("a field was added"), kind="mo", after={"concat": "true"})
vonage("vonage-replayed", VM, {"accept": False, "reason": "a second time", "stateful": True}, kind="mo")


def vonage_jwt(ident, body, expect, kind="mo", claims=None, drop=(), key=VS, now=NOW, alg="HS256", prefix="Bearer "):
    text = body if isinstance(body, str) else compact(body)
    c = {"iat": NOW, "jti": ident, "iss": "Vonage", "api_key": "abcd1234",
         "payload_hash": hashlib.sha256(text.encode()).hexdigest(), "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}
    c.update(claims or {})
    for name in drop:
        c.pop(name)
    add("own_vonage", ident, "vonage", kind, "vonage-jwt-hs256", "vonage/messages",
        {"content-type": "application/json", "authorization": prefix + jwt(c, key, alg)}, text, expect, secret=VS, now=now,
        expected_api_key="abcd1234", timestamp_tolerance_s=300)


VJ = {"channel": "sms", "message_uuid": "u1", "to": "447700900000", "from": "447700900123",
      "timestamp": "2026-11-21T19:40:00Z", "text": "2 – \U0001F642"}
vj = {"accept": True, "event": {"type": "mo", "from": "447700900123", "text": VJ["text"]}}
vonage_jwt("vonage-jwt-mo", VJ, vj)
vonage_jwt("vonage-jwt-mms", {**VJ, "channel": "mms"}, vj)
vonage_jwt("vonage-jwt-picture", {"channel": "mms", "message_uuid": "u2", "message_type": "image", "to": "447700900000",
                                  "from": "447700900123", "timestamp": "2026-11-21T19:40:00Z",
                                  "image": {"url": "https://api.nexmo.com/v3/media/1"}},
           {"accept": True, "event": {"type": "mo", "from": "447700900123", "text": ""}})
vonage_jwt("vonage-jwt-whatsapp", {**VJ, "channel": "whatsapp"}, {"accept": True}, kind="webhook-signature")
for word, status, permanent in [("submitted", "sent", None), ("delivered", "delivered", None), ("read", "delivered", None),
                                ("undeliverable", "failed", False)]:
    vonage_jwt("vonage-jwt-" + word, {"channel": "sms", "message_uuid": "u1", "to": "447700900123", "client_ref": "job-9",
                                      "timestamp": "2026-11-21T19:40:00Z", "status": word},
               dlr(status, permanent, reference="job-9"), kind="dlr")
for name in ["iat", "jti", "iss", "payload_hash", "api_key"]:
    vonage_jwt("vonage-jwt-no-" + name, VJ, no("claim missing"), drop=[name])
vonage_jwt("vonage-jwt-hs512", VJ, no("another algorithm"), alg="HS512")
vonage_jwt("vonage-jwt-too-old", VJ, no("too old"), now=NOW + 301)
vonage_jwt("vonage-jwt-iat-text", VJ, no("iat is a word"), claims={"iat": "now"})
vonage_jwt("vonage-jwt-lower-bearer", VJ, no("not the header's word"), prefix="Basic ")
vonage_jwt("vonage-jwt-issuer", VJ, no("another issuer"), claims={"iss": "vonage"})
vonage_jwt("vonage-jwt-replayed", VJ, {"accept": False, "reason": "a second time", "stateful": True})

# ---- Plivo ----------------------------------------------------------------------------------------------------------
PL = "own-plivo-token"


def plivo(ident, fields, expect, path="plivo/9f2c6c1e", kind="dlr", nonce=None, key=PL, headers=None, signed=None,
          name="x-plivo-signature-v2", method="POST"):
    nonce = ident if nonce is None else nonce
    url = BASE + path
    text = urllib.parse.urlencode(fields)
    h = {"content-type": FORM, name: b64(mac(key, (signed or url.split("?")[0]) + nonce)), name.replace("-ma", "") + "-nonce": nonce}
    h.update(headers or {})
    h = {k: x for k, x in h.items() if x is not None}
    add("own_plivo", ident, "plivo", kind, "plivo-v2", path, h, text, expect, method=method, secret=PL)


def pl(status, code="000", parent=None):
    f = [("MessageUUID", "P1"), ("From", "15557122661"), ("To", "15558675310"), ("Status", status), ("ErrorCode", code)]
    return f + ([("ParentMessageUUID", parent)] if parent else [])


for word, code, status, permanent in [
        ("sent", "000", "sent", None), ("rejected", "10", "failed", True), ("failed", "20", "failed", False),
        ("undelivered", "40", "failed", True), ("failed", "50", "failed", True), ("failed", "70", "failed", True),
        ("failed", "200", "failed", True), ("failed", "900", "failed", False), ("undelivered", "777", "failed", None),
        ("eaten", "000", "unknown", None)]:
    plivo(f"plivo-{word}-{code}", pl(word, code), dlr(status, permanent, opt_out=code == "200"))
plivo("plivo-part", pl("delivered", parent="P0"), dlr("delivered", provider_message_id="P0"))
plivo("plivo-own-parent", pl("delivered", parent="P1"), dlr("delivered", provider_message_id="P1"))
plivo("plivo-reference", pl("delivered"), dlr("delivered", reference="job-9"), path="plivo/9f2c6c1e?ref=job-9")
PM = [("From", "15558675310"), ("To", "15557122661"), ("Type", "sms"), ("Text", "3 \U0001F642"), ("MessageUUID", "PM1")]
plivo("plivo-mo", PM, smo("3 \U0001F642"), kind="mo")
plivo("plivo-mo-picture", [("From", "15558675310"), ("To", "15557122661"), ("Type", "mms"), ("MessageUUID", "PM2"),
                           ("Media0", "https://media.plivo.com/1"), ("MediaCount", "1")], smo(""), kind="mo")
plivo("plivo-no-nonce", PM, no("no nonce"), kind="mo", headers={"x-plivo-signature-v2-nonce": None})
plivo("plivo-empty-nonce", PM, no("empty nonce"), kind="mo", nonce="")
plivo("plivo-no-signature", PM, no("unsigned"), kind="mo", headers={"x-plivo-signature-v2": None})
plivo("plivo-other-token", PM, no("another token"), kind="mo", key="x")
plivo("plivo-other-path", PM, no("signed for another path"), kind="mo", signed=BASE + "plivo/other")
plivo("plivo-replayed", PM, {"accept": False, "reason": "a second time", "stateful": True}, kind="mo")

# ---- Android SMS Gateway --------------------------------------------------------------------------------------------
ASG = "own-asg-key"


def asg(ident, event, payload, expect, stamp=NOW, now=NOW, key=ASG, headers=None, kind="dlr"):
    text = compact({"deviceId": "d", "event": event, "id": ident, "webhookId": "w", "payload": payload})
    h = {"content-type": "application/json", "x-timestamp": str(stamp), "x-signature": mac(key, text + str(stamp)).hex()}
    h.update(headers or {})
    h = {k: x for k, x in h.items() if x is not None}
    add("own_android_sms_gateway", ident, "android-sms-gateway", kind, "asg-hmac-sha256", "asg", h, text, expect, secret=ASG,
        now=now, timestamp_tolerance_s=300)


AP = {"messageId": "job-9", "recipient": "+15558675310", "simNumber": 1}
asg("asg-delivered", "sms:delivered", {**AP, "deliveredAt": "2026-11-21T19:40:00.000Z"}, dlr("delivered", reference="job-9"))
asg("asg-old-field", "sms:sent", {"messageId": "job-9", "phoneNumber": "+15558675310", "sentAt": "2026-11-21T19:40:00.000Z"},
    dlr("sent", to="+15558675310"))
asg("asg-failed", "sms:failed", {**AP, "reason": "RESULT_ERROR_NO_SERVICE", "failedAt": "2026-11-21T19:40:00.000Z"},
    dlr("failed", False, error_code="RESULT_ERROR_NO_SERVICE"))
AM = {"messageId": "same", "message": "୩ \U0001F642", "sender": "+15558675310", "recipient": None, "simNumber": 1,
      "receivedAt": "2026-11-21T20:40:00.000+01:00"}
asg("asg-mo-unicode", "sms:received", AM, mo("୩ \U0001F642", event_id="asg-mo-unicode"), kind="mo")
asg("asg-mms", "mms:downloaded", {"messageId": "m", "sender": "+15558675310", "recipient": None, "subject": None,
                                   "body": "3 photo", "attachments": [], "receivedAt": "2026-11-21T20:40:00.000+01:00"},
    mo("3 photo", event_id="asg-mms"), kind="mo")
asg("asg-mms-announced", "mms:received", {"messageId": "m", "sender": "+15558675310", "subject": "photo", "size": 12,
                                          "transactionId": "t", "receivedAt": "2026-11-21T20:40:00.000+01:00"},
    {"accept": True, "events": []}, kind="webhook-signature")
asg("asg-data", "sms:data-received", {"messageId": "m", "sender": "+15558675310", "data": "AQID",
                                      "receivedAt": "2026-11-21T20:40:00.000+01:00"},
    {"accept": True, "events": []}, kind="webhook-signature")
asg("asg-ping", "system:ping", {"health": {}}, {"accept": True}, kind="webhook-signature")
asg("asg-edge", "sms:received", AM, mo("୩ \U0001F642"), kind="mo", stamp=NOW - 300)
asg("asg-too-old", "sms:received", AM, no("301 s"), kind="mo", stamp=NOW - 301)
asg("asg-too-new", "sms:received", AM, no("301 s"), kind="mo", stamp=NOW + 301)
asg("asg-upper-hex", "sms:received", AM, no("the scheme writes lower case"), kind="mo",
    headers={"x-signature": "AB" * 32})
asg("asg-no-timestamp", "sms:received", AM, no("no timestamp"), kind="mo", headers={"x-timestamp": None})
asg("asg-other-key", "sms:received", AM, no("another phone's key"), kind="mo", key="x")

# ---- AWS ------------------------------------------------------------------------------------------------------------
TOPIC = "arn:aws:sns:eu-west-2:123456789012:own"
CERT_URL = "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-own.pem"


def certificate(key, name="sns.amazonaws.com"):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    when = datetime.datetime(2026, 1, 1)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(7).not_valid_before(when).not_valid_after(when.replace(year=2036)).sign(key, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.PEM).decode()


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = certificate(RSA)
SHORT_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)
EC = ec.generate_private_key(ec.SECP256R1())


def sns(ident, message, expect, kind="dlr", version="2", type_="Notification", subject=None, key=RSA, pem=PEM, now=NOW,
        stamp="2026-11-21T19:40:00.000Z", after=None, topics=(TOPIC,), drop=(), sign_as=None):
    e = {"Type": type_, "MessageId": "mid-" + ident, "TopicArn": TOPIC,
         "Message": message if isinstance(message, str) else compact(message), "Timestamp": stamp,
         "SignatureVersion": version, "SigningCertURL": CERT_URL}
    if subject is not None:
        e["Subject"] = subject
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if type_ != "Notification":
        e["Token"] = "t" * 32
        e["SubscribeURL"] = "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=" + "t" * 32
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    e.update(sign_as or {})
    text = "".join(f"{n}\n{e[n]}\n" for n in names if n in e)
    digest_of = hashes.SHA1() if version == "1" else hashes.SHA256()
    e["Signature"] = b64(key.sign(text.encode(), padding.PKCS1v15(), digest_of))
    e.update(after or {})
    for name in drop:
        e.pop(name)
    add("own_aws", ident, "aws", kind, "aws-sns-v" + version, "aws",
        {"content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": type_}, compact(e), expect, now=now,
        cert_pem=pem, allowed_topic_arns=list(topics))


def text_event(name):
    return {"eventType": name, "eventTimestamp": NOW * 1000, "isFinal": True, "messageId": "A1",
            "originationPhoneNumber": "+15557122661", "destinationPhoneNumber": "+15558675310", "context": {"job": "job-9"}}


for name, status, permanent in [
        ("TEXT_PENDING", "queued", None), ("TEXT_SUCCESSFUL", "sent", None), ("TEXT_UNKNOWN", "sent", None),
        ("TEXT_CARRIER_UNREACHABLE", "failed", False), ("TEXT_TTL_EXPIRED", "failed", False),
        ("TEXT_BLOCKED", "failed", True), ("TEXT_INVALID", "failed", True), ("TEXT_INVALID_MESSAGE", "failed", True),
        ("TEXT_SPAM", "failed", True), ("TEXT_PROTECT_BLOCKED", "failed", True), ("TEXT_FOLDED", "unknown", None)]:
    sns("aws-" + name.lower(), text_event(name), dlr(status, permanent, reference="job-9", provider_message_id="A1"))
AMO = {"originationNumber": "+15558675310", "destinationNumber": "+15557122661", "messageKeyword": "3",
       "messageBody": "3 \U0001F642 \"quoted\"\\n", "inboundMessageId": "in-1"}
amo = mo(AMO["messageBody"])
sns("aws-mo-v1", AMO, amo, kind="mo", version="1")
sns("aws-mo-subject", AMO, amo, kind="mo", subject="line one")
sns("aws-subject-null", AMO, amo, kind="mo", after={"Subject": None})
sns("aws-confirm", "confirm", {"accept": True, "event": {"type": "confirm-subscription"}}, type_="SubscriptionConfirmation",
    kind="webhook-signature")
sns("aws-unsubscribe", "bye", {"accept": True}, type_="UnsubscribeConfirmation", kind="webhook-signature")
sns("aws-confirm-elsewhere", "confirm", no("SubscribeURL leads elsewhere"), type_="SubscriptionConfirmation",
    kind="webhook-signature", sign_as={"SubscribeURL": "https://sns.eu-west-2.amazonaws.com.evil.example/?x"})
sns("aws-confirm-other-topic", "confirm", no("a topic that is not ours"), type_="SubscriptionConfirmation",
    kind="webhook-signature", topics=("arn:aws:sns:eu-west-2:123456789012:other",))
sns("aws-no-topics", AMO, no("no topic is allowed"), kind="mo", topics=())
sns("aws-topic-swapped", AMO, no("another topic was signed"), kind="mo", after={"TopicArn": TOPIC + "2"},
    topics=(TOPIC, TOPIC + "2"))
for ident, url in [("http", CERT_URL.replace("https", "http")), ("userinfo", CERT_URL.replace("//", "//a@")),
                   ("query", CERT_URL + "?x=.pem"), ("not-pem", CERT_URL[:-4] + ".txt"),
                   ("other-host", CERT_URL.replace("sns.", "s3.")), ("host-behind", "https://evil.example/" + CERT_URL),
                   ("dots", CERT_URL.replace("/Simple", "/../Simple")), ("upper", CERT_URL.replace("sns.", "SNS.")),
                   ("port", CERT_URL.replace(".com/", ".com:443/")), ("short-region", CERT_URL.replace("eu-west-2", "x"))]:
    sns("aws-cert-" + ident, AMO, no("not a certificate of SNS"), kind="mo", after={"SigningCertURL": url})
sns("aws-ec-key", AMO, no("no RSA key"), kind="mo", pem=certificate(EC))
sns("aws-short-key", AMO, no("a key too short to trust"), kind="mo", key=SHORT_RSA, pem=certificate(SHORT_RSA))
sns("aws-other-certificate", AMO, no("another key"), kind="mo",
    pem=certificate(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
sns("aws-v2-called-v1", AMO, no("the version is not the one signed"), kind="mo", after={"SignatureVersion": "1"})
sns("aws-hour-old", AMO, amo, kind="mo", now=NOW + 3600)
sns("aws-too-old", AMO, no("over an hour"), kind="mo", now=NOW + 3601)
sns("aws-too-new", AMO, no("from the future"), kind="mo", now=NOW - 301)
for name in ["MessageId", "Message", "Timestamp", "Type", "TopicArn", "SigningCertURL", "SignatureVersion"]:
    sns("aws-no-" + name.lower(), AMO, no("field missing"), kind="mo", drop=[name])
sns("aws-replayed", AMO, {"accept": False, "reason": "a second time", "stateful": True}, kind="mo")

# ---- HTTP Basic, bearer and secret paths ----------------------------------------------------------------------------
BW = {"username": "own", "password": "own-pass:with:colons"}
basic = lambda s: "Basic " + b64(f"{s['username']}:{s['password']}".encode())


def bandwidth(ident, events, expect, auth=basic(BW), kind="dlr", body=None):
    h = {"content-type": "application/json"}
    if auth is not None:
        h["authorization"] = auth
    add("own_bandwidth", ident, "bandwidth", kind, "basic", "bandwidth", h, compact(events) if body is None else body, expect,
        secret=BW)


def bw(type_, code=None):
    e = {"type": type_, "time": "2026-11-21T19:40:05.000Z", "to": "+15558675310",
         "message": {"id": "BW1", "from": "+15557122661", "to": ["+15558675310"], "text": "", "tag": "job-9"}}
    return [e if code is None else {**e, "errorCode": code}]


bandwidth("bandwidth-delivered", bw("message-delivered"), dlr("delivered", reference="job-9"))
for code, permanent, out in [(4775, True, True), (4482, True, True), (4780, False, False), (4781, False, False),
                             (4405, True, False), (5100, False, False), (5999, False, False)]:
    bandwidth(f"bandwidth-failed-{code}", bw("message-failed", code), dlr("failed", permanent, error_code=str(code), opt_out=out))
bandwidth("bandwidth-empty-batch", [], {"accept": True}, kind="webhook-auth")
bandwidth("bandwidth-object", {"type": "message-delivered"}, no("not an array"), kind="webhook-auth")
bandwidth("bandwidth-short-password", bw("message-delivered"), no("cut password"),
          auth=basic({"username": "own", "password": "own-pass"}), kind="webhook-auth")
bandwidth("bandwidth-swapped", bw("message-delivered"), no("user and password swapped"),
          auth=basic({"username": BW["password"], "password": BW["username"]}), kind="webhook-auth")
bandwidth("bandwidth-empty-auth", bw("message-delivered"), no("empty"), auth="", kind="webhook-auth")

IB = {"username": "own", "password": "own-pass"}


def infobip(ident, group, id_, name, expect, permanent=None, error=0):
    r = {"messageId": "job-9", "to": "41793026727", "sender": "15557122661", "doneAt": "2026-11-21T19:40:05.000+0000",
         "status": {"groupId": group, "id": id_, "name": name}, "error": {"id": error}}
    if permanent is not None:
        r["error"]["permanent"] = permanent
    add("own_infobip", ident, "infobip", "dlr", "basic (subscription security type BASIC)", "infobip",
        {"content-type": "application/json", "authorization": basic(IB)}, compact({"results": [r]}), expect, secret=IB)


infobip("infobip-operator", 3, 2, "DELIVERED_TO_OPERATOR", dlr("sent", reference="job-9"))
infobip("infobip-expired-passes", 4, 15, "EXPIRED_EXPIRED", dlr("failed", False), permanent=False, error=27)
infobip("infobip-expired-for-good", 4, 15, "EXPIRED_EXPIRED", dlr("failed", True), permanent=True, error=27)
infobip("infobip-undeliverable-passes", 2, 4, "UNDELIVERABLE_REJECTED_OPERATOR", dlr("failed", False), permanent=False, error=5)
infobip("infobip-rejected", 5, 8, "REJECTED_PREFIX_MISSING", dlr("failed", True), permanent=False, error=0)
infobip("infobip-expired-plain", 4, 15, "EXPIRED_EXPIRED", dlr("failed", False))
infobip("infobip-new-group", 9, 99, "TELEPORTED", dlr("unknown"))

NT = "own_token_0123456789"


def notify(ident, body, expect, auth="Bearer " + NT, kind="dlr"):
    h = {"content-type": "application/json"}
    if auth is not None:
        h["authorization"] = auth
    add("own_govuk_notify", ident, "govuk-notify", kind, "bearer", "notify", h, compact(body), expect, secret=NT)


for word, status, permanent in [("created", "queued", None), ("sending", "sent", None), ("pending", "sent", None),
                                ("permanent-failure", "failed", True), ("technical-failure", "failed", False),
                                ("burnt", "unknown", None)]:
    notify("notify-" + word, {"id": "n1", "reference": "job-9", "to": "07700900123", "status": word,
                              "notification_type": "sms", "created_at": "2026-11-21T19:39:50.000000Z"},
           dlr(status, permanent, reference="job-9"))
notify("notify-email", {"id": "n2", "reference": "job-9", "to": "a@example.org", "status": "delivered",
                        "notification_type": "email"}, {"accept": True}, kind="webhook-auth")
for ident, auth in [("lower", "bearer " + NT), ("two-blanks", "Bearer  " + NT), ("none", None), ("empty", "Bearer "),
                    ("prefix", "Bearer " + NT[:-1])]:
    notify("notify-auth-" + ident, {"id": "n1", "status": "delivered"}, no("not the header we set"), auth=auth,
           kind="webhook-auth")


def at(ident, fields, expect, path="at/9f2c6c1e", kind="dlr"):
    add("own_africastalking", ident, "africastalking", kind, "none (secret path)", path, {"content-type": FORM},
        urllib.parse.urlencode(fields), expect, now=None)


for word, reason, status, permanent in [
        ("Submitted", None, "sent", None), ("Buffered", None, "sent", None), ("Success", None, "delivered", None),
        ("Failed", "InsufficientCredit", "failed", False), ("Failed", "DeliveryFailure", "failed", True),
        ("Failed", "UserIsInactive", "failed", True), ("Failed", "UserInBlacklist", "failed", True),
        ("Expired", None, "failed", False), ("Rejected", "SomethingNew", "failed", None), ("Lost", None, "unknown", None)]:
    at(f"at-{word}-{reason or 'plain'}", [("id", "AT1"), ("status", word), ("phoneNumber", "+254711234567")]
       + ([("failureReason", reason)] if reason else []), dlr(status, permanent, opt_out=reason == "UserInBlacklist"))
at("at-opt-out", [("senderId", "12345"), ("phoneNumber", "+254711234567")],
   {"accept": True, "event": {"type": "opt-out", "from": "+254711234567"}}, kind="opt-out")


def kannel(ident, query, expect, kind="dlr", method="GET", body="", headers=None):
    add("own_kannel", ident, "kannel", kind, "none (secret in dlr-url)", "https://gw.example.org/kannel/9f2c6c1e?" + query, headers or {},
        body, expect, method=method, now=None)


for mask, answer, status, permanent in [
        ("1", "stat:DELIVRD", "delivered", None), ("3", "stat:DELIVRD", "delivered", None), ("4", "", "sent", None),
        ("16", "NACK/0x00000058/Throttling", "failed", False), ("16", "NACK/0x00000014/Queue full", "failed", False),
        ("16", "NACK/0x00000065/Rejected", "failed", True), ("2", "stat:REJECTD err:000", "failed", True),
        ("2", "stat:DELETED", "failed", True), ("34", "stat:EXPIRED", "failed", False), ("64", "", "unknown", None),
        ("words", "", "unknown", None)]:
    kannel(f"kannel-{mask}-{answer[:16].replace('/', '').replace(' ', '') or 'plain'}",
           urllib.parse.urlencode([("uuid", "job-9"), ("status", mask), ("fid", "k1"), ("answer", answer),
                                   ("from", "15558675310"), ("to", "15557122661"), ("ts", str(NOW))]),
           dlr(status, permanent, reference="job-9"))
for ident, charset, octets, text in [
        ("ucs2-cyrillic-raw", "UTF-8", "двойка".encode("utf-16-be"), "двойка"),
        ("ucs2-cyrillic-recoded", "UTF-8", "двойка".encode(), "двойка"),
        ("ucs2-emoji", "UTF-16BE", "3 \U0001F642".encode("utf-16-be"), "3 \U0001F642"),
        ("ucs2-no-charset", "", "4 ٣".encode("utf-16-be"), "4 ٣"),
        ("ucs2-little", "UTF-16LE", "4 é".encode("utf-16-le"), "4 é")]:
    kannel("kannel-mo-" + ident, urllib.parse.urlencode(
        [("id", ident), ("from", "+15558675310"), ("to", "12345"), ("coding", "2"), ("charset", charset),
         ("text", octets), ("bin", octets.hex().upper())]),
        {"accept": True, "event": {"type": "mo", "from": "+15558675310", "to": "12345", "text": text, "coding": 2}}, kind="mo")
kannel("kannel-mo-windows-1252", urllib.parse.urlencode(
    [("id", "w"), ("from", "+15558675310"), ("to", "12345"), ("coding", "0"), ("charset", "WINDOWS-1252"), ("bin", "802034936F6B94")]),
    {"accept": True, "event": {"type": "mo", "text": "\u20ac 4\u201cok\u201d"}}, kind="mo")
udh16 = "060804A7010302"
kannel("kannel-mo-16-bit-udh", "", {"accept": True, "event": {"type": "mo", "from": "15558675310", "text": "part two",
                                    "concat": {"ref": 0xA701, "total": 3, "part": 2}}}, kind="mo", method="POST", body="part two",
       headers={"content-type": "text/plain", "x-kannel-from": "15558675310", "x-kannel-to": "15557122661",
                "x-kannel-time": "2026-11-21 19:40:00", "x-kannel-coding": "0", "x-kannel-udh": udh16})

# ---- What we send, and what is answered -----------------------------------------------------------------------------


def send(ident, provider, url, headers, body, status, answer, expect, method="POST", **more):
    add("own_outbound", ident, provider, "outbound-request", "-", url, headers, body, expect, method=method,
        response={"status": status, "body": answer}, **more)


TW = "https://api.twilio.com/2010-04-01/Accounts/AC" + "a" * 32 + "/Messages.json"
tw = lambda s: {"content-type": FORM, "authorization": "Basic " + b64(s.encode())}
TB = urllib.parse.urlencode([("To", "+15558675310"), ("MessagingServiceSid", "MG1"), ("Body", "Hi")])
send("out-twilio-api-key", "twilio", TW, tw("SK1:key-secret"), TB, 201, {"sid": "SM1", "status": "accepted"},
     {"accepted": True, "provider_message_id": "SM1"})
for code, status, expect in [
        (21211, 400, {}), (21408, 403, {"halt": False}), (21610, 400, {"opt_out": True}), (21612, 400, {}), (21614, 400, {}),
        (21617, 400, {}), (20003, 401, {"halt": True}), (21611, 429, {"retryable": True}),
        (20429, 429, {"retryable": True}), (20500, 500, {"retryable": True}), (63017, 429, {"halt": True})]:
    send(f"out-twilio-{code}", "twilio", TW, tw("AC" + "a" * 32 + ":t"), TB, status, {"code": code, "message": "x", "status": status},
         {"accepted": False, "error_code": str(code), "opt_out": False, "retryable": False, "halt": False, **expect})
VONAGE_FORM = urllib.parse.urlencode([("to", "447700900123"), ("from", "Clinic"), ("text", "Hi"), ("type", "text"), ("client-ref", "job-9"),
                                      ("status-report-req", "true"), ("api_key", "k"), ("api_secret", "s")])
for status, expect in [("0", {"accepted": True}), ("1", {"retryable": True, "retry_after_s": 1}), ("5", {"retryable": True}),
                       ("10", {"retryable": True}), ("9", {"retryable": True, "halt": True}), ("4", {"halt": True}),
                       ("8", {"halt": True}), ("11", {"halt": True}), ("14", {"halt": True}), ("32", {"halt": True}),
                       *[(s, {}) for s in ["2", "3", "6", "7", "12", "15", "22", "23", "29", "33", "99"]]]:
    message = {"status": status, "message-id": "V9"} if status == "0" else {"status": status, "error-text": "wait [ 250 ] and retry" if status == "1" else "no"}
    send("out-vonage-" + status, "vonage", "https://rest.nexmo.com/sms/json", {"content-type": FORM}, VONAGE_FORM, 200,
         {"message-count": "1", "messages": [message]}, {"accepted": False, "retryable": False, "halt": False, **expect})
send("out-vonage-messages-callback", "vonage", "https://api.nexmo.com/v1/messages",
     {"content-type": "application/json", "authorization": "Basic " + b64(b"k:s")},
     compact({"channel": "sms", "message_type": "text", "to": "447700900123", "from": "447700900000", "text": "Hi", "client_ref": "job-9",
              "webhook_url": "https://gw.example.org/hooks/vonage", "ttl": 3600}), 429,
     {"type": "https://developer.vonage.com/api-errors#throttled", "title": "Throttled"}, {"accepted": False, "retryable": True})
send("out-telnyx-no-reference", "telnyx", "https://api.telnyx.com/v2/messages",
     {"content-type": "application/json", "authorization": "Bearer K"},
     compact({"from": "Clinic", "to": "+15558675310", "text": "Hi", "messaging_profile_id": "p1"}), 403,
     {"errors": [{"code": "40300", "title": "Blocked due to STOP message"}]}, {"accepted": False, "opt_out": True, "halt": False})
send("out-bandwidth-priority", "bandwidth", "https://messaging.bandwidth.com/api/v2/users/99/messages",
     {"content-type": "application/json", "authorization": "Basic " + b64(b"u:p")},
     compact({"applicationId": "app", "to": ["+15558675310"], "from": "+15557122661", "text": "Hi", "priority": "high",
              "expiration": "2026-11-21T20:40:00Z"}), 429,
     {"type": "max-message-queue-size-exceeded", "description": "full"},
     {"accepted": False, "retryable": True, "error_code": "max-message-queue-size-exceeded"}, )
for code, expect in [(100, {"accepted": True}), (102, {"accepted": True}), (401, {}), (402, {"halt": True}), (403, {}), (404, {}),
                     (405, {"halt": True}), (406, {"opt_out": True}), (407, {}), (409, {}), (500, {"retryable": True}),
                     (501, {"retryable": True})]:
    send(f"out-at-{code}", "africastalking", "https://api.africastalking.com/version1/messaging",
         {"content-type": FORM, "apikey": "K"},
         urllib.parse.urlencode([("username", "clinic"), ("to", "+254711234567"), ("message", "Hi"), ("bulkSMSMode", "1"), ("enqueue", "1")]),
         201, {"SMSMessageData": {"Message": "x", "Recipients": [{"statusCode": code, "number": "+254711234567", "status": "x", "messageId": "AT9"}]}},
         {"accepted": False, "retryable": False, "halt": False, "opt_out": False, **expect})
send("out-asg-choices", "android-sms-gateway", "http://192.0.2.7:8080/messages",
     {"content-type": "application/json", "authorization": "Bearer T"},
     compact({"id": "job-9", "textMessage": {"text": "Hi"}, "phoneNumbers": ["+15558675310"], "withDeliveryReport": True, "ttl": 3600,
              "priority": 100, "simNumber": 2, "deviceId": "d1"}), 409, {"message": "exists"}, {"accepted": True})
send("out-sinch-no-reference", "sinch", "https://eu.sms.api.sinch.com/xms/v1/p1/batches",
     {"content-type": "application/json", "authorization": "Bearer T"},
     compact({"to": ["15558675310"], "from": "Clinic", "body": "Hi", "delivery_report": "per_recipient",
              "expire_at": "2026-11-21T20:40:00Z"}), 400, {"code": "syntax_invalid_parameter_format", "text": "x"},
     {"accepted": False, "retryable": False})
send("out-infobip-v3", "infobip", "https://xyz.api.infobip.com/sms/3/messages",
     {"content-type": "application/json", "authorization": "App K"},
     compact({"messages": [{"sender": "Clinic", "destinations": [{"to": "41793026727", "messageId": "job-9"}], "content": {"text": "Hi \U0001F642"},
                            "webhooks": {"delivery": {"url": "https://gw.example.org/hooks/infobip", "intermediateReport": True}}}]}),
     200, {"messages": [{"messageId": "job-9", "status": {"groupId": 1, "id": 26, "name": "PENDING_ACCEPTED"}}]}, {"accepted": True})
SNS_URL = "https://sns.eu-west-2.amazonaws.com/"
SNS_FORM = [("PhoneNumber", "+15558675310"), ("Message", "Hi"), ("Action", "Publish"), ("Version", "2010-03-31")]
KEYS = {"accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "own-secret", "region": "eu-west-2"}


def sigv4(url, body, headers, service):
    """AWS Signature Version 4, as the general reference describes it."""
    h = {**headers, "host": url.split("/")[2], "x-amz-date": "20261121T194000Z"}
    names = ";".join(sorted(h))
    request = "\n".join(["POST", "/", "", *[f"{k}:{h[k]}" for k in sorted(h)], "", names, hashlib.sha256(body.encode()).hexdigest()])
    scope = f"20261121/{KEYS['region']}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", h["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + KEYS["secretAccessKey"]).encode()
    for part in ["20261121", KEYS["region"], service, "aws4_request"]:
        key = hmac.new(key, part.encode(), "sha256").digest()
    sig = hmac.new(key, text.encode(), "sha256").hexdigest()
    return {**h, "authorization": f"AWS4-HMAC-SHA256 Credential={KEYS['accessKeyId']}/{scope}, SignedHeaders={names}, Signature={sig}"}


for ident, more in [("plain", []), ("sender", [("AWS.SNS.SMS.SMSType", "Transactional"), ("AWS.SNS.SMS.SenderID", "Clinic")]),
                    ("number", [("AWS.SNS.SMS.SMSType", "Promotional"), ("AWS.MM.SMS.OriginationNumber", "+15557122661")])]:
    form = list(SNS_FORM)
    for i, (name, value) in enumerate(more, 1):
        at_ = f"MessageAttributes.entry.{i}."
        form += [(at_ + "Name", name), (at_ + "Value.DataType", "String"), (at_ + "Value.StringValue", value)]
    body = urllib.parse.urlencode(form)
    send("out-sns-" + ident, "aws", SNS_URL, sigv4(SNS_URL, body, {"content-type": FORM}, "sns"), body, 200,
         "<PublishResponse><PublishResult><MessageId>sns-1</MessageId></PublishResult></PublishResponse>",
         {"accepted": True, "provider_message_id": "sns-1"}, secret=KEYS)
send("out-sns-throttled", "aws", SNS_URL, sigv4(SNS_URL, urllib.parse.urlencode(SNS_FORM), {"content-type": FORM}, "sns"),
     urllib.parse.urlencode(SNS_FORM), 400, "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>",
     {"accepted": False, "retryable": True}, secret=KEYS)
EUM = "https://sms-voice.eu-west-2.amazonaws.com/"
EB = compact({"DestinationPhoneNumber": "+15558675310", "MessageBody": "Hi", "MessageType": "PROMOTIONAL", "TimeToLive": 600})
EH = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "PinpointSMSVoiceV2.SendTextMessage"}
for type_, more, expect in [
        ("ThrottlingException", {}, {"retryable": True}), ("InternalServerException", {}, {"retryable": True}),
        ("ValidationException", {}, {}), ("AccessDeniedException", {}, {"halt": True}),
        ("ServiceQuotaExceededException", {}, {"halt": True}), ("ConflictException", {"Reason": "RESOURCE_NOT_ACTIVE"}, {}),
        ("ConflictException", {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}, {"opt_out": True}),
        ("ResourceNotFoundException", {}, {})]:
    send("out-eum-" + type_.lower() + ("-" + more["Reason"].split("_")[0].lower() if more else ""), "aws", EUM,
         sigv4(EUM, EB, EH, "sms-voice"), EB, 500 if "Internal" in type_ else 400, {"__type": type_, **more},
         {"accepted": False, "retryable": False, "halt": False, "opt_out": False, **expect}, secret=KEYS)
NOTIFY = "https://api.notifications.service.gov.uk/v2/notifications/sms"
NB = compact({"phone_number": "+447700900123", "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a", "reference": "job-9"})
for ident, status, error, message, expect in [
        ("rate", 429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds", {"retryable": True}),
        ("rate-by-another-name", 429, "TooManyRequestsError",
         "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds", {"retryable": True, "retry_after_s": ""}),
        ("daily", 429, "TooManyRequestsError", "Exceeded send limits (250000) for today", {"retryable": True, "retry_after_s": 3600}),
        ("clock", 403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds", {"retryable": True, "halt": True}),
        ("key", 403, "AuthError", "Invalid token: API key not found", {"halt": True}),
        ("field", 400, "ValidationError", "template_id is not a valid UUID", {}),
        ("team", 400, "BadRequestError", "Can't send to this recipient using a team-only API key", {}),
        ("down", 500, "Exception", "Internal server error", {"retryable": True})]:
    send("out-notify-" + ident, "govuk-notify", NOTIFY, {"content-type": "application/json"}, NB, status,
         {"status_code": status, "errors": [{"error": error, "message": message}]},
         {"accepted": False, "retryable": False, "halt": False, **expect})
K = "http://127.0.0.1:13013/cgi-bin/sendsms?" + urllib.parse.urlencode(
    [("username", "u"), ("password", "p"), ("from", "Clinic"), ("to", "+15558675310"), ("text", "Hi \U0001F642"), ("coding", "2"), ("charset", "UTF-8")])
for status, body, expect in [(202, "0: Accepted for delivery", {"accepted": True}), (202, "3: Queued for later delivery", {"accepted": True}),
                             (202, "Sent.", {"outcome": "unknown"}), (403, "Authorization failed for sendsms", {"halt": True}),
                             (503, "Temporal failure, try again later.", {"retryable": True})]:
    send(f"out-kannel-{status}-{body[:1].lower()}", "kannel", K, {}, None, status, body,
         {"accepted": False, "retryable": False, "halt": False, **expect}, method="GET")

for name, rows in files.items():
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        continue
    (HERE / (name + ".json")).write_text(json.dumps(rows, indent=1, ensure_ascii=True) + "\n")
print({k: len(v) for k, v in files.items()}, sum(len(v) for v in files.values()))
