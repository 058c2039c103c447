#!/bin/bash
# Makes a repository of Weir's packages, signed by a key that nobody keeps; judges them (lint.sh), and builds them a second time
# (reproducible.sh). Exits 0 only if all is right. As root or with sudo.
#
#   tests/packages/build.sh DIRECTORY
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/conf/packages.sh"
[ $# -eq 1 ] || die "usage: build.sh DIRECTORY"
need_packages gnupg
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"' EXIT
trap 'exit 1' HUP INT TERM

gpg --batch --quiet --passphrase '' --quick-gen-key packages@weir.example
"$top/conf/build-debs.sh" --key packages@weir.example --output "$1"
"$top/tests/packages/lint.sh" "$1"
as_root env XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}" "$top/tests/packages/reproducible.sh" "$1"
