#!/bin/sh
# Installs what the tests of the pages and of the dashboard need: Debian's chromium, and from npm what package-lock.json pins, without
# running any script of theirs. Prints the directory, which is under the cache.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/conf/packages.sh"
need_packages chromium >&2
command -v npm >/dev/null || need_packages nodejs npm >&2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
directory=$cache/browser-$(sha256sum "$top/tests/browser/package-lock.json" | cut -c 1-12)
mkdir -p "$cache"
take_lock "$cache/browser.lock" "the browser's packages"
if [ ! -e "$directory" ]; then
	rm -rf "$directory.new"
	mkdir "$directory.new"
	cp "$top/tests/browser/package.json" "$top/tests/browser/package-lock.json" "$directory.new"
	(cd "$directory.new" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
	mv "$directory.new" "$directory"
fi
printf '%s\n' "$directory"
