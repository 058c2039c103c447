#!/bin/bash
# Makes a container image of Debian 12 with Unbound, its module and feedsync, from the packages of conf/build-debs.sh. It writes
# a docker-archive: podman load, docker load and skopeo read it.
#
#   conf/oci/build.sh PACKAGES IMAGE.tar      PACKAGES: the folder of the .deb files, or of a repository
#
# One image, two containers: `unbound` (what the image runs) and `feedsync run`. They share /var/lib/weir as a folder, never the
# table as a file: a file that is mounted alone stays the old one when a new one takes its name. How to run it is said in
# docs/howto/chroot-apparmor-containers.md.
# The format is docker's, since an OCI image has no place for a health check. The same packages and the same
# SOURCE_DATE_EPOCH make the same files in it. As root, or with sudo.
set -euo pipefail

[ $# -eq 2 ] && [ -d "$1" ] || { echo "usage: conf/oci/build.sh PACKAGES IMAGE.tar" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../packages.sh"
packages=$(realpath "$1") image=$(realpath "$2")
[ "$(id -u)" -eq 0 ] || exec sudo SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH-}" "$0" "$packages" "$image"
need_packages mmdebstrap buildah apt-utils
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}

work=$(mktemp -d)
box=
cleanup() {
	[ -z "$box" ] || "${buildah[@]}" rm "$box" >/dev/null 2>&1 || true
	rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
# Its own storage: what else this machine keeps in containers is not touched.
buildah=(buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run")

# The packages as a repository of their own, before Debian's.
mkdir "$work/repository"
find "$packages" -name "*.deb" -exec cp -t "$work/repository" {} +
(cd "$work/repository" && apt-ftparchive packages . >Packages)
{ echo "deb [trusted=yes] copy:$work/repository ./"; debian_sources deb; } >"$work/sources.list"
chmod -R a+rX "$work"
apt-config dump | grep '^Acquire::' >"$work/acquire.conf" || true
say "installing Debian 12 with Weir ..."
# No service starts there, and what only a booted system needs stays away.
mmdebstrap --format=tar --variant=apt --aptopt="$work/acquire.conf" --include=unbound,weir,weir-module-unbound,dns-root-data,ca-certificates \
	--aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--customize-hook='rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*' \
	--customize-hook='install -d -o root -g root -m 755 "$1"/usr/libexec/weir' \
	--customize-hook="install -m 755 '$here/start-unbound' \"\$1\"/usr/libexec/weir/start-unbound" \
	bookworm "$work/root.tar" "$work/sources.list" </dev/null >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; die "the system cannot be made"; }

box=$("${buildah[@]}" from --format docker scratch)
"${buildah[@]}" add --quiet "$box" "$work/root.tar" / >/dev/null
# Asked is what subscribers ask: the name of the self-test, which each table blocks. A resolver that answers it otherwise protects nobody.
"${buildah[@]}" config --cmd '["/usr/libexec/weir/start-unbound"]' --port 53/udp --port 53/tcp \
	--volume /var/lib/weir --volume /run/weir --volume /var/lib/weir-unbound \
	--healthcheck 'CMD /usr/bin/feedsync probe 127.0.0.1' --healthcheck-interval 30s --healthcheck-timeout 10s \
	--healthcheck-start-period 60s --healthcheck-retries 3 \
	--label org.opencontainers.image.title=weir --label org.opencontainers.image.licenses=BSD-3-Clause "$box"
"${buildah[@]}" commit --quiet --format docker --timestamp "$SOURCE_DATE_EPOCH" "$box" "docker-archive:$image:weir:latest" >/dev/null
say "made $image"
