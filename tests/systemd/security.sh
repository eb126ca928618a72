#!/bin/sh
# The installed unit's sandbox, as systemd itself scores it: 2.0 or better (0 is best).
# Usage: security.sh BUILD_DIR. Exits 77 (skipped) where systemd-analyze is not installed.
set -eu
most=20 # tenths
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/etc/systemd/system" "$root/usr/sbin"
printf '#!/bin/sh\n' >"$root/usr/sbin/moodlined"
chmod 755 "$root/usr/sbin/moodlined"
failed=0
for unit in moodlined.service moodlined@.service; do
  name=$unit
  [ "$unit" = moodlined@.service ] && name=moodlined@town.service
  cp "$1/systemd/$unit" "$root/etc/systemd/system/$name"
  score=$(systemd-analyze security --offline=true --root="$root" --no-pager "$name" |
    sed -n 's/.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
  echo "$name: exposure ${score:-unknown} tenths, at most $most"
  [ -n "$score" ] && [ "$score" -le "$most" ] || failed=1
done
exit $failed
