#!/usr/bin/env bash
# Runs everything that must hold: types, lint, format, generated code, C tests and all suites of vitest.
# The last line is "N passed, N failed", with ", N skipped" if any were; the status is 0 only if nothing failed.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

[ "$(uname -s)" = Linux ] || { echo 'test.sh: the tests run containers, which needs Linux' >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || { echo 'test.sh: the tests run containers, which needs root: sudo ./scripts/test.sh' >&2; exit 1; }

./scripts/setup.sh --tests || { echo 'test.sh: setup failed, nothing was tested' >&2; exit 1; }
export PATH="$PWD/node_modules/.bin:$PATH"

# One line per group of results: passed failed skipped.
results=$(mktemp)
export TEST_RESULTS_FILE=$results
# A short name, since sockets lie below it.
TMPDIR=$(mktemp -d /tmp/gt-XXXXXX)
export TMPDIR
trap 'rm -rf "$results" "$TMPDIR"' EXIT

# A command that counts as one result.
check() {
	local name=$1
	shift
	echo "== $name"
	if "$@"; then echo '1 0 0' >>"$results"; else
		echo "== $name FAILED"
		echo '0 1 0' >>"$results"
	fi
}

# A command whose last line is "N passed, N failed"; it counts as one failure if it ends otherwise.
counted() {
	local name=$1 output status
	shift
	echo "== $name"
	output=$("$@" 2>&1)
	status=$?
	sed 's/^/  /' <<<"$output"
	if [[ "$(tail -n 1 <<<"$output")" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] &&
		{ [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ]; }; then
		echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]} 0" >>"$results"
	else
		echo '0 1 0' >>"$results"
	fi
}

# Projects of vitest; its reporter adds the counts. A run that ends without having counted a failure is one.
suites() {
	local name=$1 before after
	shift
	echo "== $name"
	before=$(awk '{ failed += $2 } END { print failed + 0 }' "$results")
	vitest run --reporter=default --reporter=./test/helpers/summary-reporter.ts "$@" && return
	after=$(awk '{ failed += $2 } END { print failed + 0 }' "$results")
	[ "$after" -gt "$before" ] || echo '0 1 0' >>"$results"
}

# What tests have left in the temporary folder, but for caches of the tools.
nothing_left() {
	local left
	left=$(find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name node-compile-cache)
	[ -z "$left" ] || { echo "$left" | head -n 20; return 1; }
}

check types npm run --silent typecheck
check lint npm run --silent lint
check format npm run --silent format:check
check 'generated code' npm run --silent proto:check
counted 'C tests of the shim' make -s -C shim test
suites 'unit tests' --project unit
suites 'fuzz tests' --project fuzz
# These share the machine's mounts and cgroups: one file at a time.
suites 'tests with root' --no-file-parallelism --project contract --project integration --project e2e --project faults
check 'nothing left in the temporary folder' nothing_left

awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		line = (passed + 0) " passed, " (failed + 0) " failed"
		if (skipped > 0) line = line ", " skipped " skipped"
		print line
		exit failed > 0
	}
' "$results"
