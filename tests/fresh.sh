#!/bin/bash
# Runs a command in a throw-away minimal Debian, as a newcomer would: a plain user with sudo, a clean checkout, no
# package but the base. What the scripts forget to install is missed here, whatever this machine happens to have.
#
#   tests/fresh.sh [--release NAME] [--with DIRECTORY] [--boot FILE] [COMMAND [ARGUMENT...]]
#
#   COMMAND            conf/demo.sh if none is given; tests/run.sh works as well
#   --release NAME     of another Debian than this machine's, as trixie
#   --with DIRECTORY   what it holds lies in /srv there
#   --boot FILE        the system is then started by systemd, in a network of its own, and FILE of the checkout run in it as root
#
# The checkout is a clone of HEAD, in the user's home; ../shared stands beside it, read-only, where this checkout has it.
# Exits as the command does, and with 77 where this machine does not let it make such a system, or boot it: nothing was tested
# then, and the last line says why. As root or with sudo, on Debian 12 or later. It uses this machine's repositories of the
# Debian archive, apt's settings of how to reach them, authorities (/usr/local/share/ca-certificates) and resolv.conf. Packages
# apart, everything lies in ${XDG_CACHE_HOME:-~/.cache}/weir/fresh-RELEASE, and stays there for the next run:
#
#   base-KEY.tar    the minimal system, made anew when one of its packages or repositories is another; upgraded at each use
#   archives/       packages that were downloaded
#   home-KEY/       the user's ~/.cache/weir: Unbound built by conf/build-unbound.sh, dropped when that script, the packages
#                   that it asks for, or any version of these is another
#
# The mounts are in a namespace of their own, and so are the processes: they end with this script, however it ends. The tree
# is then removed, or by the next run where this one was killed outright.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/conf/packages.sh"
here=$(. /etc/os-release && echo "$VERSION_CODENAME")
release=$here
boot=
with=
[ "${1-}" != --release ] || { release=${2?}; shift 2; }
[ "${1-}" != --with ] || { with=${2?}; shift 2; }
[ "${1-}" != --boot ] || { boot=${2?}; shift 2; }
base_limit=900     # seconds for making the minimal system,
upgrade_limit=900  # for upgrading it,
command_limit=7200 # for the command,
boot_limit=600     # and for what runs under systemd

cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
mkdir -p "$cache"
[ "$(id -u)" -eq 0 ] || exec sudo XDG_CACHE_HOME="$(dirname "$cache")" "$0" --release "$release" ${with:+--with "$with"} \
	${boot:+--boot "$boot"} "$@"
