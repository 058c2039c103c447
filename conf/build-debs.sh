#!/bin/sh
# Builds Weir's Debian packages from what HEAD holds, with an Unbound that loads modules, and makes an apt repository of them.
#
#   conf/build-debs.sh [--host ARCHITECTURE] [--key KEY] [--output DIRECTORY]
#
#   --host ARCHITECTURE  build for resolvers of another architecture, as arm64, which dpkg must know of: a throw-away system is the
#                        place for that (tests/packages/cross.sh)
#   --key KEY            sign the repository by this key of gpg's; else it is not signed
#   --output DIRECTORY   build/debs if not given. An existing repository there gets the new versions. A directory that only root may
#                        make is made by sudo, and is then yours
#
# On Debian 12 or later, as a user with sudo or as root. Installs the packages that the builds need; the network is used for
# Debian's archive only.
#
#   unbound, libunbound8 ...    Debian's own source package as version <Debian's>+weirN: with conf/unbound-package, which adds one
#                               option of configure and the package unbound-module-dev. Unbound's own tests are left to Debian.
#                               Built once, and then taken from ${XDG_CACHE_HOME:-~/.cache}/weir/unbound-debs-KEY. The key is made
#                               of all that they depend on.
#   weir, weir-module-unbound ...   debian/, for exactly that unbound. Version: that of CMakeLists.txt; between releases
#                               with the date and the id of the commit.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
. "$here/packages.sh"
. "$here/debian-source.sh"
revision=1 # the N of +weirN. Raise it when conf/unbound-package changes

# Says before all work, and not after it, that the repository cannot be put there.
make_output() { # DIRECTORY
	mkdir -p "$1" 2>/dev/null || as_root install -d -o "$(id -u)" -g "$(id -g)" "$1" || die "$1 cannot be made"
	[ -w "$1" ] || die "$(id -un) may not write into $1; next: sudo chown -R $(id -un) $1, or another --output"
	output=$(cd "$1" && pwd)
}

usage() { die "usage: build-debs.sh [--host ARCHITECTURE] [--key KEY] [--output DIRECTORY]"; }
here_architecture=$(dpkg --print-architecture)
host=$here_architecture
profile=
key=
output=$top/build/debs
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage
	case $1 in
	--host) host=$2 ;;
	--key) key=$2 ;;
	--output) make_output "$2" ;;
	*) usage ;;
	esac
	shift 2
done
need_packages dpkg-dev debhelper git gnupg reprepro
git -c safe.directory="$top" -C "$top" rev-parse -q --verify HEAD >/dev/null 2>&1 || die "$top is no git checkout"
if [ "$host" != "$here_architecture" ]; then
	dpkg --print-foreign-architectures | grep -qx "$host" || die "dpkg does not know of $host; next: dpkg --add-architecture $host && apt-get update"
	profile=cross # of what builds need: debian/control
	need_packages "crossbuild-essential-$host" # apt-get build-dep does not ask for it in a directory
fi
[ -z "$key" ] || gpg --list-secret-keys "$key" >/dev/null 2>&1 || die "gpg has no secret key $key"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
mkdir -p "$cache"
half=
work=$(mktemp -d)
trap 'rm -rf "$work" "${half:-$work}"' EXIT
trap 'exit 1' HUP INT TERM
failed() { # WHAT
	tail -n 40 "$work/log" >&2
	die "$1 failed"
}

# Installs what debian/control asks for, but for what is built here: need_build_packages SOURCE_DIRECTORY.
need_build_packages() {
	mkdir -p "$work/asked/debian"
	sed '/^ unbound-module-dev,$/d' "$1/debian/control" >"$work/asked/debian/control"
	apt-get -q -s --no-install-recommends -a "$host" ${profile:+-P $profile} build-dep "$work/asked" >"$work/log" 2>&1 || failed "finding what $1 needs"
	need_packages $(sed -n 's/^Inst \([^ ]*\).*/\1/p' "$work/log")
}
# Builds binary packages, which then lie beside the directory: build_package SOURCE_DIRECTORY [OPTION OF dpkg-buildpackage...].
# Nothing of who builds, when and where may come into them: neither a variable nor another Python in PATH. BUILD_WITH may be a
# command that runs another, for tests.
build_package() (
	cd "$1"
	shift
	umask 022
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$work" LC_ALL=C.UTF-8 TZ=UTC UNBOUND_MODULE_DEV="$work/weir/unbound-module-dev" \
		DEB_BUILD_OPTIONS="parallel=$(nproc) nocheck" ${BUILD_WITH-} dpkg-buildpackage -b -us -uc -a "$host" "$@" >"$work/log" 2>&1 </dev/null
)

