#!/bin/sh
# Builds, or finds in the cache, an Unbound that can load modules (dynlib), from Debian's own source package with
# Debian's configure options. Prints the path of the unbound binary on the last line of standard output; everything
# else goes to standard error.
#
#   conf/build-unbound.sh [--address-sanitizer | --thread-sanitizer | --without-threads]
#
# The sanitizers' builds have cachedb as well, which Debian's lacks, for the tests that need it. In one without threads
# workers are processes.
#
# Debian's binary package is configured without --with-dynlibmodule, so it cannot load any module. The result lies in
# ${XDG_CACHE_HOME:-~/.cache}/weir/unbound-<Debian version>-<hash of options>/ as src/ (patched source) and build/
# (configured and built): the plugin is compiled against build/ (-DUNBOUND_BUILD_DIR). A half-finished build never
# counts: it is made under a temporary name and renamed when complete.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/packages.sh"
. "$here/debian-source.sh"

sanitize=
more=
case "${1-}" in
"") ;;
--without-threads) more=" --without-pthreads --without-solaris-threads" ;;
--address-sanitizer) sanitize="-fsanitize=address -fno-omit-frame-pointer" ;;
--thread-sanitizer) sanitize="-fsanitize=thread -fno-omit-frame-pointer" ;;
*) die "usage: build-unbound.sh [--address-sanitizer | --thread-sanitizer | --without-threads]" ;;
esac

# Debian's options (debian/rules of the package), without the Python bindings, plus the dynlib module. The trust
# anchor path is only a default.
options="--prefix=/usr --sysconfdir=/etc --localstatedir=/var --disable-rpath --with-pidfile=/run/unbound.pid
	--with-libevent --enable-tfo-client --enable-tfo-server --with-rootkey-file=/usr/share/dns/root.key
	--enable-subnet --enable-dnstap --enable-systemd --with-libnghttp2 --with-chroot-dir=
	--with-dnstap-socket-path=/run/dnstap.sock --without-pythonmodule --without-pyunbound --with-dynlibmodule$more"
[ -z "$sanitize" ] || options="$options --disable-flto --enable-cachedb --with-libhiredis"

need_packages $unbound_packages ${sanitize:+libhiredis-dev}
key=$(printf '%s' "$options $sanitize" | sha256sum | cut -c 1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
mkdir -p "$cache"
take_lock "$cache/lock-$key" "building this Unbound" # and then finds it done
rm -rf "$cache/half-$key".* # of a run that was killed
work=$(mktemp -d)
trap 'rm -rf "$work" "${half:-$work}"' EXIT
trap 'exit 1' HUP INT TERM

version=$(newest_source unbound)
if [ -z "$version" ]; then
	# Not reachable: the newest build in the cache with these options serves.
	done_dir=$(ls -dt "$cache"/unbound-*-"$key" 2>/dev/null | head -n 1)
	[ -n "$done_dir" ] || { cat "$work/log" >&2; die "cannot reach the Debian archive and the cache has no build"; }
	say "Debian archive not reachable; using $done_dir"
else
	done_dir=$cache/unbound-$version-$key
fi

if [ ! -x "$done_dir/build/unbound" ]; then
	say "building unbound $version with dynlib (3 to 5 minutes) ..."
	half=$(mktemp -d "$cache/half-$key.XXXXXX")
	# Each step only if the one before went well: "set -e" does not count to the left of "||".
	build() {
		unpack_source unbound "$half/src" &&
			mkdir "$half/build" &&
			cd "$half/src" &&
			export DEB_BUILD_MAINT_OPTIONS=hardening=+all &&
			cflags=$(dpkg-buildflags --get CFLAGS) &&
			cflags=$(printf %s "$cflags" | sed 's/-ffile-prefix-map=[^ ]*//') &&
			ldflags=$(dpkg-buildflags --get LDFLAGS) &&
			cppflags=$(dpkg-buildflags --get CPPFLAGS) &&
			cd "$half/build" &&
			# Relative paths keep the tree movable: it is renamed when complete.
			../src/configure $options CFLAGS="$cflags $sanitize" LDFLAGS="$ldflags $sanitize" CPPFLAGS="$cppflags" &&
			make -j"$(nproc)" unbound unbound-control unbound-checkconf unbound-anchor
	}
	(build) >"$work/log" 2>&1 9>&- || { tail -n 40 "$work/log" >&2; die "building unbound failed"; }
	rm -rf "$done_dir"
	mv "$half" "$done_dir"
	half=
fi
echo "$done_dir/build/unbound"