cannot() { say "not run: $*"; exit 77; }
cache=$cache/fresh-$release
mkdir -p "$cache/archives/partial"
[ $# -gt 0 ] || set -- conf/demo.sh

need_packages mmdebstrap git ${boot:+systemd-container}
unshare --mount --pid --fork true 2>/dev/null || cannot "this machine does not let root make namespaces"
take_lock "$cache/lock" "a fresh Debian"
rm -rf --one-file-system "$cache"/tree.* "$cache"/*.half
tree=$(mktemp -d "$cache/tree.XXXXXX")
child=
cleanup() {
	trap '' HUP INT TERM
	if [ -n "$child" ]; then
		# The first process of the namespace: all others, and the mounts, end with it.
		kill -KILL $(cat "/proc/$child/task/$child/children" 2>/dev/null) "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
	fi
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rm -rf --one-file-system "$tree" 2>/dev/null && break
		sleep 1
	done
	rm -f "$cache"/*.half
}
trap cleanup EXIT
trap 'exit 130' HUP INT TERM

key() { sha256sum | cut -c 1-12; }

# The minimal system.
sources() { debian_sources deb | sed "s/ $here\([^ ]* [^ ]*\)$/ $release\1/" >"$tree/sources.list"; }
sources
[ -s "$tree/sources.list" ] || { as_root apt-get update -q >&2 && sources; }
grep -q " $release main$" "$tree/sources.list" || die "no repository of Debian is enabled here"
apt-config dump | grep '^Acquire::' >"$tree/acquire.conf"
base=$cache/base-$(cat "$tree/sources.list" - <<<"minbase sudo" | key).tar
if [ ! -f "$base" ]; then
	say "making a minimal Debian $release (a minute) ..."
	rm -rf "$cache"/base-*.tar
	# It has /bin/sh write to its descriptors, which knows only those of one digit: so these are free for it.
	timeout "$base_limit" mmdebstrap --format=tar --variant=minbase --include=sudo --aptopt="$tree/acquire.conf" \
		"$release" "$base.half" "$tree/sources.list" </dev/null >"$tree/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- ||
		{ tail -n 40 "$tree/log" >&2; die "the minimal Debian cannot be made"; }
	mv "$base.half" "$base"
fi

# Runs in the namespace, as its first process.
inside() {
	set -euo pipefail
	. "$top/conf/packages.sh"
	root=$tree/root
	in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

	mkdir "$root"
	mount --bind "$root" "$root" # what unshares mounts in there wants a mount for its root
	tar -x -f "$base" -C "$root" --exclude=./dev/'*'
	container=(systemd-nspawn -q -D "$root" --register=no --keep-unit --private-network)
	[ -z "$boot" ] || "${container[@]}" true </dev/null >"$tree/log" 2>&1 || cannot "systemd-nspawn does not work here: $(tail -n 1 "$tree/log")"
	mount -t proc proc "$root/proc"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup" # for containers in there
	mount -t tmpfs -o mode=755 dev "$root/dev"
	mkdir "$root/dev/pts" "$root/dev/shm"
	for device in null zero full random urandom tty; do
		touch "$root/dev/$device"
		mount --bind "/dev/$device" "$root/dev/$device"
	done
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	for n in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${n%:*}" "$root/dev/${n#*:}"; done
	mount --bind "$cache/archives" "$root/var/cache/apt/archives"

	cp "$tree/acquire.conf" "$root/etc/apt/apt.conf.d/99acquire"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fresh" # nobody keeps this tree
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
	mkdir -p "$root/usr/local/share/ca-certificates" "$root/etc/ssl/certs"
	cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates"
	[ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs"
	timeout "$upgrade_limit" chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c \
		'apt-get update -q && apt-get dist-upgrade -q -y -o Dpkg::Use-Pty=0 && apt-get autoclean -q' </dev/null >"$tree/log" 2>&1 ||
		{ tail -n 40 "$tree/log" >&2; die "the minimal Debian cannot be upgraded"; }

	# Everything that the Unbound built inside depends on.
	in_root apt-get -s install --no-install-recommends $build_packages $unbound_packages >"$tree/packages" 2>&1 ||
		{ tail -n 20 "$tree/packages" >&2; die "the packages cannot be had"; }
	built=$cache/home-$({ cat "$top/conf/build-unbound.sh" "$top/conf/packages.sh"; grep ^Inst "$tree/packages"; \
		in_root dpkg-query -W; } | sha256sum | cut -c 1-12)
	for old in "$cache"/home-*; do [ "$old" = "$built" ] || rm -rf "$old"; done

	[ -z "$with" ] || cp -r "$with"/. "$root/srv"
	in_root useradd -m -s /bin/bash -u 1000 newcomer
	echo "newcomer ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/newcomer"
	home=$root/home/newcomer
	mkdir -p "$built" "$home/.cache/weir"
	mv "$tree/checkout" "$home/weir"
	printf 'cd weir && exec%s\n' "$(printf ' %q' "$@")" >"$home/command"
	chown -R 1000:1000 "$built" "$home"
	mount --bind "$built" "$home/.cache/weir"
	if [ -d "$top/../shared" ]; then
		mkdir "$home/shared"
		mount --bind "$top/../shared" "$home/shared"
		mount -o remount,bind,ro "$home/shared"
	fi
	say "a minimal Debian $release, $(in_root dpkg-query -W | wc -l) packages; as a plain user: $*"
	timeout "$command_limit" chroot "$root" su -l newcomer -c '. ./command'
	[ -z "$boot" ] || boot
}

# Starts what inside() has left by systemd, runs the file, and shows what it printed.
boot() {
	in_root apt-get install -q -y --no-install-recommends systemd systemd-sysv </dev/null >"$tree/log" 2>&1 ||
		{ tail -n 20 "$tree/log" >&2; die "systemd cannot be installed"; }
	for mount in home/newcomer/.cache/weir home/newcomer/shared var/cache/apt/archives; do
		umount "$root/$mount" 2>/dev/null || true
	done
	umount -R "$root/dev" "$root/proc" "$root/sys"
	cat >"$root/etc/systemd/system/fresh.service" <<-END
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		StandardOutput=append:/fresh.log
		StandardError=inherit
		ExecStart=/bin/bash /home/newcomer/weir/$boot
		ExecStopPost=/bin/sh -c 'echo \$EXIT_STATUS >/fresh.code; systemctl --no-block poweroff'
		[Install]
		WantedBy=default.target
	END
	in_root systemctl enable fresh.service >/dev/null 2>&1
	timeout -s KILL "$boot_limit" "${container[@]}" --boot </dev/null >"$tree/log" 2>&1 || true
	cat "$root/fresh.log"
	[ "$(cat "$root/fresh.code")" = 0 ]
}
export -f cannot inside boot
export top tree base cache release boot with upgrade_limit command_limit boot_limit

# Whoever owns the checkout, and without what came before.
printf '[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n' >"$tree/gitconfig"
GIT_CONFIG_GLOBAL=$tree/gitconfig git clone -q --depth 1 "file://$top" "$tree/checkout"
setpriv --pdeathsig KILL unshare --mount --pid --mount-proc --fork --kill-child bash -c 'inside "$@"' fresh "$@" &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
