"""Mutant schemata: a copy of C++ sources in which every mutant is chosen at run time.

`sites(text)` finds the comparisons, the && and ||, the `+ 1` and `- 1`, and std::min and std::max of a
source; `instrument(text, sites, first)` rewrites it so that mutant number first + i stands in the place
of site i when it is switched on. Line numbers stay. Operands are found by precedence over the tokens:
binary operators have a space on both sides here (clang-format), template brackets have none.
"""
import re

TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)|(?P<pre>^\#(?:[^\n\\]|\\\n|\\.)*)|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+')
  | (?P<number>\d(?:'?[\w.])*)|(?P<word>[A-Za-z_]\w*)|(?P<space>\s+)
  | (?P<op><=>|<<=|>>=|->|::|\+\+|--|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|.)""", re.X | re.S | re.M)
FLIP = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&"}
NAME = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
PRECEDENCE = {"||": 1, "&&": 2, "==": 6, "!=": 6, "<": 7, "<=": 7, ">": 7, ">=": 7, "<=>": 8}
ENDS = {",", ";", "?", ":", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="}
ENDING_WORDS = {"return", "case", "co_return", "throw", "else", "do"}
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}


class Site:
    def __init__(self, line, old, new, edits):
        self.line, self.old, self.new, self.edits = line, old, new, edits


def tokens_of(text):
    """(kind, text, spaced, line) of every token but comments and spaces, and what stands before each."""
    out, before, line = [], "", 1
    for m in TOKEN.finditer(text):
        kind, what = m.lastgroup, m.group(0)
        if kind in ("comment", "space", "pre"):
            before += what
        else:
            out.append([kind, what, before, line])
            before = ""
        line += what.count("\n")
    return out, before


class Source:
    def __init__(self, text):
        self.tokens, self.rest = tokens_of(text)
        self.pair = {}
        stack = []
        for i, (kind, what, _, _) in enumerate(self.tokens):
            if kind == "op" and what in OPEN:
                stack.append(i)
            elif kind == "op" and what in CLOSE and stack:
                self.pair[i] = stack.pop()
                self.pair[self.pair[i]] = i

    def spaced(self, i):
        after = self.tokens[i + 1][2] if i + 1 < len(self.tokens) else ""
        return bool(self.tokens[i][2]) and bool(after)

    def binary(self, i):
        """Precedence of a binary operator below arithmetic; None for anything else."""
        kind, what, _, _ = self.tokens[i]
        if kind != "op" or what not in PRECEDENCE or not self.spaced(i):
            return None
        return PRECEDENCE[what]

    def ends(self, i, precedence, left):
        kind, what, _, _ = self.tokens[i]
        if kind == "word":
            return what in ENDING_WORDS
        if kind != "op":
            return False
        if what in ENDS or what in (OPEN if left else CLOSE):
            return True
        other = self.binary(i)
        return other is not None and (other < precedence if left else other <= precedence)

    def operands(self, k):
        """First token of the left operand, last of the right one."""
        precedence = self.binary(k)
        left = k
        while left > 0 and not self.ends(left - 1, precedence, True):
            left = self.pair[left - 1] if self.tokens[left - 1][1] in CLOSE and left - 1 in self.pair else left - 1
        right = k
        while right + 1 < len(self.tokens) and not self.ends(right + 1, precedence, False):
            opens = self.tokens[right + 1][1] in OPEN and right + 1 in self.pair
            right = self.pair[right + 1] if opens else right + 1
        return left, right


def line_text(lines, number):
    return lines[number - 1].strip()


def sites(text):
    source, lines, out = Source(text), text.splitlines(), []
    offsets = []
    at = 0
    for kind, what, before, _ in source.tokens:
        at += len(before)
        offsets.append(at)
        at += len(what)

    def site(i, j, instead, edits):
        """`instead` stands for tokens i to j in the mutant, as it is written for a reader."""
        line = source.tokens[i][3]
        start = text.rfind("\n", 0, offsets[i]) + 1
        end = text.find("\n", offsets[i])
        stop = offsets[j] + len(source.tokens[j][1])
        new = ((text[start:offsets[i]] + instead).rstrip() + text[stop:end]).strip()
        out.append(Site(line, line_text(lines, line), re.sub(r"  +", " ", new), edits))

    for i, (kind, what, before, line) in enumerate(source.tokens):
        if kind == "op" and what in FLIP and source.binary(i) is not None:
            if source.tokens[i - 1][1] == "operator" or lines[line - 1].lstrip().startswith("template"):
                continue
            left, right = source.operands(i)
            if left == i or right == i:
                continue
            edits = ("logic" if what in ("&&", "||") else "compare", i, left, right, what)
            site(i, i, FLIP[what], edits)
        elif kind == "op" and what in "+-" and source.spaced(i) and i + 1 < len(source.tokens):
            if source.tokens[i + 1][1] == "1":
                site(i, i + 1, "", ("one", i + 1, i + 1, i + 1, what))
        elif kind == "word" and what in ("min", "max") and i > 1 and i + 1 < len(source.tokens):
            std = source.tokens[i - 1][1] == "::" and source.tokens[i - 2][1] == "std"
            if std and source.tokens[i + 1][1] == "(":
                site(i, i, "max" if what == "min" else "min", ("extreme", i - 2, i - 2, i + 1, what))
    return out


def instrument(text, chosen):
    """`chosen`: (number, site) pairs. The rewritten source."""
    source = Source(text)
    before, after, instead = {}, {}, {}
    for number, s in chosen:
        how, i, left, right, what = s.edits
        size = right - left
        if how == "compare":
            before.setdefault(left, []).append((-size, f"::moodline_mutants::{NAME[what]}({number}, "))
            instead[i] = ","
            after.setdefault(right, []).append((size, ")"))
        elif how == "logic":
            test, otherwise = ("!=", "") if what == "&&" else ("==", "!")
            on = f"::moodline_mutants::on({number})"
            before.setdefault(left, []).append((-size, "((bool("))
            instead[i] = f") {test} {on}) ? bool("
            after.setdefault(right, []).append((size, f") : {otherwise}{on})"))
        elif how == "one":
            instead[i] = f"(::moodline_mutants::on({number}) ? 0 : 1)"
        else:
            instead[i] = f"::moodline_mutants::{what}<{number}>"
            instead[i + 1] = instead[i + 2] = ""
    out = []
    for i, (_, what, space, _) in enumerate(source.tokens):
        out.append(space)
        out += [t for _, t in sorted(before.get(i, []), key=lambda p: p[0])]
        out.append(instead.get(i, what))
        out += [t for _, t in sorted(after.get(i, []), key=lambda p: p[0])]
    return "".join(out) + source.rest


HEADER = """// Chooses one mutant at run time. Written by the mutation script; never part of the build.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <type_traits>
namespace moodline_mutants {
extern int chosen;
extern unsigned char reached[];
constexpr bool on(int n) {
  if (std::is_constant_evaluated()) return false;
  reached[n] = 1;
  return chosen == n;
}
template <class A, class B> constexpr bool lt(int n, const A& a, const B& b) { return on(n) ? a <= b : a < b; }
template <class A, class B> constexpr bool le(int n, const A& a, const B& b) { return on(n) ? a < b : a <= b; }
template <class A, class B> constexpr bool gt(int n, const A& a, const B& b) { return on(n) ? a >= b : a > b; }
template <class A, class B> constexpr bool ge(int n, const A& a, const B& b) { return on(n) ? a > b : a >= b; }
template <class A, class B> constexpr bool eq(int n, const A& a, const B& b) { return on(n) ? a != b : a == b; }
template <class A, class B> constexpr bool ne(int n, const A& a, const B& b) { return on(n) ? a == b : a != b; }
template <int N, class T> constexpr T min(const T& a, const T& b) { return on(N) ? std::max(a, b) : std::min(a, b); }
template <int N, class T> constexpr T max(const T& a, const T& b) { return on(N) ? std::min(a, b) : std::max(a, b); }
template <int N, class T> constexpr T min(std::initializer_list<T> l) { return on(N) ? std::max(l) : std::min(l); }
template <int N, class T> constexpr T max(std::initializer_list<T> l) { return on(N) ? std::min(l) : std::max(l); }
template <int N, class T, class F> constexpr T min(const T& a, const T& b, F f) {
  return on(N) ? std::max(a, b, f) : std::min(a, b, f);
}
template <int N, class T, class F> constexpr T max(const T& a, const T& b, F f) {
  return on(N) ? std::min(a, b, f) : std::max(a, b, f);
}
}  // namespace moodline_mutants
"""

SWITCH = """// Which mutant is on: MOODLINE_MUTANT. MOODLINE_REACH names a file for the numbers that were reached.
#include <cstdio>
#include <cstdlib>
namespace moodline_mutants {
int chosen = -1;
unsigned char reached[MUTANTS + 1];
namespace {
void write_reached() {
  std::FILE* out = std::fopen(std::getenv("MOODLINE_REACH"), "w");
  for (int n = 0; out != nullptr && n < MUTANTS; ++n) {
    if (reached[n] != 0) std::fprintf(out, "%d\\n", n);
  }
  if (out != nullptr) std::fclose(out);
}
__attribute__((constructor(101))) void choose() {
  if (const char* n = std::getenv("MOODLINE_MUTANT")) chosen = std::atoi(n);
  if (std::getenv("MOODLINE_REACH") != nullptr) std::atexit(write_reached);
}
}  // namespace
}  // namespace moodline_mutants
"""
