#!/bin/bash
# Runs every test, from a fresh Debian 12 on: installs what is missing, builds, tests. Prints how long each part took and,
# last, "N passed, N failed, N skipped"; exits 0 only if nothing failed.
#
#   tests/run.sh [--quick]    --quick, for daily work: the unit tests and two system tests of the AddressSanitizer build
#
# Unit tests and fuzz corpora run under AddressSanitizer and UndefinedBehaviorSanitizer, those of what threads share under
# ThreadSanitizer as well; any report is a failure. They run as clang builds them, too: what the standard leaves open it does
# in other ways than gcc. The system tests, with real daemons on loopback, run in the AddressSanitizer build (with an Unbound
# built the same way) and in the release build, those that make allocations fail under LeakSanitizer as well, and those of
# workers that are processes with an Unbound built without threads. They run at once, since they wait most of the time; those
# that judge seconds, marked `alone`, and those of processes run when nothing else does. Real data is read from ../shared, where
# that folder is beside this checkout.
set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
. conf/packages.sh

case "$#${1-}" in
0) quick= ;;
1--quick) quick=yes ;;
*) die "usage: run.sh [--quick]" ;;
esac

passed=0
failed=0
skipped=0
times=
work=$(mktemp -d)
cleanup() {
	kill $(jobs -p) 2>/dev/null
	wait
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

took() { times+=$(printf '%6d s  %s' "$2" "$1")$'\n'; }
# Runs a command under a headline: part NAME COMMAND...
part() {
	local begin=$SECONDS
	printf '\n==== %s\n' "$1"
	"${@:2}"
	local code=$?
	took "$1" $((SECONDS - begin))
	return "$code"
}
# A part that is one test. It exits with 77 where it cannot run on this machine, and says why.
check() {
	part "$@"
	case $? in
	0) passed=$((passed + 1)) ;;
	77) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
}
# A part that must work for the tests to make sense.
need() {
	part "$@" || {
		say "error: failed: ${*:2}"
		failed=$((failed + 1))
		finish
	}
}
finish() {
	printf '\n%s%6d s  in all\n%d passed, %d failed, %d skipped\n' "$times" "$SECONDS" "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

find_unbounds() {
	unbound_asan=$(conf/build-unbound.sh --address-sanitizer | tail -n 1)
	test -x "$unbound_asan" || return
	[ -z "$quick" ] || return 0
	unbound=$(conf/build-unbound.sh | tail -n 1)
	unbound_processes=$(conf/build-unbound.sh --without-threads | tail -n 1)
	test -x "$unbound" && test -x "$unbound_processes"
}

# Of what threads share, and so run under ThreadSanitizer as well.
threads_share='/(current_table|loader|store|counters|cells|client_key)$'
threads_share_programs="test_plugin_core_current_table test_plugin_core_loader test_plugin_core_store test_libweir_live_counters test_libweir_live_cells
	test_libweir_live_client_key"
! command -v ccache >/dev/null || export CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER-ccache}
build() { # PRESET UNBOUND TARGET...
	local log=$work/build-$1.log
	cmake --preset "$1" -DWEIR_WERROR=ON -DWEIR_TESTS=ON ${2:+-DUNBOUND_BUILD_DIR="$(dirname "$2")"} >"$log" 2>&1 &&
		cmake --build "build/$1" --target "${@:3}" >>"$log" 2>&1 && return
	cat "$log"
	return 1
}
build_all() {
	build asan "$unbound_asan" all || return
	[ -z "$quick" ] || return 0
	build release "$unbound" all &&
		build tsan "" $threads_share_programs &&
		build leak "" system_tests &&
		build clang "" unit_tests &&
		build processes "$unbound_processes" feedsync weir_module # the module is what differs
}

run_unit_tests() { # PRESET CTEST_OPTION...
	local log=$work/unit-$1.log before=$failed code
	timeout 900 ctest --test-dir "build/$1" -j "$(nproc)" --output-on-failure "${@:2}" 2>&1 | tee "$log"
	code=${PIPESTATUS[0]}
	passed=$((passed + $(grep -c '[0-9] Test .* Passed ' "$log" || true)))
	failed=$((failed + $(grep -cE '[0-9] Test .*\*\*\*' "$log" || true)))
	# A program that did not even start, or a run cut short, has no line of its own.
	if [ "$code" -ne 0 ] && [ "$failed" -eq "$before" ] || ! grep -q '[0-9] Test ' "$log"; then
		failed=$((failed + 1))
	fi
}

