#!/usr/bin/env python3
"""Installs the npm package into a scratch folder and compares. Usage: run.py PROGRAM

Exits 77 (skipped) and says why where node or npm is absent or the install fails.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

INSTALL_S_MAX = 120
COMPARE_S_MAX = 120
SKIPPED = 77


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    here = pathlib.Path(__file__).resolve().parent
    if not shutil.which("node") or not shutil.which("npm"):
        print("contract segments: skipped, node and npm are not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("package.json", "package-lock.json", "compare.js"):
            shutil.copy(here / name, scratch)
        try:
            done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                                  cwd=scratch, capture_output=True, text=True, timeout=INSTALL_S_MAX)
        except subprocess.TimeoutExpired:
            print(f"contract segments: skipped, npm ci took over {INSTALL_S_MAX} s")
            return SKIPPED
        if done.returncode != 0:
            print("contract segments: skipped, npm ci failed:\n" + done.stderr[-800:])
            return SKIPPED
        return subprocess.run(["node", "compare.js", str(program)], cwd=scratch,
                              timeout=COMPARE_S_MAX, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
