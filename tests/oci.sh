#!/bin/bash
# Makes the container image twice, whose files must be the same, and runs it: feedsync in one container publishes into a folder that
# another one with Unbound shares, and the image's own health check asks. By hand, some minutes; in a network of its own.
#
#   tests/oci.sh PACKAGES      PACKAGES: what conf/build-debs.sh made
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: tests/oci.sh PACKAGES" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || exec sudo "$0" "$@"
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/conf/packages.sh"
need_packages buildah iproute2 python3
work=$(mktemp -d)
chmod 755 "$work"
store=(--storage-driver vfs --root "$work/storage" --runroot "$work/run")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$top/conf/oci/build.sh" "$1" "$work/one.tar"
"$top/conf/oci/build.sh" "$1" "$work/two.tar"
# Layers are named by their digest. What is beside them holds the number of the container that buildah used.
layers() { tar -xOf "$1" manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Layers"])'; }
[ "$(layers "$work/one.tar")" = "$(layers "$work/two.tar")" ] || die "the two images differ"
box=$(buildah "${store[@]}" from --format docker "docker-archive:$work/one.tar")
# Else this buildah mounts the image's own volumes over those given below, sometimes.
buildah "${store[@]}" config --volume /var/lib/weir- --volume /run/weir- --volume /var/lib/weir-unbound- "$box"
check=$(buildah "${store[@]}" inspect --type container "$box" |
	python3 -c 'import json, sys; kind, *words = json.load(sys.stdin)["Docker"]["config"]["Healthcheck"]["Test"]; print(*words)')

mkdir "$work/etc" "$work/conf.d" "$work/table" "$work/counters" "$work/spare"
echo evil.example >"$work/etc/list"
printf 'feeds:\n  - name: list\n    format: domains\n    url: file:///etc/weir/list\n' >"$work/etc/feedsync.yaml"
printf 'server:\n\tinterface: 127.0.0.1\n\tuse-syslog: no\n\tlogfile: ""\n' >"$work/conf.d/here.conf"
chmod -R a+rX "$work/etc" "$work/conf.d"

# One container, with the folders that an operator would give it: run COMMAND...
run() {
	buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" run --isolation chroot -v "$work/etc:/etc/weir" \
		-v "$work/conf.d/here.conf:/etc/unbound/unbound.conf.d/here.conf" -v "$work/table:/var/lib/weir" \
		-v "$work/counters:/run/weir" -v "$work/spare:/var/lib/weir-unbound" "$box" "$@"
}
try() {
	set -euo pipefail
	ip link set lo up
	run /usr/bin/feedsync sync
	run /usr/libexec/weir/start-unbound >"$work/unbound.log" 2>&1 &
	unbound=$!
	trap 'kill $unbound 2>/dev/null' EXIT
	for second in $(seq 60); do
		! run $check >"$work/check.log" 2>&1 || { cat "$work/check.log"; return; }
		sleep 1
	done
	cat "$work/check.log" "$work/unbound.log"
	return 1
}
export -f run try
export work box check
setpriv --pdeathsig KILL unshare --net --pid --fork --kill-child bash -c try || die "the container with Unbound is not healthy"
say "the image is the same twice, and protects"
