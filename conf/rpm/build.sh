#!/bin/sh
# Builds the RPM packages of Weir for the Unbound of this machine, as Fedora's loads modules already. The packages, and their
# source, end in build/rpm/RPMS and build/rpm/SRPMS.
#
#   conf/rpm/build.sh UNBOUND-VERSION.tar.gz [RPMBUILD_OPTION...]
#
# The file is the source of exactly the Unbound that is installed: `dnf download --source unbound` has it. Of what the packages
# need to be built, `dnf builddep conf/rpm/weir.spec` installs all.
set -eu

[ $# -ge 1 ] && [ -r "$1" ] || { echo "usage: conf/rpm/build.sh UNBOUND-VERSION.tar.gz [RPMBUILD_OPTION...]" >&2; exit 2; }
source=$(realpath "$1")
shift
cd "$(dirname "$0")/../.."
name=${source##*/unbound-}
unbound_version=${name%.tar.gz}
installed=$(unbound -V | sed -n 's/^Version //p')
[ "$unbound_version" = "$installed" ] || { echo "error: $source is not the source of the installed Unbound $installed" >&2; exit 1; }
unbound -V | grep -q '^Linked modules:.* dynlib' || { echo "error: this Unbound is built without dynlib and loads no modules" >&2; exit 1; }

version=$(sed -n 's/^project(weir VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
top=$PWD/build/rpm
mkdir -p "$top/SOURCES"
git archive --prefix="weir-$version/" -o "$top/SOURCES/weir-$version.tar.gz" HEAD
cp "$source" "$top/SOURCES/"
rpmbuild -ba --define "_topdir $top" --define "weir_version $version" --define "unbound_version $unbound_version" "$@" conf/rpm/weir.spec
