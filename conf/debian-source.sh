# Sourced after packages.sh by the scripts that build from Debian's source packages. The caller has a directory $work of its own.

# apt-get with its own lists of source packages, in $work: nothing of this machine's apt is changed.
apt_source() {
	apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o APT::Sandbox::User= "$@"
}

# Prints the newest version of a source package in the enabled repositories: newest_source PACKAGE. Prints nothing where the
# archive cannot be reached; what apt said is then in $work/log. Ends the script where the repositories lack the package.
newest_source() {
	mkdir -p "$work/lists/partial"
	debian_sources deb-src >"$work/sources.list"
	[ -s "$work/sources.list" ] || die "no repository of the $archive archive is enabled, or its lists are missing (apt-get update)"
	# Any error counts: an update that reached nothing is a success to apt otherwise.
	apt_source update -o APT::Update::Error-Mode=any >"$work/log" 2>&1 || return 0
	newest=$(apt_source --print-uris --only-source source "$1" 2>/dev/null | sed -n "s/.*$1_\(.*\)\.dsc .*/\1/p" | tail -n 1 | sed 's/%3a/:/')
	[ -n "$newest" ] || die "the enabled $archive repositories have no source package $1"
	echo "$newest"
}

# Downloads the source package that newest_source has found, and unpacks it: unpack_source PACKAGE DIRECTORY.
unpack_source() {
	mkdir -p "$work/download" "$(dirname "$2")" &&
		(cd "$work/download" && apt_source --only-source --download-only source "$1") &&
		dpkg-source --no-check -x "$work/download/$1"_*.dsc "$2"
}
