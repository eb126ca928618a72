#!/usr/bin/env python3
"""Seeds of one fuzzer from the captured requests, the sample service and the texts below: seeds.py NAME DIRECTORY. Small, and the same every time."""
import base64
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

def providers():
    """Names in the registry's order (sorted), as fuzz_cases.hpp picks them: each adapter's own row, and the presets."""
    names = [p.stem for p in (ROOT / "config/presets").glob("*.yaml")]
    for path in (ROOT / "providers").glob("*.cpp"):
        for row in re.finditer(r"ProviderType \w+_type\(\) \{\s*return \{\.name = \"([^\"]+)\"", path.read_text()):
            names.append(row.group(1))
    return sorted(names)


PROVIDERS = providers()
CONTENT = ["application/x-www-form-urlencoded", "application/json", "text/plain; charset=utf-8", ""]


def vectors():
    for path in sorted((ROOT / "tests/vectors").glob("*.json")):
        yield from json.loads(path.read_text())


def body_of(v):
    if "body_b64" in v:
        return base64.b64decode(v["body_b64"])
    return (v.get("body") or "").encode()


REQUESTS = (
    b"GET /hooks/a/b/c?x=1&y=%20z HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /hooks/a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /hooks/a/b HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /hooks/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"POST /hooks/a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
    b"HEAD /hooks/a/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
TABLES = (
    "number,as,programme\r\n07700 900123,MJ,evening-mood\r\n",
    "number;as\n\"+44 7700 900124\";\"K \"\"T\"\"\"\n", "Phone\tStatus\n447700900125\tSTOP\n",
    "person,at,what,value,with.days\nMJ,2026-03-02 18:00,reading,mood=3,4\n", "+447700900126\n+15550100\n",
    "[{\"number\": \"+447700900127\"}]", "a,b\n=1+1,\"-2\n3\"\n")


def files():
    """The sample's, in the order in which config_fuzz.cpp knows them."""
    root = ROOT / "config/sample"
    found = [p for p in root.rglob("*") if p.is_file() and not p.name.endswith(".test.yaml")]
    return sorted(found, key=lambda p: str(p.relative_to(root)).encode())


def seeds(name):
    if name == "http":
        yield from REQUESTS
    elif name == "csv":
        for table in TABLES:
            yield from (table.encode(), table.encode("utf-16"))
    elif name == "config":
        for i, path in enumerate(files()):
            yield bytes([i]) + path.read_bytes()
            yield bytes([255]) + path.read_bytes()
    for v in vectors():
        body = body_of(v)
        if name == "provider_webhooks" and v.get("provider") in PROVIDERS and v.get("kind") != "outbound-request":
            url = str(v.get("url", ""))
            query = ("?" + url.split("?", 1)[1] if "?" in url else "").encode()[:255]
            content = v.get("headers", {}).get("content-type", "")
            how = (0 if v.get("method") != "GET" else 1) + 2 * (CONTENT.index(content) if content in CONTENT else 1)
            yield bytes([PROVIDERS.index(v["provider"]), how, len(query)]) + query + bytes([0]) + body
        elif name == "provider_spool" and v.get("provider") in ("gammu-smsd", "smstools3"):
            file = str(v.get("url", "")).rsplit("/", 1)[-1].encode()[:255]
            folders = ["incoming/", "inbox/", "report/", "sent/", "failed/", ""]
            head = str(v.get("url", "")).split("/")[0] + "/"
            folder = folders.index(head) if head in folders else 5
            yield bytes([0 if v["provider"] == "gammu-smsd" else 1, folder, len(file)]) + file + body
        elif name == "provider_replay":
            text = json.dumps([v]).encode()
            if len(text) < 6000:
                yield text
        elif name == "provider_kit":
            yield body
            for value in v.get("headers", {}).values():
                yield str(value).encode()
        elif name == "provider_jwt":
            for value in v.get("headers", {}).values():
                if str(value).count(".") == 2:
                    yield str(value).removeprefix("Bearer ").encode()
        elif name == "provider_sends" and v.get("provider") in PROVIDERS and "response" in v:
            answer = v["response"].get("body", "")
            text = answer if isinstance(answer, str) else json.dumps(answer)
            yield bytes([PROVIDERS.index(v["provider"]), v["response"].get("status", 200) % 256]) + text.encode()


def main():
    name, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(dict.fromkeys(s for s in seeds(name) if s)):
        (directory / f"seed-{i:04}").write_bytes(seed[:16384])


main()
