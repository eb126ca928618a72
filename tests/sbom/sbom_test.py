#!/usr/bin/env python3
"""The bill of materials is whole and true: valid CycloneDX, every library that the programs load is in it under
the package and version that dpkg names, and the same build gives the same bytes.
Usage: sbom_test.py BUILD_DIR SOURCE_DIR"""
import json
import os
import re
import subprocess
import sys


def expect(condition, what):
    if not condition:
        print(f"FAILED: {what}")
        sys.exit(1)
    print(f"  ok  {what}")


def bill(build, source, **env):
    done = subprocess.run([f"{source}/.ci/sbom.py", build], capture_output=True, text=True,
                          env={**os.environ, **env})
    expect(done.returncode == 0, f"sbom.py ends well {done.stderr}")
    return done.stdout


def main():
    build, source = sys.argv[1:]
    text = bill(build, source)
    expect(text == bill(build, source), "twice the same bytes")
    d = json.loads(text)
    expect(d["bomFormat"] == "CycloneDX" and d["specVersion"] == "1.5" and d["version"] == 1,
           "CycloneDX 1.5")
    expect(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", d["serialNumber"]),
           "a serial number")
    allowed = {"type", "bom-ref", "name", "version", "purl", "supplier", "properties", "externalReferences"}
    parts = d["components"]
    refs = [c["bom-ref"] for c in parts]
    expect(len(set(refs)) == len(refs), "each part has a reference of its own")
    for c in parts:
        if not (c["type"] in ("library", "data") and c["name"] and c["version"] and set(c) <= allowed and
                re.fullmatch(r"pkg:deb/[a-z]+/[a-z0-9.+-]+@[^@?]+\?arch=\w+&distro=\S+", c["purl"])):
            expect(False, f"a part is not as the format wants it: {c}")
    expect(set(d["dependencies"][0]["dependsOn"]) == set(refs), "the program depends on each")
    said = dict(line.split("\t") for line in subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package}\t${Version}\n"], check=True, capture_output=True,
        text=True).stdout.splitlines())
    wrong = [c["name"] for c in parts if said.get(c["name"]) != c["version"]]
    expect(not wrong, f"versions are dpkg's {wrong or ''}")
    files = {p["value"].split()[0] for c in parts for p in c["properties"] if p["name"] == "moodline:file"}
    for program in ("moodlined", "moodline"):
        loaded = re.findall(r"(?:=> )?(/\S+) \(0x", subprocess.run(
            ["ldd", f"{build}/{program}"], check=True, capture_output=True, text=True).stdout)
        missing = [path for path in loaded if os.path.realpath(path) not in files]
        expect(loaded and not missing, f"{program}: each of {len(loaded)} libraries is listed {missing or ''}")
    names = {c["name"] for c in parts}
    expect({"libsqlite3-0", "libssl3", "libsodium23", "libcurl4", "tzdata", "libexpected-dev"} <= names,
           f"{len(parts)} packages, linked, compiled in and read")
    dated = json.loads(bill(build, source, SOURCE_DATE_EPOCH="1700000000"))
    expect(dated["metadata"]["timestamp"] == "2023-11-14T22:13:20Z", "the time is the build's own")


if __name__ == "__main__":
    main()
