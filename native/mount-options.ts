import { GantryError, invalidArgument } from '../base/errors.ts';
import { type IdMap, parseIdMap } from './id-map.ts';

/** `MS_*` bits of mount(2). */
export const ms = {
  rdonly: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  synchronous: 0x10,
  remount: 0x20,
  mandlock: 0x40,
  dirsync: 0x80,
  noatime: 0x400,
  nodiratime: 0x800,
  bind: 0x1000,
  rec: 0x4000,
  unbindable: 0x20000,
  private: 0x40000,
  slave: 0x80000,
  shared: 0x100000,
  relatime: 0x200000,
  strictatime: 0x1000000,
} as const;

/** Mount options taken apart as containerd does it. */
export interface MountOptions {
  /** `MS_*` bits, without those of propagation. */
  readonly flags: number;
  /** Changes of propagation, each with `MS_REC` where asked for, in the order given. */
  readonly propagation: readonly number[];
  /** Everything that is no flag: options of the file system, in the order given. */
  readonly data: readonly string[];
  /** Owners to be shown instead of those of the files. */
  readonly idMap: IdMap | undefined;
}

const setting: Readonly<Record<string, number>> = {
  bind: ms.bind,
  rbind: ms.bind | ms.rec,
  dirsync: ms.dirsync,
  mand: ms.mandlock,
  noatime: ms.noatime,
  nodev: ms.nodev,
  nodiratime: ms.nodiratime,
  noexec: ms.noexec,
  nosuid: ms.nosuid,
  relatime: ms.relatime,
  remount: ms.remount,
  ro: ms.rdonly,
  strictatime: ms.strictatime,
  sync: ms.synchronous,
};

const clearing: Readonly<Record<string, number>> = {
  async: ms.synchronous,
  atime: ms.noatime,
  dev: ms.nodev,
  diratime: ms.nodiratime,
  exec: ms.noexec,
  nomand: ms.mandlock,
  norelatime: ms.relatime,
  nostrictatime: ms.strictatime,
  rw: ms.rdonly,
  suid: ms.nosuid,
};

const propagations: Readonly<Record<string, number>> = {
  private: ms.private,
  rprivate: ms.private | ms.rec,
  shared: ms.shared,
  rshared: ms.shared | ms.rec,
  slave: ms.slave,
  rslave: ms.slave | ms.rec,
  unbindable: ms.unbindable,
  runbindable: ms.unbindable | ms.rec,
};

/**
 * Sorts options into flags, propagation and data. Later options win over earlier ones.
 * @throws GantryError invalid-argument for an option that is meant for a mount manager (`X-containerd.*`) or an id map
 * that is none, unimplemented for `loop`
 */
export function parseMountOptions(options: readonly string[]): MountOptions {
  let flags = 0;
  const propagation: number[] = [];
  const data: string[] = [];
  const maps: { uid?: string; gid?: string } = {};
  for (const option of options) {
    if (option.startsWith('X-containerd.')) {
      throw invalidArgument(`mount option "${option}" belongs to a mount manager`);
    }
    if (option === 'loop') throw new GantryError('unimplemented', 'mount option "loop" is not supported');
    if (option.startsWith('uidmap=')) maps.uid = option.slice('uidmap='.length);
    else if (option.startsWith('gidmap=')) maps.gid = option.slice('gidmap='.length);
    else if (Object.hasOwn(setting, option)) flags |= setting[option] ?? 0;
    else if (Object.hasOwn(clearing, option)) flags &= ~(clearing[option] ?? 0);
    else if (Object.hasOwn(propagations, option)) propagation.push(propagations[option] ?? 0);
    else data.push(option);
  }
  return { flags, propagation, data, idMap: parseIdMap(maps.uid, maps.gid) };
}
