#!/usr/bin/env python3
"""Planted bugs: puts every bug of faults.yaml into a copy of the tree, each asleep behind a question
asked at run time, builds that copy once, then wakes one bug at a time and says what noticed it.

  planted.py check                          every bug still has its place in the sources (quick; in ctest)
  planted.py show NAME                      one bug as a diff
  planted.py run [NAME...] [--seeds 12] [--jobs 2] [--dir build/planted] [--table FILE]

`run` asks moodline-sim first, seed by seed (--seeds 0: not at all), then the bug's own test program. It fails where a bug is
noticed by neither, or where something fails without any bug."""
import argparse
import concurrent.futures
import difflib
import pathlib
import re
import subprocess
import sys
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SIM_DAYS, SIM_PEOPLE, SIM_CRASHES = 6, 4, 60
LIMIT_S = 600  # of one program with one bug: a bug that hangs is noticed too
FAULTS_MIN = 40


def load():
    faults = yaml.safe_load((HERE / "faults.yaml").read_text())
    names = [f["name"] for f in faults]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise SystemExit(f"planted: named twice: {', '.join(sorted(twice))}")
    return faults


def place(fault, text):
    """Where the bug goes. White space may differ, so that formatting does not lose it."""
    pattern = r"\s+".join(re.escape(w) for w in fault["find"].split())
    found = list(re.finditer(pattern, text))
    if len(found) != 1:
        raise LookupError(f"{fault['name']}: in {fault['file']} its text stands {len(found)} times, "
                          f"not once; write anew what to find:\n    {fault['find']}")
    return found[0].span()


def guarded(fault, right):
    wrong = fault["wrong"]
    asked = f'::moodline::planted("{fault["name"]}")'
    if re.search(r"\bBUG\b", wrong):
        return re.sub(r"\bBUG\b", asked, wrong)
    if right.rstrip().endswith((";", "}")):
        return f"if ({asked}) {{ {wrong} }} else {{ {right} }}"
    return f"({asked} ? ({wrong}) : ({right}))"


def with_bugs(text, faults, write=guarded):
    cuts = sorted(((*place(f, text), f) for f in faults), key=lambda cut: cut[0])
    for (_, end, a), (begin, _, b) in zip(cuts, cuts[1:]):
        if begin < end:
            raise LookupError(f"{a['name']} and {b['name']} stand in each other's way in {a['file']}")
    for begin, end, fault in reversed(cuts):
        text = text[:begin] + write(fault, text[begin:end]) + text[end:]
    return text


def by_file(faults):
    files = {}
    for f in faults:
        files.setdefault(f["file"], []).append(f)
    return files


def check(faults):
    problems = []
    for name, there in by_file(faults).items():
        path = ROOT / name
        for f in there:
            try:
                place(f, path.read_text())
            except (LookupError, OSError) as e:
                problems.append(str(e))
        if not problems:
            with_bugs(path.read_text(), there)
    if len(faults) < FAULTS_MIN:
        problems.append(f"only {len(faults)} bugs are listed; {FAULTS_MIN} is the least")
    for p in problems:
        print(f"planted: {p}")
    print(f"{len(faults)} bugs, {len(problems)} without a place")
    return 1 if problems else 0


def show(faults, name):
    fault = next((f for f in faults if f["name"] == name), None)
    if fault is None:
        raise SystemExit(f"planted: no bug is called {name}")
    before = (ROOT / fault["file"]).read_text()
    plain = lambda f, _: re.sub(r"\bBUG\b", "true", f["wrong"])
    after = with_bugs(before, [fault], plain)
    print(f"# {name}: {fault['says']}")
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), after.splitlines(True),
                                               fault["file"], fault["file"]))
    return 0


# ---- The copy ----

def make_copy(tree, faults):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
                            check=True, capture_output=True).stdout.decode()
    planted = by_file(faults)
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, tree / name
        if not source.is_file():
            continue
        data = source.read_bytes()
        if name in planted:
            text = with_bugs(data.decode(), planted[name])
            data = ('#include "tests/planted/planted.hpp"\n#line 1\n' + text).encode()
        if target.is_file() and target.read_bytes() == data:
            continue  # its time stays, so that only what changed is compiled again
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(source.stat().st_mode)


def build(tree, programs, jobs):
    if not (tree / "build/dev/build.ninja").exists():
        subprocess.run(["cmake", "--preset", "dev"], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["nice", "cmake", "--build", "--preset", "dev", "--target", *programs, "--",
                    "-j", str(jobs)], cwd=tree, check=True)


# ---- One bug ----

