#!/usr/bin/env bash
# Shows what Gantry is for: a container that counts goes on while its daemon is killed and started again, and nothing of
# its output or exit status is lost. Uses private paths and leaves nothing behind but build/ and node_modules/.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

refuse() {
	echo "quickstart: $1" >&2
	exit 1
}

[ "$(uname -s)" = Linux ] || refuse 'Gantry runs Linux containers, and this system is not Linux'
[ "$(id -u)" -eq 0 ] || refuse 'running containers needs root: sudo ./scripts/quickstart.sh'
grep -qE '^[^ ]+ [^ ]+ cgroup2? ' /proc/mounts || refuse 'no cgroups are mounted here, and containers cannot be kept in bounds without'

./scripts/setup.sh

image=docker.io/library/busybox:gantry
archive=build/busybox.tar
last=40
folder=$(mktemp -d /tmp/gantry-XXXXXX)
socket=$folder/gantry.sock
daemon=

# A namespace of its own too, since containers' cgroups are named by it.
namespace=quickstart
export GANTRY_DATA=$folder/cli

gantry() { bin/gantry --address "$socket" --namespace "$namespace" "$@"; }

# Starts the daemon and waits until it answers, ten seconds at most.
start_daemon() {
	# In a session of its own, so that an interrupt at the terminal does not end it before the container.
	setsid bin/gantryd --root "$folder/root" --state "$folder/state" --address "$socket" 2>>"$folder/log" &
	daemon=$!
	local tries
	for tries in {1..100}; do
		gantry version >/dev/null 2>&1 && return
		kill -0 "$daemon" 2>/dev/null || break
		sleep 0.1
	done
	echo "quickstart: gantryd does not answer after $tries tries: $(tail -n 3 "$folder/log")" >&2
	return 1
}

clean_up() {
	local status=$?
	trap - EXIT INT TERM
	set +e
	# Only a daemon can end the container, and an interrupt may come while there is none.
	if [ -e "$socket" ]; then
		[ -n "$daemon" ] || start_daemon
		gantry rm --force counter >/dev/null 2>&1
	fi
	if [ -n "$daemon" ]; then
		kill "$daemon" 2>/dev/null
		wait "$daemon" 2>/dev/null
	fi
	rm -rf "$folder"
	# runc leaves the empty parents of the containers' cgroups.
	rmdir /sys/fs/cgroup/"$namespace" /sys/fs/cgroup/*/"$namespace" 2>/dev/null
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Waits until the container has printed that number.
reach() {
	local tries=0
	until gantry logs counter | grep -qx "$1"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || refuse "the container never counted to $1"
		sleep 0.05
	done
}

echo "== an image of Debian's busybox"
node_modules/.bin/node scripts/busybox-image.ts "$archive"

echo '== gantryd, on a socket of its own'
start_daemon
gantry import "$archive"
gantry images

echo "== a container that counts to $last, ten a second, and exits with status 7"
# shellcheck disable=SC2016 # the container's shell expands these
count='i=1; while [ $i -le '$last' ]; do echo $i; i=$((i + 1)); usleep 100000; done; exit 7'
gantry run --detach --name counter "$image" sh -c "$count"
reach 10
gantry ps

echo '== the daemon is killed with SIGKILL; the container does not notice'
{ kill -KILL "$daemon" && wait "$daemon"; } 2>/dev/null || true
daemon=
sleep 1

echo '== the daemon is started again, and knows the container'
start_daemon
gantry ps

echo '== what it printed, from beginning to end'
status=$(gantry wait counter)
output=$(gantry logs counter)
paste -s -d ' ' <<<"$output"
[ "$output" = "$(seq "$last")" ] || refuse 'the output has a gap'
[ "$status" = 7 ] || refuse "the exit status is $status instead of 7"
echo "== complete, 1 to $last without a gap; exit status $status"
gantry rm counter >/dev/null

cat <<END

Next, to try it yourself:
  sudo bin/gantryd &
  sudo bin/gantry import $archive
  sudo bin/gantry run --rm -it $image sh
END
