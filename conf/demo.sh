#!/bin/bash
# Shows Weir at work on this machine: a shared MISP feed in, blocked answers out, and a change without a restart.
#
#   conf/demo.sh [--stay]
#
# Installs what is missing (Debian packages), builds Unbound with dynlib and Weir, serves the bundled MISP feed with nginx
# on loopback, runs feedsync, starts Unbound with the module on a free loopback port and asks it with dig. Exits 0 only if
# every shown answer was right. Leaves nothing running, except with --stay, which keeps everything up until Enter or ^C.
# Takes some minutes the first time, seconds from then on; needs the network for packages only.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/conf/packages.sh"
stay=
case "${1-}" in
"") ;;
--stay) stay=yes ;;
*) die "usage: demo.sh [--stay]" ;;
esac

step() { printf '\n== %s\n' "$*"; }

work=$(mktemp -d)
pids=
cleanup() {
	code=$?
	if [ "$code" -ne 0 ]; then
		for log in "$work"/*.log; do [ ! -s "$log" ] || { echo "---- $log"; tail -n 40 "$log"; } >&2; done
	fi
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	for pid in $pids; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

step "Packages and an Unbound that can load modules"
need_packages $build_packages nginx-light bind9-dnsutils
unbound=$("$here/conf/build-unbound.sh" | tail -n 1)
echo "unbound: $unbound"

step "Building Weir"
build=$here/build/release
cd "$here" && cmake --preset release -DUNBOUND_BUILD_DIR="$(dirname "$unbound")" -DWEIR_TESTS=OFF >"$work/build.log" 2>&1 &&
	cmake --build "$build" >>"$work/build.log" 2>&1 || die "the build failed"
feedsync=$build/bin/feedsync
echo "built: $feedsync, $build/bin/weir.so"

# A port that nobody listens on now. Between here and the daemon's start another may take it: then the daemon says so.
free_port() {
	while :; do
		port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000)) # below those that the system gives out by itself
		! (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
	done
	echo "$port"
}
listening() { (: >"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
await() { # SECONDS COMMAND...
	end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || die "timed out: $*"
		sleep 0.1
	done
}

step "A MISP feed, served by nginx"
mkdir "$work/www" "$work/nginx" "$work/run"
cp "$here"/conf/demo-feed/before/*.json "$work/www/"
touch -d "1 minute ago" "$work"/www/*.json # nginx tells versions apart by the second
http=$(free_port)
user=
[ "$(id -u)" -ne 0 ] || user="user root;"
cat >"$work/nginx.conf" <<EOF
daemon off; $user worker_processes 1; pid "$work/nginx.pid"; error_log "$work/nginx.log";
events { worker_connections 64; }
http {
	access_log off; client_body_temp_path "$work/nginx/a"; proxy_temp_path "$work/nginx/b"; fastcgi_temp_path "$work/nginx/c";
	uwsgi_temp_path "$work/nginx/d"; scgi_temp_path "$work/nginx/e";
	server { listen 127.0.0.1:$http; root "$work/www"; }
}
EOF
"$(command -v nginx || echo /usr/sbin/nginx)" -p "$work" -c "$work/nginx.conf" 2>"$work/nginx.log" &
pids="$pids $!"
await 10 listening "$http"
echo "http://127.0.0.1:$http/manifest.json"

step "feedsync fetches it, compiles the table, publishes it"
cat >"$work/feedsync.yaml" <<EOF
state: $work/state
table: $work/current.weir
run: $work/run
feeds:
  - name: demo-community
    url: http://127.0.0.1:$http/
    format: misp-feed
EOF
"$feedsync" -c "$work/feedsync.yaml" sync
"$feedsync" dump "$work/current.weir"

step "Unbound with the module"
dns=$(free_port)
# A second Unbound, without the module, plays the Internet.
upstream=$(free_port)
base="do-daemonize: no
	username: \"\"
	chroot: \"\"
	directory: \"$work\"
	pidfile: \"\"
	use-syslog: no
	outgoing-port-avoid: 20000-32000"
cat >"$work/upstream.conf" <<EOF
server:
	interface: 127.0.0.1@$upstream
	module-config: "iterator"
	$base
	local-zone: "example." redirect
	local-data: "example. 300 A 192.0.2.80"
remote-control:
	control-enable: no
EOF
cat >"$work/unbound.conf" <<EOF
server:
	interface: 127.0.0.1@$dns
	module-config: "dynlib iterator"
	do-not-query-localhost: no
	$base
remote-control:
	control-enable: no
forward-zone:
	name: "."
	forward-addr: 127.0.0.1@$upstream
dynlib:
	dynlib-file: "$build/bin/weir.so"
EOF
"$unbound" -d -c "$work/upstream.conf" >"$work/upstream.log" 2>&1 &
pids="$pids $!"
WEIR_TABLE="$work/current.weir" WEIR_RUN="$work/run" WEIR_SPARE="$work/spare" "$unbound" -d -c "$work/unbound.conf" >"$work/unbound.log" 2>&1 &
pids="$pids $!"
await 20 listening "$upstream"
await 20 listening "$dns"
grep weir: "$work/unbound.log"

ask() { dig @127.0.0.1 -p "$dns" +tries=2 +time=3 "$1" A; }
# expect_blocked NAME: NXDOMAIN, EDE 15 and a SOA in the authority section.
expect_blocked() {
	echo "\$ dig $1"
	ask "$1" >"$work/answer" || die "no answer for $1"
	grep -E 'status:|EDE:|SOA' "$work/answer"
	grep -q 'status: NXDOMAIN' "$work/answer" && grep -q 'EDE: 15' "$work/answer" && grep -q 'SOA' "$work/answer" ||
		die "$1 should be blocked"
}
expect_allowed() {
	echo "\$ dig $1"
	ask "$1" >"$work/answer" || die "no answer for $1"
	grep -E 'status:|IN[[:space:]]A[[:space:]]' "$work/answer"
	grep -q 'status: NOERROR' "$work/answer" && grep -q '192\.0\.2\.80' "$work/answer" || die "$1 should resolve"
}

step "A name that the feed lists, and one that it does not"
expect_blocked login-parcel.example
expect_allowed weather.example

step "The community publishes an update: weather.example is listed, login-parcel.example is withdrawn"
cp "$here"/conf/demo-feed/after/*.json "$work/www/"
"$feedsync" -c "$work/feedsync.yaml" sync
expect_blocked weather.example
expect_allowed login-parcel.example

step "How it all is"
"$feedsync" -c "$work/feedsync.yaml" status

if [ -n "$stay" ]; then
	step "Staying up. Try, in another terminal:"
	cat <<EOF
  dig @127.0.0.1 -p $dns weather.example
  $feedsync -c $work/feedsync.yaml status
  $feedsync lookup $work/current.weir weather.example www.weather.example other.example
  edit $work/www/*.json (and the timestamps in manifest.json), then: $feedsync -c $work/feedsync.yaml sync
Enter or ^C ends it.
EOF
	read -r _ || true
fi
step "Every answer was right"
