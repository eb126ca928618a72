# Sourced by ./try and ./check: installs what is missing. Says what it does; can be run twice.
# setup build|test: packages of that kind (test: both).
setup() {
  local want=$1 name kind missing=()
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null; then as_root=(sudo); else
      echo "moodline: run this as root, or install sudo, so that missing packages can be installed" >&2
      exit 1
    fi
  fi
  while read -r name kind _; do
    case $name in ''|'#'*) continue ;; esac
    [ "$want" = build ] && [ "$kind" != build ] && continue
    [ "$name" = python3 ] && command -v python3 >/dev/null && [ "$want" != all ] && \
      python3 -c 'import zoneinfo' 2>/dev/null && continue
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done < .ci/packages
  if dpkg-query -W -f '${db:Status-Status}' libboost-all-dev 2>/dev/null | grep -q '^installed'; then
    echo "moodline: note: libboost-all-dev (Boost 1.74) is installed; Moodline needs 1.81 and finds it beside" >&2
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    echo "== installing ${#missing[@]} Debian packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    # policy-rc.d: installing a server package for the tests must not start it.
    local policy=/usr/sbin/policy-rc.d made=0
    if [ ! -e $policy ]; then
      printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
      "${as_root[@]}" chmod +x $policy
      made=1
    fi
    local status=0
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/tmp/moodline-apt.log 2>&1 || status=$?
    [ $made = 1 ] && "${as_root[@]}" rm -f $policy
    if [ $status != 0 ]; then
      tail -n 20 /tmp/moodline-apt.log >&2
      echo "moodline: apt-get could not install the packages above; mend that and run this again" >&2
      exit 1
    fi
  else
    echo "== every Debian package needed is already installed"
  fi
}
