#!/usr/bin/env python3
"""Flips each comparison and boundary of the rule engine, one at a time, and lists what survives.

Usage: mutate.py SOURCE_DIR BUILD_DIR [--only TEXT] [--jobs N] [--resume FILE] [--cases FILE] [--list]
Needs run_cases and unit_rules built in BUILD_DIR. One copy of the engine holds every mutant
(schemata.py); it is built once, into BUILD_DIR/mutants, and each mutant is chosen at run time. A run
without a mutant says which tests reach which mutants; a mutant is then run against those alone, those
that are quick and catch most first, until one fails. The tests: every neutral case file, by the fold and
with a restart between any two events, and every file of unit_rules. --cases adds cases of another file,
such as model.py --keep leaves. What cannot be chosen at run time is compiled alone. Mutants that change
nothing anybody could see stand in mutants-alike.txt beside this file, each with its reason.
Exit 0: each is caught or alike. Takes minutes: never part of ctest.
"""
import argparse
import hashlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import schemata

FOLDERS = ["rules/engine", "rules/kinds", "rules/notify", "rules/schedule"]
# The oracle is what the fold is measured against; its mutants would only test the tests.
LEFT_OUT = {"oracle.cpp", "oracle.hpp", "oracle_series.cpp", "oracle_series.hpp"}
LIBRARIES = ["-lyaml-cpp", "-lfmt", "-ldate-tz", "-licuuc", "-licui18n", "-lcrypto"]
MEMORY_MAX = 2 << 30
SLOWER_MAX = 5  # a mutant that takes so many times as long goes round and round


class Mutant:
    def __init__(self, number, path, site, key):
        self.number, self.path, self.site, self.key = number, path, site, key


def mutants(root):
    out, seen = [], {}
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.?pp")):
            if path.name in LEFT_OUT:
                continue
            for site in schemata.sites(path.read_text()):
                # Without the line's number: an edit above it changes nothing.
                key = f"{path.relative_to(root)}: {site.old}  ->  {site.new}"
                seen[key] = seen.get(key, 0) + 1
                if seen[key] > 1:
                    key += f"  #{seen[key]}"
                out.append(Mutant(len(out), path, site, key))
    return out


