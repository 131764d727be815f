import { maxId } from './user-name.ts';

export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The first entry of /etc/passwd that matches. Lines that are not well formed do not exist: they never mean uid 0. */
export function findUser(passwd: string, matches: (entry: PasswdEntry) => boolean): PasswdEntry | undefined {
  for (const [name = '', , uidText = '', gidText = ''] of fieldsOf(passwd)) {
    const uid = parseId(uidText);
    const gid = parseId(gidText);
    if (name === '' || uid === undefined || gid === undefined) continue;
    const entry = { name, uid, gid };
    if (matches(entry)) return entry;
  }
  return undefined;
}

/** All entries of /etc/group that match, in the file's order. */
export function findGroups(group: string, matches: (entry: GroupEntry) => boolean): GroupEntry[] {
  const found: GroupEntry[] = [];
  for (const [name = '', , gidText = '', members = ''] of fieldsOf(group)) {
    const gid = parseId(gidText);
    if (name === '' || gid === undefined) continue;
    const entry = { name, gid, members: members.split(',').map((member) => member.trim()) };
    if (matches(entry)) found.push(entry);
  }
  return found;
}

/** Line by line, without a list of all lines: the file is the image's, and may be nothing but line ends. */
function* fieldsOf(text: string): Generator<string[]> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line !== '' && !line.startsWith('#')) yield line.split(':');
  }
}

function parseId(text: string): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= maxId ? id : undefined;
}
