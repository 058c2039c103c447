# Sourced as root in a system of its own, where checks are printed as lines and counted: $failed.
failed=0
check() { # WORDS COMMAND...
	if "${@:2}" >/srv/said 2>&1; then echo "ok      $1"; else echo "FAILED  $1"; cat /srv/said; failed=$((failed + 1)); fi
}
within() { for _ in $(seq "$1"); do "${@:2}" && return; sleep 1; done; return 1; } # SECONDS COMMAND...
not() { ! "$@"; }
ask() { dig @127.0.0.1 +tries=2 +time=2 "$1" A; }
answers() { ask alive.test | tee -a /dev/stderr | grep -q 192.0.2.1; }
blocked() { ask evil.example | tee -a /dev/stderr | grep -q "EDE: 15"; }
