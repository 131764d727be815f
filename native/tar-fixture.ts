/** One tar member, written as asked for, sensible or not. Only tests make such. */
export interface TarMember {
  readonly name: string;
  /** Type flag; '0', a regular file, by default. */
  readonly type?: string;
  readonly body?: Uint8Array | string;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  readonly device?: readonly [major: number, minor: number];
  /** Records of a pax header in front of the member. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>;
  /** What the size field says, if not the body's length. */
  readonly sizeField?: number;
  /** Bytes to put over the finished header, at an offset; the checksum follows. */
  readonly patch?: readonly [offset: number, bytes: Uint8Array];
}

const blockBytes = 512;

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes)]);
}

/** Octal where it fits, else GNU's base-256. */
function putNumber(header: Buffer, value: number, offset: number, length: number): void {
  if (value >= 0 && value < 8 ** (length - 1)) {
    header.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1');
    return;
  }
  const field = Buffer.alloc(length, value < 0 ? 0xff : 0);
  field.writeBigInt64BE(BigInt(value), length - 8);
  field[0] = (field[0] ?? 0) | 0x80;
  field.copy(header, offset);
}

function header(member: TarMember, sizeBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(member.name, 0, 100, 'latin1');
  putNumber(block, member.mode ?? 0o644, 100, 8);
  putNumber(block, member.uid ?? 0, 108, 8);
  putNumber(block, member.gid ?? 0, 116, 8);
  putNumber(block, member.sizeField ?? sizeBytes, 124, 12);
  putNumber(block, member.mtime ?? 1_600_000_000, 136, 12);
  block.write(member.type ?? '0', 156, 'latin1');
  block.write(member.link ?? '', 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  if (member.device !== undefined) {
    putNumber(block, member.device[0], 329, 8);
    putNumber(block, member.device[1], 337, 8);
  }
  if (member.patch !== undefined) Buffer.from(member.patch[1]).copy(block, member.patch[0]);
  block.fill(' ', 148, 156);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function paxRecord(key: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function bytesOf(member: TarMember): Buffer {
  const body = Buffer.from(member.body ?? '');
  const own = Buffer.concat([header(member, body.length), padded(body)]);
  if (member.pax === undefined) return own;
  const records = Buffer.concat(Object.entries(member.pax).map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([header({ name: 'PaxHeaders/x', type: 'x' }, records.length), padded(records), own]);
}

/** A tar archive of these members, with the two empty blocks at its end. */
export function tarOf(...members: TarMember[]): Buffer {
  return Buffer.concat([...members.map(bytesOf), Buffer.alloc(2 * blockBytes)]);
}

/** Shorthand for the members tests use most. */
export const member = {
  file: (name: string, body: Uint8Array | string = '', mode = 0o644): TarMember => ({ name, body, mode }),
  directory: (name: string, mode = 0o755): TarMember => ({ name, type: '5', mode }),
  symlink: (link: string, name: string): TarMember => ({ name, type: '2', link, mode: 0o777 }),
  link: (link: string, name: string): TarMember => ({ name, type: '1', link }),
};
