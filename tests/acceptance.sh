#!/bin/bash
# What Weir publishes of a long list, as others judge it: minisign, named-checkzone and nsd-checkzone, OASIS's schemas of STIX, the rules by
# which MISP takes a feed. And it is made of the state alone: elsewhere, and for whom else, the same octets. By hand, some minutes.
#
#   tests/acceptance.sh [NAMES]   NAMES: how many are published; 200000 unless it is given. STIX and TAXII have as many as they may.
set -euo pipefail

[ $# -le 1 ] || { echo "usage: tests/acceptance.sh [NAMES]" >&2; exit 2; }
cd "$(dirname "$0")/.."
. conf/packages.sh
need_packages bind9-utils nsd minisign libfaketime python3-pytest python3-pytest-subtests python3-dnspython python3-jsonschema
WEIR_NAMES=${1:-200000} /usr/bin/python3 -m pytest -s -q --durations=1 --preset=release tests/system/test_acceptance.py
