#!/bin/bash
# Runs the packages' own tests, debian/tests, in a minimal Debian 12. Exits 0 only if each ran and passed.
#
#   tests/packages/autopkgtest.sh REPOSITORY
#
# The repository is what conf/build-debs.sh has made. As root or with sudo.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/conf/packages.sh"
[ $# -eq 1 ] || die "usage: autopkgtest.sh REPOSITORY"

if [ "$1" != inside ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	chmod 755 "$work"
	mkdir "$work/packages"
	find "$1/pool" -name '*.deb' ! -name '*-dbgsym_*' -exec cp -t "$work/packages" {} +
	"$top/tests/fresh.sh" --with "$work" tests/packages/autopkgtest.sh inside
	exit
fi

# The plain user of the fresh system, in its checkout. What it breaks is thrown away, so it is the testbed itself.
need_packages autopkgtest apt-utils dpkg-dev
printf 'weir (%s) unstable; urgency=medium\n\n  * Built elsewhere.\n\n -- Nobody <nobody@weir.example>  Mon, 30 Nov 2026 00:00:00 +0000\n' \
	"$(dpkg-deb -f /srv/packages/weir_*.deb Version)" >debian/changelog
tests=$(grep -c '^Tests:' debian/tests/control)
sudo autopkgtest --no-built-binaries /srv/packages/*.deb . -- null >/tmp/said 2>&1 || { cat /tmp/said; exit 1; }
sed -n '/ summary$/,$p' /tmp/said
[ "$(sed -n '/ summary$/,$p' /tmp/said | grep -c ' PASS$')" = "$tests" ]
