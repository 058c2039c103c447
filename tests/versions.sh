#!/bin/bash
# Compiles weir.so, warnings as errors, against other releases of Unbound.
#
#   tests/versions.sh SOURCE_TREE...
#
# Each is the unpacked source of a release; it is configured here if it is not yet, and its own files are left alone but for
# that. Prints a line for each and exits 0 only if all compile.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/conf/packages.sh"
[ $# -gt 0 ] || die "usage: versions.sh SOURCE_TREE..."
need_packages $build_packages $unbound_packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
for tree in "$@"; do
	tree=$(cd "$tree" && pwd)
	if [ ! -f "$tree/config.h" ]; then
		(cd "$tree" && ./configure --enable-subnet --with-libevent --enable-dnstap --enable-systemd --with-libnghttp2 \
			--with-dynlibmodule) >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; die "$tree cannot be configured"; }
	fi
	version=$(sed -n 's/^#define PACKAGE_STRING "\(.*\)"$/\1/p' "$tree/config.h")
	rm -rf "$work/build"
	if cmake -S "$top" -B "$work/build" -G Ninja -DWEIR_WERROR=ON -DUNBOUND_BUILD_DIR="$tree" >"$work/log" 2>&1 &&
		cmake --build "$work/build" --target weir_module >>"$work/log" 2>&1; then
		echo "$version: compiles"
	else
		cat "$work/log" >&2
		echo "$version: does not compile"
		failed=1
	fi
done
exit "$failed"