def run_program(argv, bug, cwd):
    """Whether it ended well, and what it said."""
    env = {"MOODLINE_PLANTED": bug, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return False, f"no end within {LIMIT_S} s"
    text = (done.stdout + done.stderr).decode(errors="replace")
    return done.returncode == 0, text if done.returncode >= 0 else f"{text}\nsignal {-done.returncode}"


def of_sim(said):
    broken = re.search(r"^  (promise \d)[^\n]*", said, re.M)
    if broken:
        return broken.group(1)
    last = said.strip().splitlines()[-1] if said.strip() else "an end without a word"
    return last[:60]


def of_unit(said):
    """The case of the first failure; messages of cases that pass name theirs, too."""
    case = None
    for line in said.splitlines():
        if found := re.match(r"TEST CASE:\s+(.*)", line):
            case = found[1].strip()
        elif case and re.search(r"(FATAL )?ERROR: ", line):
            return f'"{case}"'
    return (said.strip().splitlines() or ["a crash"])[-1][:60]


def sim_argv(bin_dir, seeds):
    return [bin_dir / "sim/moodline-sim", "--seed", "1", "--seeds", str(seeds), "--once", "--stop",
            "--days", str(SIM_DAYS), "--people", str(SIM_PEOPLE), "--crashes", str(SIM_CRASHES)]


def test_argv(tree, by):
    """The test program that is asked, and with what; rule_cases is every neutral case of tests/cases."""
    bin_dir = tree / "build/dev/tests"
    if by == "rule_cases":
        return [bin_dir / "cases/run_cases", "--all", *sorted((tree / "tests/cases").glob("*.yaml"))]
    return [bin_dir / by, "--abort-after=1"]


def try_bug(fault, tree, seeds):
    began = time.monotonic()
    bin_dir = tree / "build/dev/tests"
    tried = ""
    if seeds > 0 and fault.get("sim", True):
        well, said = run_program(sim_argv(bin_dir, seeds), fault["name"], tree)
        if not well:
            whole = len(re.findall(r"^seed \d+ trace \w+: (?!.*BROKEN)", said, re.M))
            return {"by": f"sim, {of_sim(said)}", "seeds": str(whole + 1),
                    "s": time.monotonic() - began}
        tried = f"none of {seeds}"
    well, said = run_program(test_argv(tree, fault["by"]), fault["name"], tree)
    by = None if well else f"{fault['by']}, {of_unit(said)}"
    return {"by": by, "seeds": tried, "s": time.monotonic() - began}


def baseline(tree, programs, seeds):
    """Without a bug everything is well: what is noticed later is the bug's doing."""
    bin_dir = tree / "build/dev/tests"
    for command in [*([sim_argv(bin_dir, seeds)] if seeds > 0 else []), *(test_argv(tree, p) for p in programs)]:
        well, said = run_program(command, "none", tree)
        if not well:
            print(f"planted: {command[0].name} fails without any bug:\n{said[-2000:]}")
            return False
    return True


def run(faults, options):
    chosen = [f for f in faults if not options.names or f["name"] in options.names]
    if not chosen:
        raise SystemExit("planted: no bug of that name; see faults.yaml")
    tree = pathlib.Path(options.dir)
    tree = tree if tree.is_absolute() else ROOT / tree
    make_copy(tree, faults)
    programs = sorted({f["by"] for f in chosen})
    targets = ["run_cases" if p == "rule_cases" else p for p in programs]
    build(tree, ["moodline-sim", *targets], options.jobs)
    if not options.no_baseline and not baseline(tree, programs, min(options.seeds, 3)):
        return 1
    rows, missed = {}, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(try_bug, f, tree, options.seeds): f for f in chosen}
        for done in concurrent.futures.as_completed(waiting):
            fault, row = waiting[done], done.result()
            rows[fault["name"]] = row
            print(f"{fault['name']}: {row['by'] or 'NOT NOTICED'} {row['seeds']} "
                  f"({row['s']:.0f} s)", flush=True)
            if row["by"] is None:
                missed.append(fault["name"])
    table = ["| bug | noticed by | seeds | s |", "|---|---|---|---|"]
    for f in chosen:
        row = rows[f["name"]]
        table.append(f"| `{f['name']}`: {f['says']} | {row['by'] or '**nobody**'} | {row['seeds']} | "
                     f"{row['s']:.0f} |")
    if options.table:
        pathlib.Path(options.table).write_text("\n".join(table) + "\n")
    by_sim = sum(1 for r in rows.values() if (r["by"] or "").startswith("sim"))
    print(f"{len(chosen)} bugs: {by_sim} noticed by the simulation, "
          f"{len(chosen) - by_sim - len(missed)} by test programs, {len(missed)} by nobody"
          + (f": {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["check", "show", "run"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dir", default="build/planted")
    parser.add_argument("--table")
    parser.add_argument("--no-baseline", action="store_true")
    options = parser.parse_intermixed_args()
    faults = load()
    if options.what == "check":
        return check(faults)
    if options.what == "show":
        return show(faults, options.names[0] if options.names else "")
    return run(faults, options)


if __name__ == "__main__":
    sys.exit(main())
