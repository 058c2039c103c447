#!/bin/bash
# Builds the packages for another architecture, judges them, and runs what is in them under qemu's user mode: feedsync publishes a
# table, and Unbound with the module blocks by it. Prints a line for each check and exits 0 only if all passed.
#
#   tests/fresh.sh tests/packages/cross.sh [ARCHITECTURE]     arm64 if none is given
#
# It tells dpkg of that architecture. So it belongs into a throw-away Debian.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
. conf/packages.sh
architecture=${1:-arm64}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
as_root dpkg --add-architecture "$architecture"
as_root apt-get update -q >"$work/said" 2>&1 || { cat "$work/said"; die "no lists of $architecture's packages"; }
conf/build-debs.sh --host "$architecture" --output "$work/repository" || exit

need_packages lintian qemu-user bind9-dnsutils || exit
failed=0
check() { # WORDS COMMAND...
	if "${@:2}" >"$work/said" 2>&1; then echo "ok      $1"; else echo "FAILED  $1"; cat "$work/said"; failed=$((failed + 1)); fi
}
debs=("$work"/repository/pool/main/*/*/*_"$architecture".deb)
check "the packages of Weir and of Unbound are for $architecture" test "${#debs[@]}" -gt 10
check "lintian has neither errors nor warnings" lintian --allow-root --fail-on error,warning "$work"/repository/pool/main/w/weir/*_"$architecture".deb
for deb in "${debs[@]}"; do dpkg-deb -x "$deb" "$work/root"; done

emulator=qemu-$(dpkg-architecture -qDEB_HOST_GNU_CPU -a"$architecture" 2>/dev/null)
libraries=$work/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH -a"$architecture" 2>/dev/null)
run=(env "LD_LIBRARY_PATH=$libraries" "$emulator")
mkdir "$work/run" "$work/spare"
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo evil.example >"$work/list"
printf 'feeds:\n  - name: list\n    format: domains\n    url: file://%s/list\nstate: %s/state\ntable: %s/current.weir\nrun: %s/run\n' "$work" "$work" "$work" "$work" \
	>"$work/feedsync.yaml"
cat >"$work/unbound.conf" <<END
server:
	interface: 127.0.0.1@$port
	do-daemonize: no
	username: ""
	chroot: ""
	directory: "$work"
	pidfile: ""
	use-syslog: no
	local-data: "alive.test. A 192.0.2.1"
	module-config: "dynlib validator iterator"
dynlib:
	dynlib-file: "$libraries/weir/weir.so"
remote-control:
	control-enable: no
END
ask() { dig @127.0.0.1 -p "$port" +tries=1 +time=2 "$1" A; }
blocked() { for _ in $(seq 30); do ask evil.example | grep "EDE: 15" && return; sleep 1; done; cat "$work/log"; return 1; }
alive() { ask alive.test | grep 192.0.2.1; }
check "feedsync publishes a table" "${run[@]}" "$work/root/usr/bin/feedsync" -c "$work/feedsync.yaml" sync
check "and it is whole" "${run[@]}" "$work/root/usr/bin/feedsync" verify "$work/current.weir"
WEIR_TABLE=$work/current.weir WEIR_RUN=$work/run WEIR_SPARE=$work/spare \
	"${run[@]}" "$work/root/usr/sbin/unbound" -d -c "$work/unbound.conf" >"$work/log" 2>&1 &
server=$!
check "Unbound with the module blocks by it" blocked
check "and answers what is not blocked" alive
echo "$failed failed"
exit $((failed > 0))
