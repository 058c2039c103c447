#!/bin/bash
# As root under systemd: see run.sh. Some of the ways to break the start, for each test run.
cd "$(dirname "$0")/../.." || exit 1
. tests/systemd/lib.sh
only="^(Debian's Unbound is back|an Unbound with other options|weir.so is (gone|of another architecture|not readable)|another library cannot be preloaded|Unbound's sandbox hides weir.so|the table is damaged"
only+="|/run/weir is full|the snippet (is doubled|cannot be written)|another module-config behind the snippet|the guard is killed)$"
within 30 systemctl is-active feedsync >/dev/null
check "installed as the how-to says: protected" protected
check "all is well, says status" within 20 feedsync status
keep_whole
. tests/systemd/ways.sh
echo "$failed failed"
[ "$failed" -eq 0 ]
