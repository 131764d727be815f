#!/usr/bin/env bash
# Goes on fuzzing the unpacking of layers: decompression, tar, and what entries do to a directory.
#
#   scripts/fuzz-apply.sh [SECONDS]      an hour unless told otherwise
#
# Starts from the corpus in test/fuzz/apply-corpus and adds to it what reaches more of the code. What makes it fail goes to
# build/fuzz-apply-findings. Needs root, for a mount namespace of its own in which all else is read-only, and Debian's
# clang.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
seconds=${1:-3600}
[ "$(id -u)" -eq 0 ] || { echo 'fuzz-apply: needs root: sudo scripts/fuzz-apply.sh' >&2; exit 1; }
command -v clang >/dev/null || { echo 'fuzz-apply: needs clang: apt-get install clang' >&2; exit 1; }

corpus=$PWD/test/fuzz/apply-corpus findings=$PWD/build/fuzz-apply-findings work=$PWD/build/fuzz-apply-work
limits=(-max_len=32768 -timeout=30 "-artifact_prefix=$findings/")
make -s -C native fuzz-apply FUZZ_CC=clang
rm -rf "$work"
mkdir -p "$findings" "$work/found"
export GANTRY_FUZZ_WRITABLE=$findings:$work:$corpus TMPDIR=$work
build/fuzz-apply-libfuzzer "$work/found" "$corpus" "${limits[@]}" "-max_total_time=$seconds" -print_final_stats=1
build/fuzz-apply-libfuzzer -merge=1 "$corpus" "$work/found" "${limits[@]}"
rm -rf "$work"
echo "fuzz-apply: $(find "$corpus" -type f | wc -l) files of $(du -sh --apparent-size "$corpus" | cut -f1) in $corpus"
