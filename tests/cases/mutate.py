#!/usr/bin/env python3
"""Flips each comparison and boundary of the rule engine, one at a time, and lists what survives.

Usage: mutate.py SOURCE_DIR BUILD_DIR [--only TEXT] [--sample N] [--seed S] [--list]
Needs the targets run_cases and unit_rules built in BUILD_DIR. A mutant is compiled alone, linked
before the libraries, and must fail the neutral cases or the unit tests. Slow: never part of ctest.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

FOLDERS = ["rules/engine", "rules/kinds", "rules/notify"]
# The oracle is what the fold is measured against; its mutants would only test the tests.
LEFT_OUT = {"oracle.cpp", "oracle_series.cpp", "state_text.cpp", "desk_text.cpp", "pack.cpp", "explain.cpp"}
FLIPS = [(r" <= ", " < "), (r" >= ", " > "), (r" < ", " <= "), (r" > ", " >= "), (r" == ", " != "),
         (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "), (r" - 1\b", ""), (r" \+ 1\b", "")]
SECONDS_MAX = 120


def mutants(root):
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


def link(build, folder, mutant, out):
    objects = [str(p) for p in (build / folder).rglob("*.o")]
    libraries = [str(build / "config/libmoodline_config.a"), str(build / "rules/libmoodline_rules.a")]
    return subprocess.run(["g++", "-o", str(out), *objects, str(mutant), *libraries, "-lyaml-cpp", "-lfmt",
                           "-ldate-tz", "-licuuc", "-licui18n", "-lcrypto"], capture_output=True, text=True)


def survives(root, build, compile_command, path, text, folder):
    source, mutant = folder / path.name, folder / "mutant.o"
    source.write_text("".join(text))
    command = compile_command.split()
    command = [c for c in command if c not in ("-c",)]
    place = command.index("-o")
    command = command[:place] + command[place + 2:]
    command = [c for c in command if not c.endswith(".cpp")] + ["-w", "-c", str(source), "-o", str(mutant)]
    if subprocess.run(command, cwd=build, capture_output=True).returncode != 0:
        return None
    cases = sorted(str(p) for p in (root / "tests/cases").glob("*.yaml"))
    for folder_of, arguments in (("tests/cases/CMakeFiles/run_cases.dir", cases),
                                 ("tests/CMakeFiles/unit_rules.dir", [])):
        program = folder / "program"
        linked = link(build, folder_of, mutant, program)
        if linked.returncode != 0:
            return None
        try:
            run = subprocess.run([str(program), *arguments], capture_output=True, timeout=SECONDS_MAX,
                                 env={"MOODLINE_SEEDS": "4", "PATH": "/usr/bin:/bin"})
        except subprocess.TimeoutExpired:
            return False
        if run.returncode != 0:
            return False
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    root, build = pathlib.Path(args.source).resolve(), pathlib.Path(args.build).resolve()
    chosen = [m for m in mutants(root) if args.only in str(m[0])]
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    if args.list:
        for path, n, old, new, _ in chosen:
            print(f"{path.relative_to(root)}:{n}: {old}  ->  {new}")
        print(f"{len(chosen)} mutants")
        return 0
    commands = {c["file"]: c["command"].replace("ccache ", "", 1).replace("/usr/bin/ccache ", "", 1)
                for c in json.loads((build / "compile_commands.json").read_text())}
    left, killed, unbuilt = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for path, n, old, new, text in chosen:
            alive = survives(root, build, commands[str(path)], path, text, pathlib.Path(folder))
            if alive is None:
                unbuilt += 1
            elif alive:
                left.append(f"survived: {path.relative_to(root)}:{n}: {old}  ->  {new}")
                print(left[-1], flush=True)
            else:
                killed += 1
    print(f"{killed} caught, {len(left)} survived, {unbuilt} did not build")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
