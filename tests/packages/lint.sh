#!/bin/bash
# Judges the packages of a repository that conf/build-debs.sh has made: lintian, each unit's sandbox and form, AppArmor's
# profiles. Prints a line for each check and exits 0 only if all passed.
#
#   tests/packages/lint.sh REPOSITORY
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/conf/packages.sh"
[ $# -eq 1 ] || die "usage: lint.sh REPOSITORY"
need_packages lintian systemd apparmor || exit
PATH=$PATH:/usr/sbin # where a plain user does not look
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
check() { # WORDS COMMAND...
	if "${@:2}" >"$work/said" 2>&1; then echo "ok      $1"; else echo "FAILED  $1"; cat "$work/said"; failed=$((failed + 1)); fi
}

debs=("$1"/pool/main/w/weir/*.deb)
check "lintian has neither errors nor warnings" lintian --allow-root --fail-on error,warning "${debs[@]}"
for deb in "${debs[@]}" "$1"/pool/main/u/unbound/unbound_*.deb; do
	case $deb in *-dbgsym_*) ;; *) dpkg-deb -x "$deb" "$work/root" || failed=$((failed + 1)) ;; esac
done

# The drop-in of weir-resolver belongs to its host's unit.
cp -r "$work/root/lib/systemd/system/feedsync.service.d" "$work/"

# misp-look's is an example. What it starts after, and the programs of units, are as if they were installed.
cp "$work"/root/usr/share/doc/weir-misp-look/examples/misp-look.service "$work/root/lib/systemd/system/"
for unit in feedsync weir-pages misp-look; do
	file=$work/root/lib/systemd/system/$unit.service
	check "$unit.service: exposed by 2.0 at most" systemd-analyze security --no-pager --offline=yes --threshold=20 "$file"
	sed "s,^\(Exec[A-Za-z]*=\)/usr,\1$work/root/usr," "$file" >"$work/$unit.service"
	check "$unit.service is well formed" sh -c "said=\$(systemd-analyze verify --man=no '$work/$unit.service' 2>&1); echo \"\$said\"; test -z \"\$said\""
done

sources="$work/root/etc/apparmor.d"
mkdir -p "$sources/local"
for profile in feedsync usr.sbin.unbound; do
	: >"$sources/local/$profile"
	check "AppArmor's profile $profile parses" apparmor_parser -Q -K -b /etc/apparmor.d -I "$sources" -I /etc/apparmor.d "$sources/$profile"
done
check "and has what the module needs" grep -q 'include if exists <unbound.d>' "$sources/usr.sbin.unbound"
echo "$failed failed"
exit $((failed > 0))
