# Sourced by the tests. A feed of one name, a table of it, and Unbound on a port of its own: the services of the testbed, if it
# has any, are left alone. That is why these tests need no container.
set -eu
lab=${AUTOPKGTEST_TMP:-$(mktemp -d)}
port=5391
guard=$(echo /usr/lib/*/weir/unbound-guard)
chmod 755 "$lab"
server=
stop() {
	[ -z "$server" ] || { kill "$server"; wait "$server" || true; }
	server=
}
trap stop EXIT

die() { echo "$*"; exit 1; }

publish() {
	echo evil.example >"$lab/list"
	cat >"$lab/feedsync.yaml" <<-END
		state: $lab/state
		table: $lab/current.weir
		run: $lab/run
		feeds:
		  - name: list
		    url: file://$lab/list
		    format: domains
	END
	feedsync -c "$lab/feedsync.yaml" sync
}

# Starts an Unbound with what the guard has found: start PROGRAM.
start() {
	mkdir -p "$lab/run" "$lab/spare"
	chown unbound "$lab/run" "$lab/spare"
	cat >"$lab/unbound.conf" <<-END
		server:
		    interface: 127.0.0.1@$port
		    do-daemonize: no
		    chroot: ""
		    pidfile: ""
		    use-syslog: no
		    local-data: "alive.test. A 192.0.2.1"
		remote-control:
		    control-enable: no
		include-toplevel: "/run/weir-unbound*.conf"
	END
	WEIR_TABLE="$lab/current.weir" WEIR_RUN="$lab/run" WEIR_SPARE="$lab/spare" "$1" -d -c "$lab/unbound.conf" >"$lab/log" 2>&1 &
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! answers || return 0
		sleep 1
	done
	cat "$lab/log"
	die "$1 does not answer"
}
ask() { dig @127.0.0.1 -p "$port" +tries=1 +time=2 "$1" A; }
answers() { ask alive.test | grep 192.0.2.1; }
blocks() { ask evil.example | grep "EDE: 15"; }
