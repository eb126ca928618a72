#!/usr/bin/env python3
"""House rules that a compiler does not hold. Usage: tidy.py SOURCE_DIR [--no-format]

Checks: includes point one way; files to 400 lines; functions to 60 lines; banned calls; the top
level's folders; links between pages; no word of a registry's host. Prints `tidy: FILE:LINE: what; what to do instead`
for every problem and exits 1 when there is one.
"""
import os
import pathlib
import re
import subprocess
import sys

FLOORS = ["rules", "config", "providers", "daemon"]  # a floor may include itself and any lower one
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md", "daemon",
             "providers", "rules", "config", "tests", "systemd", "docs", "try", "check"}
# (pattern, what to use instead, where it is allowed)
BANS = [
    (r"system_clock::now|steady_clock::now|\btime\(nullptr\)|\btime\(NULL\)|gettimeofday|clock_gettime",
     "take the time from a Clock port", r"^(daemon/ports/|tests/)"),
    (r"random_device|\brand\(\)|\bsrand\(", "take randomness from the Random port",
     r"^(daemon/ports/|tests/)"),
    (r"steady_timer|deadline_timer|system_timer", "sleep through a Clock port",
     r"^(daemon/ports/|daemon/net/|tests/)"),
    (r"\bprintf\(|\bfprintf\(|std::cerr", "log through spdlog, print through daemon/commands",
     r"^(daemon/commands/|daemon/main_|tests/)"),
    (r"sqlite3_", "raw SQL and sqlite3 stay in daemon/store", r"^(daemon/store/|tests/)"),
    (r"boost/beast", "Beast lives in one translation unit, daemon/net", r"^(daemon/net/[a-z_]+\.cpp|tests/)"),
]


def tracked(root):
    out = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
                         capture_output=True, text=True)
    if out.returncode == 0 and out.stdout:
        return [p for p in out.stdout.splitlines() if (root / p).is_file()]
    return [str(p.relative_to(root)) for p in root.rglob("*")
            if p.is_file() and not str(p.relative_to(root)).startswith(("build/", ".git/"))]


def blank(text):
    """The same text with strings and comments turned to spaces, line breaks kept."""
    pattern = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def functions_too_long(code):
    """(line, length) of each function body of over FUNCTION_LINES_MAX lines."""
    found, stack, line = [], [], 1
    statement = ""
    for ch in code:
        if ch == "\n":
            line += 1
        if ch == "{":
            head = statement.strip()
            is_type = re.search(r"\b(namespace|class|struct|enum|union|extern)\b[^()=]*$", head) is not None
            is_function = ")" in head and not is_type and not re.search(r"=\s*$", head)
            stack.append((line, is_function and not any(f for _, f in stack)))
            statement = ""
        elif ch == "}":
            if stack:
                start, is_function = stack.pop()
                if is_function and line - start + 1 > FUNCTION_LINES_MAX:
                    found.append((start, line - start + 1))
            statement = ""
        elif ch == ";":
            statement = ""
        else:
            statement += ch
    return found


def check_source(path, text, problems):
    lines = text.count("\n") + 1
    if lines > LINES_MAX + 1 and not path.startswith("tests/"):
        problems.append((path, lines, f"has {lines - 1} lines; split it, files go to {LINES_MAX}"))
    code = blank(text)
    for start, length in functions_too_long(code):
        if not path.startswith("tests/"):
            problems.append((path, start, f"function of {length} lines; split it, functions go to {FUNCTION_LINES_MAX}"))
    floor = path.split("/")[0]
    for n, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+"([a-z]+)/', line)
        if m and floor in FLOORS and m.group(1) in FLOORS and \
                FLOORS.index(m.group(1)) > FLOORS.index(floor):
            allowed = ", ".join(FLOORS[:FLOORS.index(floor)]) or "nothing above itself"
            problems.append((path, n, f"includes {line.split(chr(34))[1]}; {floor} may use {allowed}"))
    for pattern, instead, allowed in BANS:
        if re.search(allowed, path):
            continue
        scope = text if pattern.startswith("boost") else code
        for m in re.finditer(pattern, scope):
            problems.append((path, scope.count("\n", 0, m.start()) + 1, f"{m.group(0)} is banned here; {instead}"))


def heading_slugs(text):
    """Anchors of a page's headings, as they are made where the pages are read."""
    bare = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    heads = re.findall(r"^#+ +(.+?) *$", bare, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def check_links(root, pages, files, problems):
    """Every relative link of a page leads to a tracked file, and to a heading where it names one."""
    known = set(files)
    folders = {str(pathlib.PurePosixPath(f).parent) for f in files}
    linked = set()
    for page in pages:
        text = (root / page).read_text(encoding="utf-8")
        # Blocks and `code` are no links; their line breaks stay, for the line numbers.
        bare = re.sub(r"^ *```.*?^ *```|`[^`\n]*`", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                      flags=re.S | re.M)
        for m in re.finditer(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", bare):  # pictures are not pages
            target, _, anchor = m.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            line = bare.count("\n", 0, m.start()) + 1
            path = os.path.normpath(os.path.join(os.path.dirname(page), target)) if target else page
            if path not in known and path not in folders:
                problems.append((page, line, f"links to {m.group(1)}, which is not there; mend the link"))
            elif path.endswith(".md"):
                linked.add(path)
                if anchor and anchor not in heading_slugs((root / path).read_text(encoding="utf-8")):
                    problems.append((page, line, f"links to {m.group(1)}: {path} has no such heading"))
    for page in pages:
        if page.startswith("docs/") and page not in linked:
            problems.append((page, 1, "is linked from no page; name it in README.md or in an index"))


def check_format(root, sources, problems):
    for i in range(0, len(sources), 50):
        out = subprocess.run(["clang-format", "--dry-run", "-Werror"] + sources[i:i + 50], cwd=root,
                             capture_output=True, text=True)
        for m in re.finditer(r"^(\S+?):(\d+):\d+: error", out.stderr, re.M):
            problems.append((m.group(1), int(m.group(2)), "is not formatted; run clang-format -i on it"))


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    problems = []
    files = tracked(root)
    sources = [f for f in files if f.endswith((".cpp", ".hpp"))]
    for path in sources:
        check_source(path, (root / path).read_text(encoding="utf-8"), problems)
    for top in sorted({f.split("/")[0] for f in files}):
        if top not in TOP_LEVEL and not top.startswith("."):
            problems.append((top, 1, "is not one of the top level's agreed names; move it"))
    hosts = re.compile("regis" + r"try\.npmjs|deb\.deb" + r"ian\.org|\"resolved\": *\"http")
    for path in files:
        if path.endswith((".png", ".gz", ".bin")):
            continue
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        for m in hosts.finditer(text):
            problems.append((path, text.count("\n", 0, m.start()) + 1, "names a package registry's host; drop it"))
    check_links(root, [f for f in files if f.endswith(".md") and f.startswith(("docs/", "README"))],
                files, problems)
    if "--no-format" not in sys.argv:
        check_format(root, sources, problems)
    for path, line, what in sorted(set(problems)):
        print(f"tidy: {path}:{line}: {what}")
    print(f"tidy: {len(sources)} sources, {len(set(problems))} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
