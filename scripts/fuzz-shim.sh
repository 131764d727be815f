#!/usr/bin/env bash
# Goes on fuzzing the shim: ttrpc frames, everything that is decoded, log records, attach clients and options, all at once.
#
#   scripts/fuzz-shim.sh [SECONDS]      an hour unless told otherwise
#
# Starts from the corpora in shim/test/fuzz/corpus and adds to them what reaches more of the code. What makes a target fail
# goes to build/fuzz-shim-findings. Needs Debian's clang.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
seconds=${1:-3600}
command -v clang >/dev/null || { echo 'fuzz-shim: needs clang: apt-get install clang' >&2; exit 1; }

make -s -C shim libfuzzer
findings=build/fuzz-shim-findings work=build/fuzz-shim-work
rm -rf "$work"

# One target to its end, then what is new of what it has found.
fuzz() {
	local name=$1 length=$2 corpus=shim/test/fuzz/corpus/$1 found=$work/$1
	local limits=("-max_len=$length" -timeout=60 "-artifact_prefix=$findings/$name-")
	mkdir -p "$found" "$findings" "$corpus"
	build/shim/libfuzzer-"$name" "$found" "$corpus" "${limits[@]}" "-max_total_time=$seconds" -print_final_stats=1
	build/shim/libfuzzer-"$name" -set_cover_merge=1 "$corpus" "$found" "${limits[@]}"
}

status=0 pids=()
for target in ttrpc:8192 decode:8192 log:40000 attach:8192 options:4096; do
	fuzz "${target%:*}" "${target#*:}" >"build/fuzz-shim-${target%:*}.log" 2>&1 &
	pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || status=1; done
rm -rf "$work"
grep -H 'stat::number_of_executed_units' build/fuzz-shim-*.log
exit $status
