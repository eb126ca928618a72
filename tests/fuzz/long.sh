#!/usr/bin/env bash
# Every fuzzer for SECONDS each (600, as before a release), from the corpus and the captures, with clang's libFuzzer.
#   tests/fuzz/long.sh [SECONDS] [NAME...]       NAME as in build/fuzz/tests/fuzz/fuzz_NAME
# A finding is written to build/fuzz/findings and the script ends with 1. What is found becomes a test.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
shift || true
command -v clang++ >/dev/null || { echo "long.sh needs clang++ (Debian: clang)"; exit 2; }
cmake --preset fuzz >/dev/null && nice cmake --build --preset fuzz --target fuzzers -- -j "$(nproc)" >/dev/null || exit 2
mkdir -p build/fuzz/findings
failed=0
for program in build/fuzz/tests/fuzz/fuzz_*; do
  name=${program##*/fuzz_}
  [ -x "$program" ] && [ -f "$program" ] || continue
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  python3 tests/fuzz/seeds.py "$name" "$corpus"
  echo "== $name, $seconds s"
  nice "$program" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/findings/"$name"- "$corpus" 2>build/fuzz/findings/"$name".log || failed=1
  grep -E 'stat::number_of_executed_units|stat::new_units_added|SUMMARY|ERROR' build/fuzz/findings/"$name".log
done
exit $failed
