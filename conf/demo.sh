#!/bin/bash
# Shows Weir at work on this machine: a shared MISP feed in, blocked answers out, and a change without a restart.
#
#   conf/demo.sh [--stay]
#
# Installs what is missing (Debian packages), builds Unbound with dynlib and Weir, serves the bundled MISP feed with nginx
# on loopback, runs feedsync, starts Unbound with the module on a free loopback port and asks it with dig. Then this ISP
# publishes a finding of its own, and a second one blocks it and tells that it was hit. Exits 0 only if every shown answer was
# right. Leaves nothing running, except with --stay, which keeps everything up until Enter or ^C.
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
		for log in "$work"/*.log "$work"/b/*.log; do [ ! -s "$log" ] || { echo "---- $log"; tail -n 40 "$log"; } >&2; done
	fi
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	for pid in $pids; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

step "Packages and an Unbound that can load modules"
need_packages $build_packages nginx-light bind9-dnsutils minisign libfaketime
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
	access_log off; default_type application/json; log_format told escape=none '\$request_uri \$request_body';
	client_body_temp_path "$work/nginx/a"; proxy_temp_path "$work/nginx/b"; fastcgi_temp_path "$work/nginx/c";
	uwsgi_temp_path "$work/nginx/d"; scgi_temp_path "$work/nginx/e";
	server {
		listen 127.0.0.1:$http; root "$work/www";
		location /circle/ { alias "$work/circle/current/"; }
		# What a MISP answers to whom it lets tell sightings.
		location = /servers/getVersion { return 200 '{"version":"2.5.1","perm_sync":false,"perm_sighting":true}'; }
		location /sightings/ { access_log "$work/told" told; rewrite ^ /saved break; proxy_pass http://127.0.0.1:$http; }
		location = /saved { return 200 '{"saved":true,"success":"1 sightings added."}'; }
	}
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
"$unbound" -d -c "$work/upstream.conf" >"$work/upstream.log" 2>&1 &
pids="$pids $!"
await 20 listening "$upstream"
start_resolver() { # DIRECTORY: with the table that is there; on a port of its own, $dns
	dns=$(free_port)
	cat >"$1/unbound.conf" <<EOF
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
	WEIR_TABLE="$1/current.weir" WEIR_RUN="$1/run" WEIR_SPARE="$1/spare" "$unbound" -d -c "$1/unbound.conf" >"$1/unbound.log" 2>&1 &
	pids="$pids $!"
	await 20 listening "$dns"
	await 20 grep "weir: table" "$1/unbound.log"
}
start_resolver "$work"

ask() { dig @127.0.0.1 -p "$dns" +tries=2 +time=3 "$@" A; }
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

step "This ISP, A, publishes a finding of its own, signed"
mkdir -p "$work/b/run"
minisign -G -W -f -p "$work/share.pub" -s "$work/share.key" >/dev/null
cat >>"$work/feedsync.yaml" <<EOF
organisation: {name: ISP A, uuid: 2b7e1c54-9d0a-4f7b-8a35-61c0de5a9f01, contact: abuse@isp-a.example}
block:
  - {name: prize-draw.example, reason: phishing page that our abuse desk found}
share:
  - name: circle
    format: misp-feed
    to: $work/circle
    recipients: [isp-b.example]
    tlp: green
    of: [operator]
    sign-key-file: $work/share.key
EOF
"$feedsync" -c "$work/feedsync.yaml" sync
"$feedsync" -c "$work/feedsync.yaml" share

step "ISP B subscribes to it, blocks it, and counts what is hit"
echo demonstration >"$work/b/misp.key"
chmod 600 "$work/b/misp.key"
cat >"$work/b/feedsync.yaml" <<EOF
state: $work/b/state
table: $work/b/current.weir
run: $work/b/run
organisation: {name: ISP B, uuid: 7d9f7f6e-0f7a-4a3c-9f0e-2f5b9b1f0b22, contact: abuse@isp-b.example}
trends: {rules: yes}
sightings:
  - {name: isp-a, of: [isp-a], to: misp, url: "http://127.0.0.1:$http/", key-file: $work/b/misp.key}
feeds:
  - name: isp-a
    url: http://127.0.0.1:$http/circle/
    format: misp-feed
    minisign-key: $(tail -n 1 "$work/share.pub")
EOF
"$feedsync" -c "$work/b/feedsync.yaml" run 2>"$work/b/feedsync.log" &
run=$!
pids="$pids $run"
await 20 test -e "$work/b/current.weir"
await 20 test -e "$work/b/state/trends.sqlite"
start_resolver "$work/b"
expect_blocked www.prize-draw.example
for client in $(seq 1 30); do
	ask -b "127.0.1.$client" prize-draw.example | grep -q 'status: NXDOMAIN' || die "prize-draw.example should be blocked for client $client"
done
echo "30 more clients asked for it"
kill "$run"
wait "$run" || true

step "A day later B tells A that its finding was hit, and B has the trend: not by whom"
# The clock of these commands is ahead, and so is what the last one noted of it.
later=$(($(date +%s) + 90000))
sed -i -E "s/\"(clock|believed)\": [0-9]+/\"\1\": $later/" "$work/b/state/sync.json"
a_day_later() { LD_PRELOAD=$(echo /usr/lib/*/faketime/libfaketime.so.1) FAKETIME=+90000s NO_FAKE_STAT=1 DONT_FAKE_MONOTONIC=1 "$@"; }
a_day_later "$feedsync" -c "$work/b/feedsync.yaml" sightings
echo "A's MISP was told:"
cat "$work/told"
grep -q '^/sightings/bulkSaveSightings/.*attribute_uuid' "$work/told" || die "no sighting has come"
a_day_later "$feedsync" -c "$work/b/feedsync.yaml" trends | tee "$work/answer"
grep -q 'prize-draw.example .*31 hits' "$work/answer" || die "31 hits should be in the trend"

if [ -n "$stay" ]; then
	step "Staying up. Try, in another terminal:"
	cat <<EOF
  dig @127.0.0.1 -p $dns prize-draw.example
  $feedsync -c $work/feedsync.yaml status
  $feedsync lookup $work/current.weir weather.example www.weather.example other.example
  edit $work/www/*.json (and the timestamps in manifest.json), then: $feedsync -c $work/feedsync.yaml sync
Enter or ^C ends it.
EOF
	read -r _ || true
fi
step "Every answer was right"
