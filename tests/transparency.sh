#!/bin/bash
# Shows that the module changes nothing for names that are not listed: Unbound's own test suite, from the source that
# conf/build-unbound.sh caches, passes and fails the same without the module, with it and an empty table, and with it and a
# million names that no test uses. Exits 0 only then, and prints each test that differs.
#
#   tests/transparency.sh [--rpl|--tdir]    only the replayed scenarios, or only the tests with real daemons on loopback
#
# The suite is built once, in a copy of the cached tree beside it. Its program testbound is linked so that it can load modules.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/conf/packages.sh"

case "$#${1-}" in
0) part=all ;;
1--rpl) part=rpl ;;
1--tdir) part=tdir ;;
*) die "usage: transparency.sh [--rpl|--tdir]" ;;
esac

need_packages $build_packages $unbound_packages python3
[ "$part" = rpl ] || need_packages ldnsutils bind9-dnsutils xxd netcat-openbsd iproute2 net-tools procps

unbound=$("$top/conf/build-unbound.sh" | tail -n 1)
cached=$(dirname "$(dirname "$unbound")")
programs="testbound unbound-control unbound-checkconf unbound-dnstap-socket streamtcp dohclient petal perf readzone"
ldflags="$(sed -n 's/^LDFLAGS=//p' "$cached/build/Makefile") -Wl,--export-dynamic"
tree=$(dirname "$cached")/suite-${cached##*/unbound-}-$(printf %s "$programs $ldflags" | sha256sum | cut -c 1-12)
half=
trap 'rm -rf "${half:-/nonexistent}"' EXIT
trap 'exit 1' HUP INT TERM
take_lock "$(dirname "$cached")/suite.lock" "building the suite" # and then finds it done
if [ ! -d "$tree" ]; then
	say "building unbound's test programs ..."
	half=$(mktemp -d "$(dirname "$cached")/half.XXXXXX")
	cp -a "$cached/src" "$cached/build" "$half"
	make -C "$half/build" LDFLAGS="$ldflags" $programs >"$half/log" 2>&1 9>&- || {
		tail -n 40 "$half/log" >&2
		die "building unbound's test programs failed"
	}
	mv "$half" "$tree"
	half=
fi
exec 9>&-

cd "$top"
{ cmake --preset release -DUNBOUND_BUILD_DIR="$cached/build" && cmake --build build/release --target weir_module feedsync; } >&2

exec /usr/bin/python3 tests/transparency.py --tree "$tree" --bin "$top/build/release/bin" --part "$part"
