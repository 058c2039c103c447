#!/bin/bash
# Fuzzes with libFuzzer until each target has had its CPU-minutes, two targets at a time:
#
#     tests/fuzz/run.sh MINUTES [TARGET...]
#
# What it learns is kept under ${XDG_CACHE_HOME:-$HOME/.cache}/weir/fuzz and is the start of the next run; the minutes that
# a target has had are counted there too, for the target's present source only. Stops at the first finding and says where it is.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
minutes=${1:?how many CPU-minutes for each target}
shift
learned=${XDG_CACHE_HOME:-$HOME/.cache}/weir/fuzz

cmake -S "$top" --preset fuzz >/dev/null
cmake --build "$top/build/fuzz" >/dev/null
bin=$top/build/fuzz/tests
[ $# -gt 0 ] || set -- $(cd "$bin" && ls | sed -n 's/^fuzz_//p')

# fuzz TARGET: by pieces of some minutes, since libFuzzer counts time that passes and here what counts is time that was worked.
fuzz() {
	local had dir=$learned/$1 build
	build=$(sha256sum <"$bin/fuzz_$1")
	mkdir -p "$dir/corpus"
	[ "$(cat "$dir/build" 2>/dev/null)" = "$build" ] || rm -f "$dir/seconds"
	echo "$build" >"$dir/build"
	had=$(cat "$dir/seconds" 2>/dev/null || echo 0)
	while [ "$had" -lt $((minutes * 60)) ]; do
		if ! (TIMEFORMAT='%U %S'
			time "$bin/fuzz_$1" -max_total_time=120 -timeout=60 -rss_limit_mb=2048 -max_len=16384 \
				-artifact_prefix="$dir/" "$dir/corpus" "$top/tests/fuzz/corpus/$1" 2>"$dir/log") 2>"$dir/time"
		then
			echo "fuzz_$1: a finding after $had s: $dir/log"
			return 1
		fi
		had=$((had + $(awk '{ print int($1 + $2) }' "$dir/time")))
		echo "$had" >"$dir/seconds"
	done
	echo "fuzz_$1: no finding in $((had / 60)) CPU-minutes, $(ls "$dir/corpus" | wc -l) inputs kept"
}

export -f fuzz
export minutes learned bin top
printf '%s\n' "$@" | xargs -P 2 -I{} bash -euo pipefail -c 'fuzz {}'
