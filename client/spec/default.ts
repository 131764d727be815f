import type { Spec, SpecMount, SpecResources } from './types.ts';

/** Every call makes a new object: two containers never share a part of their specs. */
export function defaultSpec(namespace: string, id: string): Spec {
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: {
      user: { uid: 0, gid: 0 },
      args: [],
      env: [],
      cwd: '/',
      capabilities: {
        bounding: defaultCapabilities(),
        effective: defaultCapabilities(),
        permitted: defaultCapabilities(),
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    mounts: defaultMounts(),
    linux: {
      cgroupsPath: `/${namespace}/${id}`,
      resources: { devices: defaultDevices() },
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })),
      maskedPaths: [
        '/proc/acpi',
        '/proc/asound',
        '/proc/kcore',
        '/proc/keys',
        '/proc/latency_stats',
        '/proc/timer_list',
        '/proc/timer_stats',
        '/proc/sched_debug',
        '/sys/firmware',
        '/sys/devices/virtual/powercap',
        '/proc/scsi',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}

function defaultCapabilities(): string[] {
  return [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FSETID',
    'CAP_FOWNER',
    'CAP_MKNOD',
    'CAP_NET_RAW',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_SETFCAP',
    'CAP_SETPCAP',
    'CAP_NET_BIND_SERVICE',
    'CAP_SYS_CHROOT',
    'CAP_KILL',
    'CAP_AUDIT_WRITE',
  ];
}

function defaultMounts(): SpecMount[] {
  const sealed = ['nosuid', 'noexec', 'nodev'];
  const tmpfs = ['nosuid', 'strictatime', 'mode=755', 'size=65536k'];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: [...sealed] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: [...tmpfs] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...sealed, 'mode=1777', 'size=65536k'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: [...sealed] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...sealed, 'ro'] },
    { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: [...tmpfs] },
  ];
}

/** Everything is denied but the pseudo devices that every program expects. */
function defaultDevices(): SpecResources['devices'] {
  const allowed: [major: number, minor?: number][] = [
    [1, 3], // null
    [1, 8], // random
    [1, 7], // full
    [5, 0], // tty
    [1, 5], // zero
    [1, 9], // urandom
    [5, 1], // console
    [136], // pts/*
    [5, 2], // ptmx
  ];
  return [
    { allow: false, access: 'rwm' },
    ...allowed.map(([major, minor]) => ({
      allow: true,
      type: 'c',
      major,
      ...(minor === undefined ? {} : { minor }),
      access: 'rwm',
    })),
  ];
}
