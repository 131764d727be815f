#!/usr/bin/env bash
# Makes a checkout ready to run: Debian packages, npm packages, the native parts and the bundles in build/.
#
#   scripts/setup.sh          what gantryd, gantry and the quickstart need
#   scripts/setup.sh --tests  and what the tests and benchmarks need
#
# Does only what is missing or out of date, so that a second run takes a second.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

# What to build with, what the native parts link to, what runs containers, what the quickstart's image is made of.
packages=(gcc make libc6-dev musl-tools nettle-dev libarchive-dev libisal-dev libzstd-dev runc busybox-static iproute2
	util-linux)
# The peer that every black-box test is also run against, and the tools of tests and benchmarks.
test_packages=(containerd docker.io docker-registry criu e2fsprogs mount umoci skopeo strace hyperfine git attr
	libcap2-bin procps zstd openssl)
# Node only to run npm: the version that Gantry runs on is an npm package.
npm_packages=(nodejs npm)

fail() {
	echo "setup: $1" >&2
	exit 1
}

missing_packages() {
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
	done
}

# Keeps the packages from starting services of theirs; a policy that the machine has already is left alone.
without_services() {
	local policy=/usr/sbin/policy-rc.d
	if [ -e "$policy" ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	local status=0
	"$@" || status=$?
	rm -f "$policy"
	return "$status"
}

install_packages() {
	local wanted=("${packages[@]}")
	[ "${1:-}" = --tests ] && wanted+=("${test_packages[@]}")
	command -v npm >/dev/null || wanted+=("${npm_packages[@]}")
	command -v dpkg-query >/dev/null || return 0
	local missing
	mapfile -t missing < <(missing_packages "${wanted[@]}")
	[ "${#missing[@]}" -eq 0 ] && return
	[ "$(id -u)" -eq 0 ] || fail "these packages are missing, and installing them needs root: ${missing[*]}"
	echo "setup: installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	without_services apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# Puts the Node that package.json pins into a folder, by the machine's npm on whatever Node it has.
install_pinned_node() {
	local folder=$1 version
	version=$(sed -n 's/^ *"node": "\([0-9.]*\)".*/\1/p' package.json)
	rm -rf "$folder"
	mkdir -p "$folder"
	echo '{ "allowScripts": { "node": true } }' >"$folder/package.json"
	(cd "$folder" && npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error "node@$version")
}

install_npm_packages() {
	local stamp=node_modules/.installed-from bootstrap=$PWD/build/bootstrap want
	want=$(sha256sum <package-lock.json)
	[ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
	command -v npm >/dev/null || fail 'npm is missing and could not be installed: install it and run this again'
	echo 'setup: installing npm packages'
	# npm leaves out optional packages that are not for the Node it runs on, so it has to run on ours.
	install_pinned_node "$bootstrap"
	PATH="$bootstrap/node_modules/node/bin:$PATH" NODE_OPTIONS=--no-deprecation \
		node "$(readlink -f "$(command -v npm)")" ci --include=dev --no-audit --no-fund --loglevel=error
	rm -rf "$bootstrap"
	[[ "$(node_modules/.bin/node --version)" == v24.* ]] || fail 'node_modules/.bin/node is not Node 24'
	echo "$want" >"$stamp"
}

build_native_parts() {
	local program
	mkdir -p build
	make -s -C native
	make -s -C shim
	for program in reaper pty power-cut; do
		[ "build/test-$program" -nt "test/helpers/$program.c" ] && continue
		gcc -std=gnu11 -O2 -Wall -Wextra -Werror -o "build/test-$program" "test/helpers/$program.c"
	done
	# This one runs in containers, which have no libraries.
	[ build/test-writer -nt test/helpers/writer.c ] ||
		musl-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -o build/test-writer test/helpers/writer.c
}

build_bundles() {
	local sources=(base proto ttrpc native snapshotter daemon client cli scripts/build.ts package-lock.json)
	if [ -e build/gantryd.js ] && [ -e build/gantry.js ] && [ -e build/gantry-snapshotter.js ]; then
		# A folder is newer than the bundle when a file in it came or went.
		[ -z "$(find "${sources[@]}" -newer build/gantryd.js -print -quit)" ] && return
	fi
	echo 'setup: bundling'
	node_modules/.bin/node scripts/build.ts
}

install_packages "${1:-}"
install_npm_packages
build_native_parts
build_bundles
