#!/usr/bin/env bash
# A stranger's machine: ./try and ./check, twice each, from a fresh clone of what is committed, in a
# bare Debian 12 made by debootstrap. Not part of ./check. Needs root, debootstrap and the package
# mirror that this machine uses; takes an hour or more, of which most is compiling from nothing.
# Usage: tests/fresh.sh [try|check|all] [DIR]    DIR: kept and used again; else a temporary one
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
case $what in try|check|all) ;; *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || { echo "fresh: run this as root: it makes a chroot" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "fresh: apt-get install debootstrap" >&2; exit 1; }

root=${2:-}
kept=yes
[ -n "$root" ] || { root=$(mktemp -d /var/tmp/moodline-fresh-XXXXXX); kept=; }
mkdir -p "$root"
root=$(cd "$root" && pwd)

leave() {
  local status=$?
  for at in dev/pts dev/shm dev sys run proc; do
    mountpoint -q "$root/$at" && umount -l "$root/$at" || true
  done
  # --one-file-system: were something still mounted, it would not be emptied.
  [ -n "$kept" ] || rm -rf --one-file-system "$root"
  exit $status
}
trap leave EXIT
trap 'exit 130' INT TERM

mirror() {  # the first Debian mirror that this machine's apt knows
  grep -rhoE 'https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
    grep -E '/debian/?$' | grep -v snapshot | head -n 1
}
say() { printf '\n== fresh: %s (%d s so far)\n' "$*" "$SECONDS"; }

if [ ! -e "$root/etc/debian_version" ]; then
  say "debootstrap of bookworm in $root"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$(mirror)" \
    >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
  rm -f "$root.log"
fi
rm -f "$root"/etc/apt/sources.list
cp -r /etc/apt/sources.list* "$root/etc/apt/"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/usr/share/keyrings" "$root/proc" "$root/dev" "$root/run" "$root/sys"
cp -n /usr/share/keyrings/*.gpg "$root/usr/share/keyrings/" 2>/dev/null || true
# Where this machine trusts a certificate of its own, npm and curl in there must trust it too.
mkdir -p "$root/usr/local/share/ca-certificates"
cp /etc/ssl/certs/ca-certificates.crt "$root/usr/local/share/machine-bundle.pem"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/sys" || mount --rbind --make-rslave /sys "$root/sys"
mountpoint -q "$root/dev" || mount --rbind --make-rslave /dev "$root/dev"
mountpoint -q "$root/run" || mount -t tmpfs tmpfs "$root/run"

say "cloning $(git rev-parse --short HEAD)"
rm -rf "$root/root/moodline"
git clone -q --no-hardlinks . "$root/root/moodline"
[ -z "$(git status --porcelain)" ] || echo "fresh: note: what is not committed is not in there" >&2

inside() {  # inside COMMAND...: in the clone, with a bare environment and no standard input
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    TERM=dumb NODE_EXTRA_CA_CERTS=/usr/local/share/machine-bundle.pem \
    npm_config_cafile=/usr/local/share/machine-bundle.pem \
    /bin/bash -c 'cd /root/moodline && "$@"' inside "$@" </dev/null
}
twice() {
  local n
  for n in first second; do
    say "$*, the $n time"
    local began=$SECONDS
    inside "$@" || { echo "fresh: $* failed the $n time" >&2; exit 1; }
    say "$*: done in $((SECONDS - began)) s, the $n time"
  done
}
[ "$what" = check ] || twice ./try --script
[ "$what" = try ] || twice ./check
say "a stranger's machine runs it"
