#!/usr/bin/env bash
# Measures Gantry beside Debian's containerd, in the same run with the same client, and prints a table; --json for JSON,
# --only SECTION,... for some of it (the names are in test/bench/main.ts).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
[ "$(id -u)" -eq 0 ] || { echo 'bench.sh: measuring containers needs root: sudo ./scripts/bench.sh' >&2; exit 1; }
./scripts/setup.sh --tests >&2
exec node_modules/.bin/node test/bench/main.ts "$@"
