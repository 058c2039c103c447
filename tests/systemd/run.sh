#!/bin/sh
# Weir under a real systemd: a minimal Debian 12 is set up by the very commands of docs/howto/install.md, started,
# and then Unbound comes back without dynlib, weir.so is gone, damaged or another's, and so on: DNS must go on each time.
# Prints a line for each check and exits 0 only if all passed. As root or with sudo.
exec "$(dirname "$0")/../fresh.sh" --boot tests/systemd/checks.sh tests/systemd/install.sh