# Runs system tests in the background: start_system_tests NAME PRESET UNBOUND PYTEST_OPTION...
declare -A pids
start_system_tests() {
	WEIR_UNBOUND=$3 timeout 1800 /usr/bin/python3 -m pytest -q --preset="$2" --durations=10 "${@:4}" >"$work/$1.log" 2>&1 &
	pids[$1]=$!
}
# Waits for tests that were started, shows what they printed, and counts: finish_system_tests NAME...
finish_system_tests() {
	local name code counts wrong
	for name in "$@"; do
		wait "${pids[$name]}"
		code=$?
		printf '\n==== system tests (%s)\n' "$name"
		cat "$work/$name.log"
		counts=$(tail -n 1 "$work/$name.log") # 3 failed, 400 passed, 9 skipped in 250.31s
		took "system tests ($name)" "$(counted in)"
		passed=$((passed + $(counted passed)))
		skipped=$((skipped + $(counted skipped)))
		wrong=$(($(counted failed) + $(counted error)))
		[ "$code" -eq 0 ] || failed=$((failed + (wrong > 0 ? wrong : 1)))
	done
}
counted() {
	local number=0
	[[ ! $counts =~ (^|[ =])([0-9]+)\ $1 ]] || number=${BASH_REMATCH[2]}
	[[ $1 != in || ! $counts =~ \ in\ ([0-9]+) ]] || number=${BASH_REMATCH[1]}
	echo "$number"
}

# Object stores, whose tests are skipped without them. They are installed while other things are built.
install_stores() {
	need_packages radosgw ceph-mon ceph-osd || say "Ceph cannot be installed here: its tests are skipped"
	need_packages swift-proxy swift-account swift-container swift-object || say "Swift cannot be installed here: its tests are skipped"
}
finish_stores() {
	wait "$stores"
	cat "$work/stores.log"
}

need "packages" need_packages $build_packages $unbound_packages libcmocka-dev libarchive-dev libfaketime clang clang-tidy \
	clang-format nginx-light nsd dnsperf bind9-dnsutils bind9-utils openssl xz-utils zstd python3 man-db mandoc binutils procps redis-server \
	strace minisign ldnsutils iproute2 zsh python3-pytest python3-pytest-subtests python3-pytest-xdist python3-dnspython \
	python3-zmq python3-jsonschema prometheus curl knot
need "unbound" find_unbounds
[ "$quick" ] || { install_stores >"$work/stores.log" 2>&1 & stores=$!; }
[ "$quick" ] || need "browser" tests/browser/setup.sh
need "build" build_all
[ "$quick" ] || need "object stores" finish_stores

if [ -d ../shared/data ]; then
	WEIR_SHARED=$(cd ../shared && pwd)
	export WEIR_SHARED
else
	unset WEIR_SHARED
	say "../shared is not here: the tests that read real data are skipped"
fi
export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

if [ "$quick" ]; then
	part "unit tests and fuzz corpora (asan)" run_unit_tests asan
	start_system_tests asan asan "$unbound_asan" tests/system/test_module.py::Answers::test_blocked_name \
		tests/system/test_operator_lists.py::Operator::test_a_resolver_obeys
	finish_system_tests asan
	finish
fi

check "style and static analysis" timeout 1800 tests/lint.py build/release
part "unit tests and fuzz corpora (asan)" run_unit_tests asan
part "unit tests and fuzz corpora (clang)" run_unit_tests clang
part "unit tests (tsan)" run_unit_tests tsan -R "$threads_share"

workers="-n $(($(nproc) + 1)) --dist loadgroup"
start_system_tests asan asan "$unbound_asan" $workers -m "not alone" tests/system
start_system_tests release release "$unbound" $workers -m "not alone" tests/system
start_system_tests leak leak "$unbound" tests/system/test_torture.py tests/system/test_told_torture.py
finish_system_tests asan release leak
start_system_tests processes processes "$unbound_processes" tests/system/test_processes.py # judges seconds, and so is alone
finish_system_tests processes
for preset in asan release; do
	start_system_tests "$preset, alone" "$preset" "$([ $preset = asan ] && echo "$unbound_asan" || echo "$unbound")" -m alone tests/system
	finish_system_tests "$preset, alone"
done

check "transparency: Unbound's own scenarios with and without the module" timeout 900 tests/transparency.sh --rpl
check "the demo" timeout 600 conf/demo.sh
check "packages: built twice and judged" timeout 2400 tests/packages/build.sh "$work/packages"
check "packages: installed, upgraded and removed" timeout 1200 tests/packages/run.sh "$work/packages"
check "packages under systemd: in any order, and while the resolver is asked" timeout 1200 tests/packages/run.sh --boot "$work/packages"
check "systemd: ways to break the start of a resolver" timeout 1800 tests/systemd/run.sh
finish
