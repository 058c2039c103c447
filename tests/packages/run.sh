#!/bin/bash
# Weir's packages, in a minimal Debian that has nothing but their repository and Debian's: what README says installs, upgrades
# and removes them, while a client asks the resolver each 100 ms. Prints a line for each check and exits 0 only if all passed.
#
#   tests/packages/run.sh [--boot] [REPOSITORY]
#
# With --boot it runs under a real systemd, and more is done: upgrades in any order, by apt and by dpkg, and Debian's newer Unbound.
# REPOSITORY is what conf/build-debs.sh has made, for this Debian or for another one. If none is given, build.sh makes one and judges
# it. Exits with 77 where this machine cannot run that: see fresh.sh. As root or with sudo.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/conf/packages.sh"
need_packages dpkg-dev reprepro
boot=
[ "${1-}" != --boot ] || { boot=yes; shift; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"

mkdir "$work/packages"
if [ $# -eq 1 ]; then
	cp -r "$1" "$work/packages/now"
else
	"$top/tests/packages/build.sh" "$work/packages/now"
fi

# What a later version would bring: the same with another number.
mkdir "$work/packages/next" "$work/debs"
for package in unbound weir weir-module-unbound weir-resolver; do
	deb=$(find "$work/packages/now/pool" -name "${package}_*.deb")
	dpkg-deb -R "$deb" "$work/$package"
	sed -i 's/^\(Version: .*\)/\1.1/; s/unbound (= \([^)]*\))/unbound (= \1.1)/' "$work/$package/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$work/$package" "$work/debs" >/dev/null
done
mkdir "$work/packages/next/conf"
cp "$work/packages/now/conf/distributions" "$work/packages/next/conf/"
sed -i '/^SignWith/d' "$work/packages/next/conf/distributions"
codename=$(sed -n 's/^Codename: //p' "$work/packages/next/conf/distributions")
reprepro -s -b "$work/packages/next" includedeb "$codename" "$work"/debs/*.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; die "no repository of later versions"; }

if [ -n "$boot" ]; then
	set -- --boot tests/packages/boot-checks.sh tests/packages/boot-setup.sh
else
	set -- tests/packages/checks.sh
fi
"$top/tests/fresh.sh" --release "$codename" --with "$work/packages" "$@"