# Unbound's.
debian_version=$(newest_source unbound)
[ -n "$debian_version" ] || failed "reaching the Debian archive"
unpack_source unbound "$work/unbound/src" >"$work/log" 2>&1 || failed "unpacking Unbound's source package"
source=$work/unbound/src
need_build_packages "$source"
need_build_packages "$top" # now: the key below tells of what is installed
asked=$(sed -n '/^Build-Depends:/,/^[^ #]/p' "$source/debian/control" | sed -n 's/^ \([a-z0-9.+-]*\).*/\1/p')
depended=$(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
	--no-enhances $asked build-essential | grep '^[a-z]')
hash=$({
	cat "$here"/unbound-package/*
	dpkg-query -W $depended 2>/dev/null
	echo "$debian_version $revision${host#"$here_architecture"}"
} | sha256sum | cut -c 1-12)
built=$cache/unbound-debs-$hash
take_lock "$cache/lock-debs" "building the packages of Unbound"
if [ ! -d "$built" ]; then
	say "building the packages of unbound $debian_version+weir$revision, $host (5 to 10 minutes) ..."
	cd "$source/debian"
	cat "$here/unbound-package/rules" >>rules
	cat "$here/unbound-package/control" >>control
	cp "$here/unbound-package/unbound-module-dev.install" .
	{
		printf 'unbound (%s+weir%s) %s; urgency=medium\n\n' "$debian_version" "$revision" "$(dpkg-parsechangelog -l changelog -SDistribution)"
		printf '  * Rebuilt with dynlib, so that it loads modules; unbound-module-dev has its headers.\n'
		printf '\n -- %s  %s\n\n' "$(sed -n 's/^Maintainer: //p' "$top/debian/control")" "$(dpkg-parsechangelog -l changelog -SDate)"
		cat changelog
	} >changelog.new
	mv changelog.new changelog
	cd "$top"
	build_package "$source" || failed "building the packages of Unbound"
	half=$(mktemp -d "$cache/half-debs.XXXXXX")
	chmod 755 "$half"
	cp "$work"/unbound/*.deb "$half"
	mv "$half" "$built"
	half=
	touch "$built"
	ls -dt "$cache"/unbound-debs-* | tail -n +4 | xargs -r rm -rf # three are kept
fi
exec 9>&-

# Weir's.
mkdir "$work/weir"
git -c safe.directory="$top" -C "$top" archive HEAD | tar -x -C "$work/weir" || die "the checkout cannot be read"
# Within the sources: so that debug symbols do not tell where that was.
dpkg-deb -x "$(ls "$built"/unbound-module-dev_*.deb)" "$work/weir/unbound-module-dev"
released=$(sed -n 's/^project(weir VERSION \([0-9.]*\).*/\1/p' "$work/weir/CMakeLists.txt")
commit() { TZ=UTC git -c safe.directory="$top" -C "$top" log -1 ${2:+--date="$2"} --format="$1" HEAD; }
version=$released
[ "$(git -c safe.directory="$top" -C "$top" tag --points-at HEAD "v$released")" ] ||
	version=$released+git$(commit %cd format-local:%Y%m%d%H%M%S).$(commit %H | cut -c 1-7)
version=$version+deb$(. /etc/os-release && echo "${VERSION_ID%%.*}")
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
cat >"$work/weir/debian/changelog" <<END
weir ($version) $codename; urgency=medium

  * What is new is told in CHANGELOG.md.

 -- $(sed -n 's/^Maintainer: //p' "$work/weir/debian/control")  $(commit %cd rfc-local)
END
say "building the packages of weir $version for unbound $debian_version+weir$revision, $host (a minute or two) ..."
# -d: unbound-module-dev is not installed, which would put its unbound in the place of this machine's.
build_package "$work/weir" -d || failed "building the packages of Weir"

# The repository.
mkdir -p "$output/conf"
architectures=$({ sed -n 's/^Architectures: //p' "$output/conf/distributions" 2>/dev/null | tr ' ' '\n'; echo "$host"; } | sort -u)
cat >"$output/conf/distributions" <<END
Origin: Weir
Label: Weir
Codename: $codename
Architectures: $(echo $architectures)
Components: main
Description: Weir, and an Unbound that loads modules
${key:+SignWith: $key}
END
sed -i '/^$/d' "$output/conf/distributions"
reprepro -s -b "$output" includedeb "$codename" "$built"/*.deb "$work"/*.deb >"$work/log" 2>&1 || failed "making the repository"
if [ -n "$key" ]; then
	gpg --export "$key" >"$output/weir-archive-keyring.gpg"
else
	say "the repository is NOT SIGNED: apt takes it with [trusted=yes] only. --key KEY signs it"
fi
say "packages of weir $version and unbound $debian_version+weir$revision:"
echo "$output"
