#!/usr/bin/env python3
"""The pages in Chromium, and the FHIR export under other people's validators. Skips (77) where
Node, npm's packages or Chromium cannot be had, and says which. Screenshots: BUILD_DIR/pages-shots.
Usage: browser.py BUILD_DIR SOURCE_DIR"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from rig import expect, run_test
from story import JO, Story

SKIP = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def tools(build):
    """A folder with the scripts and their packages, installed once a build."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        skip("node and npm are not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        skip("chromium is not installed")
    folder = build / "browser"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "pages.mjs", "fhir.mjs"):
        shutil.copy(HERE / name, folder)
    if not (folder / "node_modules" / ".package-lock.json").exists():
        try:
            done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                                  cwd=folder, capture_output=True, text=True, timeout=240)
        except subprocess.TimeoutExpired:
            skip("npm ci took over four minutes")
        if done.returncode != 0:
            skip("npm cannot install the packages here: " + done.stderr.strip()[-300:])
    return node, folder, chromium


def play(build, source, home):
    node, folder, chromium = tools(build)
    story = Story(build, source, home)
    shots = build / "pages-shots"
    try:
        code = story.to_the_alert(friend=True)
        service = story.service
        service.settle()
        asked = story.text(JO, r"OK ([A-Z]\d+)")[1]
        links = {"alert": service.moodline("link", "--alert", code, "--to", "sam")["link"],
                 "series": service.moodline("link", "--person", "MJ", "--to", "sam")["link"],
                 "friend": service.moodline("link", "--alert", asked, "--to", "jo")["link"],
                 "data": service.moodline("link", "--person", "MJ", "--data")["link"]}
        (home / "links.json").write_text(json.dumps(links))
        bundle = service.moodline("person", "export", "MJ", "--format", "fhir")["text"]
        (home / "bundle.json").write_text(bundle)
        fhir = subprocess.run([node, folder / "fhir.mjs", home / "bundle.json"], timeout=200)
        expect(fhir.returncode == 0, "the FHIR export is valid")
        seen = subprocess.run([node, folder / "pages.mjs", home / "links.json", shots], timeout=400,
                              env={**os.environ, "CHROMIUM": chromium})
        expect(seen.returncode == 0, f"the pages are well; screenshots in {shots}")
        expect(service.moodline("alert", "show", code)["done"], "DONE on the page closed the alert")
    finally:
        story.stop()


if __name__ == "__main__":
    BUILD, SOURCE = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    tools(BUILD)  # skip before anything is started
    sys.exit(run_test(lambda home: play(BUILD, SOURCE, home)))
