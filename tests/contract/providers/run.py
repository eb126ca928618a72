#!/usr/bin/env python3
"""Runs the adapters against other people's tools.

Usage: run.py sdk BUILD_DIR PROVIDER_REPLAY        the vendors' SDKs sign, verify and send
       run.py prism BUILD_DIR ADAPTER_CALL SPECS   Prism judges what our adapters build

npm packages go into BUILD_DIR and stay there for the next run. Exits 77 (skipped) and says why
where node, npm or the specifications are absent.
"""
import json
import pathlib
import shutil
import subprocess
import sys

import prism

INSTALL_S_MAX = 240
RUN_S_MAX = 120
NODE_MIN = 20
SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent


def skip(why):
    print(f"contract providers: skipped, {why}")
    sys.exit(SKIPPED)


def install(kind, build):
    """npm ci into build/KIND, unless the same lock file stands there already. Returns the folder."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("node and npm are not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=20).stdout
    if int(version.strip("v\n").split(".")[0]) < NODE_MIN:
        skip(f"node is {version.strip()}, the SDKs need {NODE_MIN}")
    into = pathlib.Path(build) / kind
    lock = (HERE / kind / "package-lock.json").read_text()
    done = into / "installed.lock"
    if not done.is_file() or done.read_text() != lock:
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / kind / name, into)
        try:
            ran = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=into,
                                 capture_output=True, text=True, timeout=INSTALL_S_MAX)
        except subprocess.TimeoutExpired:
            skip(f"npm ci took over {INSTALL_S_MAX} s")
        if ran.returncode != 0:
            skip("npm ci failed:\n" + ran.stderr[-800:])
        done.write_text(lock)
    for script in (HERE / kind).glob("*.js"):
        shutil.copy(script, into)
    return into


def sdks(build, replay):
    """Each script writes requests; provider_replay judges them. 0 where all are as expected."""
    into = install("sdk", build)
    if not shutil.which("openssl"):
        skip("the openssl command is not installed")
    bad = 0
    for script in ("webhooks.js", "sends.js"):
        out = into / (script + "on")
        ran = subprocess.run(["node", script, str(out)], cwd=into, capture_output=True, text=True,
                             timeout=RUN_S_MAX)
        print(ran.stdout.strip())
        if ran.returncode != 0:
            print(f"{script} failed:\n{ran.stderr[-3000:]}")
            bad += 1
            continue
        judged = subprocess.run([replay, str(out)], capture_output=True, text=True, timeout=RUN_S_MAX)
        lines = judged.stdout.splitlines()
        print("\n".join(line for line in lines if not line.startswith("ok ")))
        bad += judged.returncode != 0
    return 1 if bad else 0


def specs(build, adapter_call, folder):
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        skip(f"{folder} holds no specifications")
    into = install("prism", build)
    return prism.run(into, adapter_call, folder, json.loads((HERE / "cases.json").read_text()))


def main():
    if sys.argv[1] == "sdk":
        return sdks(sys.argv[2], sys.argv[3])
    return specs(sys.argv[2], sys.argv[3], sys.argv[4])


if __name__ == "__main__":
    sys.exit(main())
