#!/bin/bash
# Builds Weir for machines of another kind, and runs the unit tests of what lies in files and in shared memory there, under
# qemu's user mode: what one machine writes must be read, or refused, by the other.
#
#   tests/fresh.sh tests/cross.sh [ARCHITECTURE...]     arm64, and s390x, whose octets are in the other order, if none is given
#
# It tells dpkg of these architectures. So it belongs into a throw-away Debian 12.
set -euo pipefail

cd "$(dirname "$0")/.."
. conf/packages.sh
[ $# -gt 0 ] || set -- arm64 s390x

# Of what is built for the other machine, what is a library; all else runs here.
libraries= tools=
for package in $build_packages libcmocka-dev libarchive-dev; do
	case $package in
	libc6-dev) ;; # comes with the compiler
	lib*-dev | zlib1g-dev | nettle-dev) libraries+=" $package" ;;
	gcc) ;;
	*) tools+=" $package" ;;
	esac
done
need_packages $tools dpkg-dev qemu-user
mkdir -p build

for architecture; do
	case $architecture in
	arm64) emulator=qemu-aarch64 ;;
	s390x) emulator=qemu-s390x ;;
	*) die "unknown architecture: $architecture" ;;
	esac
	triplet=$(dpkg-architecture -qDEB_HOST_GNU_TYPE -a"$architecture" 2>/dev/null)
	as_root dpkg --add-architecture "$architecture"
	as_root apt-get update -q >/dev/null
	need_packages "gcc-$triplet"

	# Unpacked, not installed: apt wants one version of a library for all architectures, and an archive does not always have that.
	build=$PWD/build/cross-$architecture
	root=$build/root
	rm -rf "$root"
	mkdir -p "$root/usr/lib" "$build/packages"
	ln -s usr/lib "$root/lib"
	(
		cd "$build/packages"
		apt-get download -q $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
			--no-enhances $(printf "%s:$architecture " libc6-dev $libraries) | grep "^[a-z0-9.+-]*:$architecture\$" | sort -u) >../packages.log 2>&1 ||
			{ tail -n 20 ../packages.log; exit 1; }
		for package in *.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"; done
	)
	PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig cmake -S . -B "$build" -G Ninja \
		-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="${triplet%%-*}" -DCMAKE_C_COMPILER="$triplet-gcc" -DCMAKE_SYSROOT="$root" \
		-DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
		-DCMAKE_CROSSCOMPILING_EMULATOR="/usr/bin/$emulator;-L;$root" -DCMAKE_LIBRARY_ARCHITECTURE="$triplet" \
		-DCMAKE_BUILD_TYPE=RelWithDebInfo -DWEIR_WERROR=ON -DWEIR_TESTS=ON >"$build.log" || { cat "$build.log"; exit 1; }
	cmake --build "$build" --target feedsync unit_tests >"$build.log" || { tail -n 40 "$build.log"; exit 1; }
	# Not the loader's: some of its tests limit the memory, and qemu does not pass that limit on.
	timeout 5400 ctest --test-dir "$build" -j "$(nproc)" --output-on-failure \
		-R '^(unit/(libweir|plugin|feedsync/(base|entries))/|fuzz/(name|table)$)' -E '^unit/plugin/core/loader$'
done
