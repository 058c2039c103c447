# Sourced by the scripts that must run on a fresh Debian 12: installs the packages they need.
#
# Rules: ask for nothing, start no server, change nothing else. Where there is no /usr/sbin/policy-rc.d, one that
# forbids starting services stands there while apt-get runs and is taken away again.

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Takes descriptor 9 as a lock: take_lock FILE WHAT. Says so where another holds it, and waits.
take_lock() {
	exec 9>"$1"
	flock -n 9 || { say "waiting until another run is done with $2 ..."; flock 9; }
}

# The enabled repositories of the archive of this Debian, or of this Ubuntu, as lines of a sources.list: debian_sources deb|deb-src.
archive=Debian
! grep -qx 'ID="\?ubuntu"\?' /etc/os-release || archive=Ubuntu
debian_sources() {
	keyring=/usr/share/keyrings/$(printf %s "$archive" | tr DU du)-archive-keyring.gpg
	signed=
	[ ! -r "$keyring" ] || signed="[signed-by=$keyring] "
	apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)' |
		while read -r by origin uri codename component; do
			[ "$by $origin" = "Packages $archive" ] && printf '%s %s%s %s %s\n' "$1" "$signed" "$uri" "$codename" "$component"
		done | sort -u
}

missing_packages() {
	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || printf '%s ' "$p"
	done
}

# need_packages NAME...: returns 0 once every package is installed, 1 with the reason shown if that cannot be.
need_packages() {
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "installing: $missing"
	log=$(mktemp)
	as_root sh -c '
		set -eu
		export DEBIAN_FRONTEND=noninteractive
		exec 9>/run/lock/weir-packages
		flock 9 # the policy below is for one run at a time
		policy=/usr/sbin/policy-rc.d
		if [ ! -e "$policy" ] || grep -qx "# weir" "$policy"; then
			trap "rm -f $policy" EXIT
			trap "exit 1" HUP INT TERM
			printf "#!/bin/sh\n# weir\nexit 101\n" >"$policy"
			chmod 755 "$policy"
		fi
		install() {
			apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
		}
		install "$@" || { apt-get update -q && install "$@"; }
	' sh $missing >"$log" 2>&1 </dev/null || {
		cat "$log" >&2
		rm -f "$log"
		say "error: could not install: $missing"
		return 1
	}
	rm -f "$log"
}

# What building everything takes. libunbound.pc requires nettle and libevent, which libunbound-dev does not depend on;
# Unbound's headers, which weir.so is compiled with, include nghttp2's.
build_packages="cmake ninja-build gcc libc6-dev pkg-config libcurl4-openssl-dev libjansson-dev libxxhash-dev
	libyaml-dev libidn2-dev libunistring-dev publicsuffix libsodium-dev libunbound-dev nettle-dev libevent-dev libnghttp2-dev
	dns-root-data libsqlite3-dev libmicrohttpd-dev zlib1g-dev liblzma-dev libzstd-dev scdoc"
unbound_packages="ca-certificates dpkg-dev gcc make bison flex libc6-dev libexpat1-dev libevent-dev libssl-dev libnghttp2-dev
	libsystemd-dev protobuf-c-compiler libprotobuf-c-dev libfstrm-dev pkg-config"
