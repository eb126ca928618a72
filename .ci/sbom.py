#!/usr/bin/env python3
"""The software bill of materials of a build, as CycloneDX 1.5 JSON: each Debian package whose library
moodlined or moodline loads, each whose headers are compiled in, and the time-zone data read at run
time, with versions as dpkg has them here.
Usage: .ci/sbom.py BUILD_DIR [OUT]     (OUT: a file; nothing: standard output)
The same build on the same machine gives the same bytes; SOURCE_DATE_EPOCH adds the time."""
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("moodlined", "moodline")
# Compiled in from headers, so that no library of theirs is loaded, or only a part of them.
HEADERS = ("libboost1.81-dev", "libcli11-dev", "libexpected-dev", "libfmt-dev", "libspdlog-dev",
           "libhowardhinnant-date-dev")
AT_RUN_TIME = ("tzdata",)


def said(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


def libraries(program):
    """The files that the loader takes for it."""
    found = []
    for line in said("ldd", str(program)).splitlines():
        path = re.search(r"(?:=> )?(/\S+) \(0x", line)
        if path:
            found.append(path[1])
        elif "not found" in line:
            raise SystemExit(f"sbom: {program}: {line.strip()}; install what is missing")
    return found


def owners(paths):
    """{file: package}; Debian 12 knows /lib files under either of two names. One question for all: dpkg
    reads its whole list for each."""
    names = {}
    for path in paths:
        both = [path, os.path.realpath(path)]
        both += [n.removeprefix("/usr") for n in both] + ["/usr" + n for n in both]
        names[path] = list(dict.fromkeys(both))
    done = subprocess.run(["dpkg", "-S", *(n for both in names.values() for n in both)],
                          capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = {}
    for line in done.stdout.splitlines():
        packages, _, name = line.rpartition(": ")
        if packages and not line.startswith("diversion "):
            found[name] = packages.split(", ")[0].split(":")[0]
    owned = {path: next((found[n] for n in both if n in found), None) for path, both in names.items()}
    for path, name in owned.items():
        if name is None:
            raise SystemExit(f"sbom: {path} belongs to no Debian package; the list would not be whole")
    return owned


def package(name):
    fields = said("dpkg-query", "-W", "-f",
                  "${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Maintainer}\t"
                  "${Homepage}\t${db:Status-Status}\n", name).splitlines()[0].split("\t")
    return dict(zip(("version", "arch", "source", "source_version", "maintainer", "homepage", "status"),
                    fields))


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def distro():
    text = pathlib.Path("/etc/os-release").read_text()
    get = lambda key: (re.search(rf'^{key}="?([^"\n]*)', text, re.M) or ["", "unknown"])[1]
    return get("ID"), get("VERSION_ID")


def component(name, use, files):
    p = package(name)
    vendor, release = distro()
    purl_version = p["version"].replace(":", "%3A").replace("+", "%2B").replace("~", "~")
    purl = f"pkg:deb/{vendor}/{name}@{purl_version}?arch={p['arch']}&distro={vendor}-{release}"
    out = {"type": "data" if use == "read at run time" else "library", "bom-ref": purl, "name": name,
           "version": p["version"], "purl": purl,
           "supplier": {"name": p["maintainer"]},
           "properties": [{"name": "moodline:use", "value": use},
                          {"name": "moodline:source",
                           "value": f"{p['source']} {p['source_version']}"}]}
    for path in sorted(files):
        out["properties"].append({"name": "moodline:file", "value": f"{path} sha256:{sha256(path)}"})
    if p["homepage"]:
        out["externalReferences"] = [{"type": "website", "url": p["homepage"]}]
    return out


def version():
    found = re.search(r"project\(moodline VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    return found[1]


def bill(build):
    programs = [build / name for name in PROGRAMS if (build / name).exists()]
    if not programs:
        raise SystemExit(f"sbom: {build} holds neither moodlined nor moodline; build them first")
    linked = {}
    paths = sorted({path for program in programs for path in libraries(program)})
    for path, name in owners(paths).items():
        linked.setdefault(name, set()).add(os.path.realpath(path))
    components = [component(name, "linked", files) for name, files in linked.items()]
    components += [component(name, "compiled in", ()) for name in HEADERS]
    components += [component(name, "read at run time", ()) for name in AT_RUN_TIME]
    components.sort(key=lambda c: (c["name"], c["properties"][0]["value"]))
    own = f"pkg:generic/moodline@{version()}"
    metadata = {"component": {
        "type": "application", "bom-ref": own, "name": "moodline", "version": version(), "purl": own,
        "hashes": [{"alg": "SHA-256", "content": sha256(programs[0])}],
        "properties": [{"name": "moodline:file", "value": f"{p.name} sha256:{sha256(p)}"}
                       for p in programs]}}
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        at = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
        metadata["timestamp"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": metadata,
                "components": components,
                "dependencies": [{"ref": own, "dependsOn": [c["bom-ref"] for c in components]}]}
    known = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, known)}"
    return document


def main():
    if not 2 <= len(sys.argv) <= 3:
        raise SystemExit(__doc__)
    text = json.dumps(bill(pathlib.Path(sys.argv[1])), indent=2, sort_keys=True) + "\n"
    if len(sys.argv) == 3:
        pathlib.Path(sys.argv[2]).write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