class Copy:
    """The instrumented tree, its objects and its two programs."""

    def __init__(self, root, build, jobs):
        self.root, self.build, self.jobs = root, build, jobs
        self.folder = build / "mutants"
        shutil.rmtree(self.folder / "rules", ignore_errors=True)
        self.commands = {pathlib.Path(c["file"]): c["command"].split()
                         for c in json.loads((build / "compile_commands.json").read_text())}
        self.alone = []
        self.folder.mkdir(exist_ok=True)
        self.config = pathlib.Path(shutil.copy(build / "config/libmoodline_config.a", self.folder))

    def write(self, every, left_out):
        for path in sorted((self.root / "rules").rglob("*.?pp")):
            of_file = [(m.number, m.site) for m in every if m.path == path and m not in left_out]
            copy = self.folder / path.relative_to(self.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(schemata.instrument(path.read_text(), of_file))
        (self.folder / "choose.hpp").write_text(schemata.HEADER)
        (self.folder / "choose.cpp").write_text(schemata.SWITCH)
        headers = [*self.folder.rglob("*.hpp"), *(self.root / "tests").rglob("*.hpp")]
        self.headers = b"".join(p.read_bytes() for p in sorted(headers))

    def compile(self, path, source=None, out=None):
        """The object of a file of the repository, from the copy where there is one; errors as text."""
        source = source or self.folder / path.relative_to(self.root)
        source = source if source.exists() else path
        # An object is named by all it is made of: what has not changed is not built again.
        made_of = hashlib.sha256(self.headers + source.read_bytes()).hexdigest()[:16]
        name = str(path.relative_to(self.root)).replace("/", "+")
        out = out or self.folder / "objects" / f"{name}.{made_of}.o"
        out.parent.mkdir(exist_ok=True)
        if out.exists():
            return out, ""
        words = self.commands[path]
        words = [w for w in words[:words.index("-o")] if w not in ("-Werror", "-O0", "-O2", "-g1")]
        at = next(i for i, w in enumerate(words) if w.startswith("-I"))
        words[at:at] = ["-I" + str(self.folder), "-include", str(self.folder / "choose.hpp")]
        done = subprocess.run([*words, "-O1", "-g0", "-w", "-D_GLIBCXX_ASSERTIONS", "-c", str(source), "-o", str(out)], cwd=self.build,
                              capture_output=True, text=True)
        return out, done.stderr if done.returncode else ""

    def sources(self, which):
        if which == "rules":
            return [p for p in self.commands if p.is_relative_to(self.root / "rules")]
        if which == "run_cases":
            return [self.root / "tests/cases/run_cases.cpp"]
        return [p for p in self.commands if p.is_relative_to(self.root / "tests/unit/rules")] + [
            self.root / "tests/unit/main.cpp"]

    def make(self, every):
        self.write(every, self.alone)
        parts = {p: self.sources(p) for p in ("rules", "run_cases", "unit_rules")}
        with ThreadPoolExecutor(self.jobs) as pool:
            while True:
                done = list(pool.map(lambda p: (p, *self.compile(p)), [p for s in parts.values() for p in s]))
                broken = [(p, errors) for p, _, errors in done if errors]
                if not broken:
                    break
                # What does not compile on these lines is tried alone.
                worse = [m for m in every if m not in self.alone and any(
                    f"{m.path.relative_to(self.root)}:{m.site.line}:" in errors for _, errors in broken)]
                if not worse:
                    sys.exit(broken[0][1][:4000])
                self.alone += worse
                self.write(every, self.alone)
        self.objects = {p: out for p, out, _ in done}
        self.switch = self.folder / "choose.o"
        subprocess.run(["g++", "-O1", "-c", f"-DMUTANTS={len(every)}", str(self.folder / "choose.cpp"), "-o",
                        str(self.switch)], check=True)
        self.parts = parts
        return {p: self.link(p, self.folder / p) for p in ("run_cases", "unit_rules")}

    def link(self, program, out, instead=None):
        objects = dict(self.objects, **(instead or {}))
        wanted = self.parts["rules"] + self.parts[program]
        # The case runner's own library is taken as it is; inline functions come from the objects before it.
        subprocess.run(["g++", "-fuse-ld=lld", "-o", str(out), str(self.switch), *(str(objects[p]) for p in wanted),
                        str(self.config), *LIBRARIES], check=True)
        return out


class Test:
    def __init__(self, program, words):
        self.program, self.words = program, words
        self.name = program + " " + " ".join(pathlib.Path(w).name for w in words)
        self.seconds, self.reach, self.runs, self.catches = 0.0, set(), 0, 0

    def worth(self):
        return (self.catches + 1) / (self.runs + 2) / self.seconds


class Bench:
    def __init__(self, copy, programs, cases):
        self.copy, self.programs = copy, programs
        self.tests = [Test("run_cases", [*how, c]) for c in cases for how in ([], ["--restart"])]
        self.tests += [Test("unit_rules", [f"--source-file=*/{p.name}"]) for p in copy.sources("unit_rules")
                       if p.name != "main.cpp" and p.suffix == ".cpp"]
        self.lock = threading.Lock()

    def run(self, program, test, mutant, reach=None):
        """Exit code of a test; something else than 0 where it takes far too long."""
        env = {"PATH": "/usr/bin:/bin", "MOODLINE_SEEDS": "4", "MOODLINE_MUTANT": str(mutant)}
        if reach:
            env["MOODLINE_REACH"] = str(reach)
        cpu_s = int(test.seconds * SLOWER_MAX) + 2 if test.seconds else 600

        def limits():
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with subprocess.Popen([str(program), *test.words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=env, preexec_fn=limits) as child:
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        return child.returncode, used.ru_utime + used.ru_stime

    def measure(self):
        for number, test in enumerate(self.tests):
            reach = self.copy.folder / f"reach{number}"
            code, seconds = self.run(self.programs[test.program], test, -1, reach)
            if code != 0:
                sys.exit(f"{test.name} fails without any mutant")
            test.reach = {int(n) for n in reach.read_text().split()}
            test.seconds = max(seconds, 0.02)
        self.tests = [t for t in self.tests if t.reach]

    def caught(self, mutant, programs, known):
        """The name of the test that notices; empty where none does."""
        tests = [t for t in self.tests if mutant.number in t.reach] if known else list(self.tests)
        with self.lock:
            tests.sort(key=lambda t: -t.worth())
        for test in tests:
            code, _ = self.run(programs[test.program], test, mutant.number)
            with self.lock:
                test.runs += 1
                test.catches += code != 0
            if code != 0:
                return test.name
        return ""

    def caught_alone(self, mutant):
        text = mutant.path.read_text().splitlines(keepends=True)
        line = text[mutant.site.line - 1]
        text[mutant.site.line - 1] = line.replace(mutant.site.old, mutant.site.new)
        source = self.copy.folder / f"alone{mutant.number}.cpp"
        source.write_text("".join(text))
        made, errors = self.copy.compile(mutant.path, source, source.with_suffix(".o"))
        if errors:
            return None
        programs = {p: self.copy.link(p, self.copy.folder / f"alone{mutant.number}_{p}", {mutant.path: made})
                    for p in self.programs}
        try:
            return self.caught(mutant, programs, False)
        finally:
            for p in [source, made, *programs.values()]:
                p.unlink()


def alike():
    path = pathlib.Path(__file__).with_name("mutants-alike.txt")
    return {line.strip() for line in path.read_text().splitlines() if "  ->  " in line}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--resume", default="")
    parser.add_argument("--cases", default="")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    root, build = pathlib.Path(args.source).resolve(), pathlib.Path(args.build).resolve()
    every = mutants(root)
    chosen = [m for m in every if args.only in m.key]
    if args.list:
        for m in chosen:
            print(m.key)
        print(f"{len(chosen)} mutants")
        return 0
    known = alike()
    stray = known - {m.key for m in every}
    for key in sorted(stray):
        print(f"in mutants-alike.txt, but no mutant any more: {key}")
    kept = pathlib.Path(args.resume) if args.resume else None
    tried = dict(json.loads(line) for line in kept.read_text().splitlines()) if kept and kept.exists() else {}
    started = time.time()
    copy = Copy(root, build, args.jobs)
    cases = sorted(str(p) for p in (root / "tests/cases").glob("*.yaml")) + ([args.cases] if args.cases else [])
    bench = Bench(copy, copy.make(every), cases)
    built = time.time()
    bench.measure()
    print(f"built in {built - started:.0f} s; the tests take {sum(t.seconds for t in bench.tests):.0f} s; "
          f"{len(copy.alone)} mutants are compiled alone", flush=True)
    counts = {"caught": 0, "survived": 0, "alike": 0, "unbuilt": 0}
    lock = threading.Lock()

    def attempt(mutant):
        if mutant.key in known:
            return mutant, "alike", ""
        if tried.get(mutant.key) == "caught":
            return mutant, "caught", ""
        if mutant in copy.alone:
            by = bench.caught_alone(mutant)
        else:
            by = bench.caught(mutant, bench.programs, True)
        outcome = "unbuilt" if by is None else "caught" if by else "survived"
        if kept:
            with lock, kept.open("a") as out:
                out.write(json.dumps([mutant.key, outcome]) + "\n")
        return mutant, outcome, by

    with ThreadPoolExecutor(args.jobs) as pool:
        for mutant, outcome, _ in pool.map(attempt, chosen):
            counts[outcome] += 1
            if outcome in ("survived", "unbuilt"):
                reached = "" if any(mutant.number in t.reach for t in bench.tests) else " (never reached)"
                print(f"{outcome}{reached}: line {mutant.site.line}: {mutant.key}", flush=True)
    print(f"{len(chosen)} mutants: {counts['caught']} caught, {counts['survived']} survived, {counts['alike']} "
          f"alike, {counts['unbuilt']} did not build; {time.time() - started:.0f} s")
    return 1 if counts["survived"] or counts["unbuilt"] or stray else 0


if __name__ == "__main__":
    sys.exit(main())
