#!/usr/bin/env python3
"""Flips each comparison and boundary of the rule engine, one at a time, and lists what survives.

Usage: mutate.py SOURCE_DIR BUILD_DIR [--only TEXT] [--sample N] [--seed S] [--minutes M]
                 [--resume FILE] [--cases FILE] [--list]
Needs the targets run_cases and unit_rules built in BUILD_DIR; their objects are copied first, so
that the build may go on. A mutant is compiled alone, without optimisation, linked before the
libraries, and must fail the neutral cases or the unit tests. --cases adds cases of another file, such
as model.py --keep leaves. What was tried is kept in --resume's file, so that a run may be stopped and go
on. Mutants that change nothing anybody could see stand in mutants-alike.txt beside this file, each
with its reason. Slow: never part of ctest.
"""
import argparse
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

FOLDERS = ["rules/engine", "rules/kinds", "rules/notify"]
# The oracle is what the fold is measured against; its mutants would only test the tests.
LEFT_OUT = {"oracle.cpp", "oracle_series.cpp", "state_text.cpp", "desk_text.cpp", "pack.cpp", "explain.cpp"}
FLIPS = [(r" <= ", " < "), (r" >= ", " > "), (r" < ", " <= "), (r" > ", " >= "), (r" == ", " != "),
         (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "), (r" - 1\b", ""), (r" \+ 1\b", "")]
SECONDS_MAX = 60
PROGRAMS = [("tests/cases/CMakeFiles/run_cases.dir", True), ("tests/CMakeFiles/unit_rules.dir", False)]
LIBRARIES = ["config/libmoodline_config.a", "rules/libmoodline_rules.a"]


def mutants(root):
    """path, line, what it says, what the mutant says, the mutated lines."""
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.cpp")):
            if path.name in LEFT_OUT:
                continue
            lines = path.read_text().splitlines(keepends=True)
            for n, line in enumerate(lines):
                code = re.sub(r'"(\\.|[^"\\])*"', lambda m: "_" * len(m.group(0)), line.split("//")[0])
                if code.lstrip().startswith(("#", "template")):
                    continue
                for pattern, instead in FLIPS:
                    for m in re.finditer(pattern, code):
                        mutated = line[:m.start()] + instead + line[m.end():]
                        yield path, n + 1, line.strip(), mutated.strip(), lines[:n] + [mutated] + lines[n + 1:]


def with_keys(root, every):
    """Each with a name of its own, without the line's number: an edit above it changes nothing."""
    seen = {}
    for path, n, old, new, text in every:
        key = f"{path.relative_to(root)}: {old}  ->  {new}"
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            key += f"  #{seen[key]}"
        yield key, path, n, old, new, text


class Bench:
    """Copies of what a mutant is linked with, and the way to try one."""

    def __init__(self, root, build, folder, more):
        self.folder = folder
        self.cases = sorted(str(p) for p in (root / "tests/cases").glob("*.yaml")) + ([more] if more else [])
        self.commands = {c["file"]: c["command"] for c in json.loads((build / "compile_commands.json").read_text())}
        self.build = build
        self.objects = []
        for number, (source, _) in enumerate(PROGRAMS):
            copy = folder / f"objects{number}"
            shutil.copytree(build / source, copy)
            self.objects.append([str(p) for p in copy.rglob("*.o")])
        self.libraries = []
        for name in LIBRARIES:
            shutil.copy(build / name, folder)
            self.libraries.append(str(folder / pathlib.Path(name).name))

    def compile(self, path, text):
        source, mutant = self.folder / path.name, self.folder / "mutant.o"
        source.write_text("".join(text))
        words = [w for w in self.commands[str(path)].split() if not w.endswith("ccache")]
        words = [w for w in words if w not in ("-c", "-g", "-g1") and not w.endswith((".cpp", ".o"))]
        words = [w for w in words if w not in ("-o", "-MD", "-MT", "-MF") and not w.endswith(".d")]
        done = subprocess.run([*words, "-g0", "-w", "-c", str(source), "-o", str(mutant)], cwd=self.build,
                              capture_output=True)
        return mutant if done.returncode == 0 else None

    def notices(self, program, mutant):
        """True where this program fails with the mutant; None where it cannot be linked."""
        out = self.folder / "program"
        link = subprocess.run(["g++", "-fuse-ld=lld", "-o", str(out), *self.objects[program], str(mutant),
                               *self.libraries, "-lyaml-cpp", "-lfmt", "-ldate-tz", "-licuuc", "-licui18n",
                               "-lcrypto"], capture_output=True)
        if link.returncode != 0:
            return None
        try:
            run = subprocess.run([str(out), *(self.cases if PROGRAMS[program][1] else [])], capture_output=True,
                                 timeout=SECONDS_MAX, env={"MOODLINE_SEEDS": "4", "PATH": "/usr/bin:/bin"})
        except subprocess.TimeoutExpired:
            return True
        return run.returncode != 0

    def survives(self, path, text):
        mutant = self.compile(path, text)
        if mutant is None:
            return None
        for program in range(len(PROGRAMS)):
            noticed = self.notices(program, mutant)
            if noticed is None:
                return None
            if noticed:
                return False
        return True


def alike():
    path = pathlib.Path(__file__).with_name("mutants-alike.txt")
    if not path.exists():
        return set()
    return {line.strip() for line in path.read_text().splitlines() if "  ->  " in line}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--resume", default="")
    parser.add_argument("--cases", default="")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    root, build = pathlib.Path(args.source).resolve(), pathlib.Path(args.build).resolve()
    chosen = [m for m in with_keys(root, mutants(root)) if args.only in str(m[1])]
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    if args.list:
        for _, path, n, old, new, _ in chosen:
            print(f"{path.relative_to(root)}:{n}: {old}  ->  {new}")
        print(f"{len(chosen)} mutants")
        return 0
    kept = pathlib.Path(args.resume) if args.resume else None
    tried = dict(json.loads(line) for line in kept.read_text().splitlines()) if kept and kept.exists() else {}
    known = alike()
    left, counts, end = [], {"caught": 0, "survived": 0, "unbuilt": 0, "alike": 0}, time.time() + args.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, build, pathlib.Path(folder), args.cases)
        for key, path, n, old, new, text in chosen:
            if key in known:
                counts["alike"] += 1
                continue
            if key not in tried:
                if time.time() > end:
                    continue
                alive = bench.survives(path, text)
                tried[key] = "unbuilt" if alive is None else "survived" if alive else "caught"
                if kept:
                    with kept.open("a") as out:
                        out.write(json.dumps([key, tried[key]]) + "\n")
                if alive:
                    print(f"survived: {path.relative_to(root)}:{n}: {old}  ->  {new}", flush=True)
            elif tried[key] == "survived":
                left.append(key)
            counts[tried[key]] += 1
    for key in left:
        print(f"survived before: {key}")
    done = sum(counts.values())
    print(f"{done} of {len(chosen)} tried: {counts['caught']} caught, {counts['survived']} survived, "
          f"{counts['alike']} alike, {counts['unbuilt']} did not build")
    return 1 if counts["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
