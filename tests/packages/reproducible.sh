#!/bin/bash
# Builds the packages a second time, in another folder, at another time, with another umask and locale, by another user, and
# compares them with those of a repository, octet by octet. Exits 0 only if all are the same. As root.
#
#   tests/packages/reproducible.sh [--unbound] REPOSITORY
#
# The repository is what conf/build-debs.sh has made of the same commit. With --unbound those of Unbound are built anew as well,
# which takes 5 to 10 minutes; otherwise they are taken from the cache.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/conf/packages.sh"
anew=
[ "${1-}" != --unbound ] || { anew=yes; shift; }
[ $# -eq 1 ] || die "usage: reproducible.sh [--unbound] REPOSITORY"
[ "$(id -u)" -eq 0 ] || die "as root: the second build is another user's"
repository=$(cd "$1" && pwd)
need_packages faketime
other=$(mktemp -d /var/tmp/another-folder.XXXXXX)
trap 'rm -rf "$other"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$other/cache/weir" "$other/tmp"
[ "$anew" ] || cp -r "${XDG_CACHE_HOME:-$HOME/.cache}"/weir/unbound-debs-* "$other/cache/weir/"
chown -R 65534:65534 "$other"
umask 077
setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$other" XDG_CACHE_HOME="$other/cache" TMPDIR="$other/tmp" \
	LC_ALL=en_DK.UTF-8 TZ=Pacific/Kiritimati BUILD_WITH="faketime -f +400d" "$top/conf/build-debs.sh" --output "$other/debs"

count=0
for deb in "$other"/debs/pool/main/*/*/*.deb; do
	first=$repository/${deb#"$other/debs/"}
	cmp "$first" "$deb" || die "$(basename "$deb") is another one"
	count=$((count + 1))
done
[ "$count" -gt 6 ] || die "only $count packages were built"
echo "$count packages, built twice, are the same"
