#!/bin/bash
# Builds conf/rpm/weir.spec with Debian's rpm, as far as that goes: no Fedora is here, so what is installed is not asked for, and
# Fedora's macros are those of the file beside this. Then rpmlint reads the spec and the packages. By hand, some three minutes.
set -euo pipefail

cd "$(dirname "$0")/../.."
. conf/packages.sh
need_packages $build_packages $unbound_packages rpm rpmlint
built=$(dirname "$(conf/build-unbound.sh | tail -n 1)")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$("$built/unbound" -V | sed -n 's/^Version //p')
tar -czf "$work/unbound-$version.tar.gz" --transform "s,^\.,unbound-$version," -C "$built/../src" .
PATH=$built:$PATH conf/rpm/build.sh "$work/unbound-$version.tar.gz" --nodeps --load "$PWD/tests/rpm/macros" \
	--define "unbound_evr 0:$version-1" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }
rpmlint -c tests/rpm/rpmlint.toml conf/rpm/weir.spec build/rpm/RPMS/*/*.rpm
for package in build/rpm/RPMS/*/*.rpm; do
	echo "$package"
	rpm -qp --requires "$package" | grep -E '^(unbound|weir)' || true
	rpm -qlp "$package"
done
