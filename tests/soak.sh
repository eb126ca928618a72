#!/usr/bin/env bash
# Long load on the real daemon, with the slope of its memory: tests/soak.sh [BUILD_DIR] ; an hour unless MINUTES says
# otherwise. More options: tests/hostile/soak.py --help. With HOSTILE=1 the hostile clients follow, at full size.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
[ -x "$build/moodlined" ] || { echo "soak: $build/moodlined is not there; build it: cmake --build $build" >&2; exit 2; }
python3 tests/hostile/soak.py "$build" . --minutes "${MINUTES:-60}" "${@:2}"
if [ -n "${HOSTILE:-}" ]; then
  python3 tests/hostile/hostile.py "$build" . --connections 10000 --seconds 60 --replies 5000
fi
