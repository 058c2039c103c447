#!/bin/bash
# Resolvers of others take a policy zone that Weir publishes: BIND, PowerDNS Recursor and Debian's own Unbound by transfers from Knot
# DNS, Knot Resolver from the file. What is listed is blocked, what is withdrawn resolves again. By hand, some minutes; prints how long
# each thing took.
#
#   tests/foreign.sh [NAMES]   NAMES: how many are published; 200000 unless it is given
set -euo pipefail

[ $# -le 1 ] || { echo "usage: tests/foreign.sh [NAMES]" >&2; exit 2; }
cd "$(dirname "$0")/.."
. conf/packages.sh
need_packages bind9 bind9-utils pdns-recursor unbound knot knot-resolver nsd minisign python3-pytest python3-pytest-subtests python3-dnspython
WEIR_NAMES=${1:-200000} /usr/bin/python3 -m pytest -s -q --preset=release tests/system/foreign.py
