/** What stands in the header of one tar entry. Names are `latin1` strings, one character for each byte. */
export interface TarEntry {
  readonly type: TarType;
  readonly path: string;
  /** Of a hard or symbolic link; '' for others. */
  readonly linkTarget: string;
  /** Permissions with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes by name. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

const blockSizeBytes = 512;
const nsPerSecond = 1_000_000_000n;
const typeFlags: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/** Offsets and lengths of the fields of a ustar header (POSIX.1-1988). */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
} as const;

/** The end of an archive. */
export const tarTrailer = Buffer.alloc(2 * blockSizeBytes);

/** The zeros after `sizeBytes` of contents. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((blockSizeBytes - (sizeBytes % blockSizeBytes)) % blockSizeBytes);
}

/** The header of an entry, with a pax header before it for all that ustar cannot say. */
export function tarHeader(entry: TarEntry): Buffer {
  const pax: [key: string, value: Buffer][] = [];
  const text = (key: string, value: string) => {
    if (value.length <= 100 && /^[\x20-\x7e]*$/.test(value)) return value;
    pax.push([key, Buffer.from(value, 'latin1')]);
    return value.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, 100);
  };
  const number = (key: string, value: number, digits: number) => {
    if (value >= 0 && value < 8 ** digits) return value;
    pax.push([key, Buffer.from(String(value))]);
    return 0;
  };
  const { seconds, fraction } = timeOf(entry.mtimeNs);
  const header = ustar({
    ...entry,
    path: text('path', entry.path),
    linkTarget: text('linkpath', entry.linkTarget),
    uid: number('uid', entry.uid, 7),
    gid: number('gid', entry.gid, 7),
    sizeBytes: number('size', entry.sizeBytes, 11),
    mtimeS: fraction === '' ? number('mtime', seconds, 11) : seconds,
  });
  if (fraction !== '') pax.push(['mtime', Buffer.from(`${seconds}.${fraction}`)]);
  for (const [name, value] of entry.xattrs) pax.push([`SCHILY.xattr.${name}`, value]);
  return pax.length === 0 ? header : Buffer.concat([paxHeader(pax), header]);
}

/**
 * Seconds and decimals of a time. Before the epoch it is rounded down to whole seconds: readers do not agree on what a
 * negative number with decimals is.
 */
function timeOf(ns: bigint): { seconds: number; fraction: string } {
  const rest = ((ns % nsPerSecond) + nsPerSecond) % nsPerSecond;
  const decimals = ns < 0n ? '' : String(rest).padStart(9, '0').replace(/0+$/, '');
  return { seconds: Number((ns - rest) / nsPerSecond), fraction: decimals };
}

function paxHeader(records: [key: string, value: Buffer][]): Buffer {
  const body = Buffer.concat(records.sort(([a], [b]) => (a < b ? -1 : 1)).map(paxRecord));
  const header = ustar(
    {
      type: 'file',
      path: 'PaxHeaders.0/entry',
      linkTarget: '',
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: body.length,
      mtimeS: 0,
      deviceMajor: 0,
      deviceMinor: 0,
    },
    'x',
  );
  return Buffer.concat([header, body, tarPadding(body.length)]);
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits too. */
function paxRecord([key, value]: [string, Buffer]): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** What stands in a ustar header; numbers that do not fit are told before it. */
type UstarFields = Omit<TarEntry, 'mtimeNs' | 'xattrs'> & { readonly mtimeS: number };

function ustar(entry: UstarFields, flag = typeFlags[entry.type]): Buffer {
  const block = Buffer.alloc(blockSizeBytes);
  const text = ([offset, length]: readonly [number, number], value: string) => {
    block.write(value, offset, length, 'latin1');
  };
  const octal = ([offset, length]: readonly [number, number], value: number) => {
    block.write(value.toString(8).padStart(length - 1, '0'), offset, length - 1, 'latin1');
  };
  text(fields.name, entry.path);
  octal(fields.mode, entry.mode);
  octal(fields.uid, entry.uid);
  octal(fields.gid, entry.gid);
  octal(fields.size, entry.sizeBytes);
  octal(fields.mtime, entry.mtimeS);
  text(fields.type, flag);
  text(fields.linkName, entry.linkTarget);
  text(fields.magic, 'ustar\x0000');
  octal(fields.deviceMajor, entry.deviceMajor);
  octal(fields.deviceMinor, entry.deviceMinor);
  text(fields.checksum, ' '.repeat(8));
  const sum = block.reduce((total, byte) => total + byte, 0);
  text(fields.checksum, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}
