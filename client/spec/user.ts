import { notFound } from '../../base/errors.ts';
import type { SpecUser } from './types.ts';
import { findGroups, findUser } from './user-files.ts';
import { type IdOrName, parseUserName } from './user-name.ts';

const maxSupplementaryGroups = 1_024;

/** Reads a file of the container's root file system; undefined if there is none. */
export type ReadRootfs = (path: string) => Promise<string | undefined>;

/**
 * The user to run as, by the container's own /etc/passwd and /etc/group. An empty text is root. A uid needs no entry and
 * then has group 0; a name needs one. Supplementary groups are those that list the user, and always the primary one.
 * @throws GantryError not-found for an unknown name, invalid-argument for a malformed text
 */
export async function resolveUser(text: string, readRootfs: ReadRootfs): Promise<SpecUser> {
  const { user, group } = text === '' ? { user: { id: 0 } } : parseUserName(text);
  const passwd = (await readRootfs('/etc/passwd')) ?? '';
  const groups = (await readRootfs('/etc/group')) ?? '';
  const entry = findUser(passwd, (each) => ('id' in user ? each.uid === user.id : each.name === user.name));
  if (entry === undefined && 'name' in user)
    throw notFound(`user "${user.name}": not found in the container's /etc/passwd`);
  const uid = 'id' in user ? user.id : (entry?.uid ?? 0);
  const gid = group === undefined ? (entry?.gid ?? 0) : resolveGroup(group, groups);
  const supplementary = entry === undefined ? [] : groupsOf(entry.name, groups);
  return { uid, gid, additionalGids: [...new Set([gid, ...supplementary])] };
}

function resolveGroup(group: IdOrName, groups: string): number {
  if ('id' in group) return group.id;
  const [entry] = findGroups(groups, ({ name }) => name === group.name);
  if (entry === undefined) throw notFound(`group "${group.name}": not found in the container's /etc/group`);
  return entry.gid;
}

function groupsOf(user: string, groups: string): number[] {
  const listed = findGroups(groups, ({ name, members }) => name !== user && members.includes(user));
  return listed.slice(0, maxSupplementaryGroups).map(({ gid }) => gid);
}
