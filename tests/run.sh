#!/bin/bash
# Runs every test, from a fresh Debian 12 on: installs what is missing, builds, tests. Prints "N passed, N failed" last and
# exits 0 only if nothing failed.
#
# Unit tests and fuzz corpora run under AddressSanitizer and UndefinedBehaviorSanitizer, those of what threads share under
# ThreadSanitizer as well; any report is a failure. They run as clang builds them, too: what the standard leaves open it does
# in other ways than gcc. The system tests, with real daemons on loopback, run in the AddressSanitizer build (with an Unbound
# built the same way) and again in the release build, those that make allocations fail under LeakSanitizer as well, and those of
# workers that are processes with an Unbound built without threads. Real data is read from ../shared, where that folder is beside
# this checkout.
set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
. conf/packages.sh

passed=0
failed=0
note() { printf '\n==== %s\n' "$*"; }
finish() {
	printf '\n%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}
# Something that must work for the tests to make sense.
need() {
	"$@" || {
		say "error: failed: $*"
		failed=$((failed + 1))
		finish
	}
}

note "packages"
need need_packages $build_packages $unbound_packages libcmocka-dev libarchive-dev libfaketime clang clang-tidy clang-format nginx-light nsd dnsperf bind9-dnsutils openssl xz-utils zstd python3 \
	man-db mandoc binutils procps redis-server strace minisign ldnsutils iproute2 \
	python3-pytest python3-pytest-subtests python3-pytest-xdist python3-dnspython

note "unbound"
unbound=$(conf/build-unbound.sh | tail -n 1) || true
unbound_asan=$(conf/build-unbound.sh --address-sanitizer | tail -n 1) || true
unbound_processes=$(conf/build-unbound.sh --without-threads | tail -n 1) || true
need test -x "$unbound"
need test -x "$unbound_asan"
need test -x "$unbound_processes"

note "build"
build() { # PRESET [UNBOUND]
	local tests=ON
	[ "$1" != processes ] || tests=OFF # the module is what differs
	cmake --preset "$1" -DWEIR_WERROR=ON -DWEIR_TESTS=$tests ${2:+-DUNBOUND_BUILD_DIR="$(dirname "$2")"} >build-"$1".log 2>&1 &&
		cmake --build "build/$1" >>build-"$1".log 2>&1 && rm build-"$1".log && return
	cat build-"$1".log
	rm build-"$1".log
	return 1
}
need build release "$unbound"
need build asan "$unbound_asan"
need build tsan
need build leak
need build clang
need build processes "$unbound_processes"

note "style and static analysis"
if timeout 1800 tests/lint.py build/release; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

shared=$top/../shared
if [ -d "$shared/data" ]; then
	WEIR_SHARED=$(cd "$shared" && pwd)
	export WEIR_SHARED
else
	unset WEIR_SHARED
	note "../shared is not here: the tests that read real data are skipped"
fi

export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
unit_tests() { # PRESET CTEST_OPTION...
	note "unit tests and fuzz corpora ($1)"
	timeout 900 ctest --test-dir "build/$1" --output-on-failure "${@:2}" 2>&1 | tee "$log"
	local code=${PIPESTATUS[0]} before=$failed
	passed=$((passed + $(grep -c '[0-9] Test .* Passed ' "$log" || true)))
	failed=$((failed + $(grep -cE '[0-9] Test .*\*\*\*' "$log" || true)))
	# A program that did not even start, or a run cut short, has no line of its own.
	if [ "$code" -ne 0 ] && [ "$failed" -eq "$before" ] || ! grep -q '[0-9] Test ' "$log"; then
		failed=$((failed + 1))
	fi
}
unit_tests asan
unit_tests clang
unit_tests tsan -R '/(current_table|loader|counters)$' # what threads share

system_tests() { # PRESET UNBOUND [FILE...]
	note "system tests ($1)"
	WEIR_UNBOUND=$2 timeout 1800 /usr/bin/python3 -m pytest "${@:3}" --preset "$1" --durations 10 2>&1 | tee "$log"
	local code=${PIPESTATUS[0]} counts before=$failed
	counts=$(tail -n 1 "$log")
	count() { grep -oE "[0-9]+ $1" <<<"$counts" | cut -d' ' -f1 || true; }
	passed=$((passed + $(count passed) + 0))
	failed=$((failed + $(count failed) + $(count errors?) + 0))
	if [ "$code" -ne 0 ] && [ "$failed" -eq "$before" ]; then
		say "error: the system tests ($1) did not end"
		failed=$((failed + 1))
	fi
}
WEIR_STRANGER=$top/build/release/bin/weir.so system_tests asan "$unbound_asan" tests/system
system_tests release "$unbound" tests/system
system_tests leak "$unbound" tests/system/test_torture.py
system_tests processes "$unbound_processes" tests/system/test_processes.py

note "transparency: Unbound's own scenarios with and without the module"
if timeout 900 tests/transparency.sh --rpl; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

note "the demo"
if timeout 600 conf/demo.sh; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

finish
