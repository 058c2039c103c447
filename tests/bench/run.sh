#!/bin/bash
# Measures everything: the table and the compiler, what feeds cost in each format, the resolver with the module, the same work in other resolvers, a
# family filter, the instructions, commands that allow and block. Writes tests/bench/results/*.json, draws pictures there, and puts the tables into docs/measured.md.
#
#   tests/bench/run.sh [--quick] [PART...]      parts: measure formats resolver peers family_mix instructions overrides plot report; default all
#
# With --quick, lists are small, results go to build/bench/quick and docs/measured.md stays: some minutes, to see that it works. The
# full run takes about half an hour and 3 GB of memory on a machine that does nothing else. Real lists are read from
# ../shared where that folder is beside this checkout. Never part of the tests: the figures are for people.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
. conf/packages.sh

quick=
if [ "${1:-}" = --quick ]; then
	quick=--quick
	shift
fi
parts=${*:-measure formats resolver peers family_mix instructions overrides plot report}

need_packages $build_packages $unbound_packages python3 nsd dnsperf zstd valgrind gnuplot-nox \
	unbound bind9 pdns-recursor dnsdist knot-resolver
WEIR_UNBOUND=$(conf/build-unbound.sh | tail -n 1)
cmake --preset release -DWEIR_TESTS=ON -DUNBOUND_BUILD_DIR="$(dirname "$WEIR_UNBOUND")" >/dev/null
cmake --build build/release >/dev/null

export WEIR_UNBOUND WEIR_BIN=$top/build/release/bin WEIR_BENCH=$top/build/bench/lists
export WEIR_RESULTS=$top/tests/bench/results PATH=$PATH:/usr/sbin:/sbin PYTHONDONTWRITEBYTECODE=1
[ -z "$quick" ] || WEIR_RESULTS=$top/build/bench/quick

for part in $parts; do
	say "==== $part ($(date +%T), load $(cut -d ' ' -f 1 /proc/loadavg))"
	case $part in
	plot) tests/bench/plot.py "$WEIR_RESULTS" ;;
	report) tests/bench/report.py "$WEIR_RESULTS" $([ -n "$quick" ] || echo docs/measured.md) ;;
	*) "tests/bench/$part.py" $quick ;;
	esac
done
say "results are in $WEIR_RESULTS"
