#!/bin/sh
# Runs two containers through the shim in a virtual machine with nothing but cgroup v2, and checks their statistics and
# OOM events. For hosts that are not such a machine themselves. Everything is emulated, so no KVM is needed.
#
# Needs qemu-system-x86_64, runc, a static busybox and a kernel: $KERNEL, or else the newest /boot/vmlinuz-* (with
# cgroup2 and an 8250 console built in, as Debian's). Skips with a message and status 0 when one of them is missing.
set -eu
shim=$(cd "$(dirname "$0")/.." && pwd)
build=$shim/../build

skip() {
	echo "skipped: $1"
	exit 0
}

need() {
	command -v "$1" || true
}
qemu=$(need qemu-system-x86_64)
runc=$(need runc)
busybox=$(need busybox)
kernel=${KERNEL:-$(ls -1v /boot/vmlinuz-* 2>/dev/null | tail -1)}
[ -n "$qemu" ] || skip 'no qemu-system-x86_64'
[ -n "$runc" ] || skip 'no runc'
[ -n "$busybox" ] && ! ldd "$busybox" >/dev/null 2>&1 || skip 'no static busybox'
[ -r "$kernel" ] || skip 'no kernel: set KERNEL to one'

make -s -C "$shim" all drive
work=$(mktemp -d /tmp/gantry-v2-XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root

# A bundle whose container waits for the file "go" and then runs the command.
bundle() {
	mkdir -p "$root/bundles/$1/rootfs/bin" "$root/bundles/$1/rootfs/proc" "$root/bundles/$1/rootfs/dev"
	cp "$busybox" "$root/bundles/$1/rootfs/bin/busybox"
	ln -s busybox "$root/bundles/$1/rootfs/bin/sh"
	cat >"$root/bundles/$1/config.json" <<END
{"ociVersion": "1.0.2",
 "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "env": ["PATH=/bin"],
  "args": ["sh", "-c", "until [ -e /go ]; do busybox usleep 10000; done; $2"]},
 "root": {"path": "rootfs"},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]}],
 "linux": {"cgroupsPath": "/drive/$1",
  "resources": {"memory": {"limit": 33554432, "swap": 33554432}, "pids": {"limit": 100},
   "cpu": {"quota": 50000, "period": 100000}},
  "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "network"}]}}
END
}

image() {
	mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/new"
	cp "$busybox" "$root/bin/busybox"
	cp "$runc" "$root/bin/runc"
	cp "$build/containerd-shim-gantry-v1" "$build/shim/drive" "$root/bin"
	for library in $(ldd "$runc" 2>/dev/null | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
	bundle init 'exec busybox tail /dev/zero'
	bundle child 'busybox tail /dev/zero; exit 3'
	# The first root of a machine cannot be pivoted away from, so everything moves to a second one.
	cat >"$root/init" <<'END'
#!/bin/busybox sh
/bin/busybox mount -t tmpfs tmpfs /new
/bin/busybox cp -a /bin /bundles /dev /proc /sys /tmp /stage2 /new
for dir in /lib /lib64 /usr; do [ ! -e $dir ] || /bin/busybox cp -a $dir /new; done
exec /bin/busybox switch_root /new /stage2
END
	cat >"$root/stage2" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for id in init child; do
	echo "container $id"
	drive /bin/containerd-shim-gantry-v1 /bundles/$id $id
	echo "status $?"
done
reboot -f
END
	chmod +x "$root/init" "$root/stage2"
	(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initramfs"
}

failed=0
# Whether $2 says the extended expression $3 in one of its lines.
expect() {
	if printf '%s\n' "$2" | grep -Eq "^$3\$"; then
		return
	fi
	echo "failed: $1: no line $3"
	failed=1
}

check() {
	report=$(sed -n "/^container $1\$/,/^status /p" "$work/console")
	ended=$(printf '%s\n' "$report" | sed -n '/^stats ended/,$p')
	expect "$1" "$report" 'stats running io.containerd.cgroups.v2.Metrics'
	expect "$1" "$report" 'pids.current [1-9].*'
	expect "$1" "$report" 'pids.limit 100'
	expect "$1" "$report" 'memory.usage_limit 33554432'
	expect "$1" "$report" 'memory.pgfault [1-9].*'
	expect "$1" "$report" 'cpu.usage_usec [1-9].*'
	expect "$1" "$report" 'event /tasks/create'
	expect "$1" "$report" 'event /tasks/delete'
	expect "$1" "$ended" 'memory_events.oom_kill 1'
	expect "$1" "$report" "exit $2"
	expect "$1" "$report" 'status 0'
	events=$(printf '%s\n' "$report" | sed -n 's/^event //p' | tr '\n' ' ')
	[ "$events" = '/tasks/create /tasks/start /tasks/oom /tasks/exit /tasks/delete ' ] || {
		echo "failed: $1: events $events"
		failed=1
	}
}

image
timeout 120 "$qemu" -accel tcg -m 512 -no-reboot -display none -monitor none -serial stdio \
	-kernel "$kernel" -initrd "$work/initramfs" -append 'console=ttyS0 quiet panic=-1' </dev/null 2>&1 |
	tr -d '\r' >"$work/console"
check init 137
check child 3
if [ -n "${VERBOSE:-}" ] || [ $failed = 1 ]; then
	cat "$work/console"
fi
[ $failed = 1 ] || echo passed
exit $failed
