import { access, readFile, statfs } from 'node:fs/promises';
import { release } from 'node:os';

const tmpfsMagic = 0x01021994;

/** The whole range of ids mapped to itself: only the initial user namespace has that. */
const initialIdMap = /^\s*0\s+0\s+4294967295\s*$/;

/**
 * The options that overlay mounts below `root` need on this machine, besides those configured: a configured option of the
 * same name stands.
 */
export async function overlayOptions(root: string, configured: readonly string[]): Promise<string[]> {
  const options = [...configured];
  if (!hasOption(options, 'userxattr') && (await needsUserXattr(root))) options.push('userxattr');
  // With the inode index a lower directory that was in use with another upper one would be refused.
  if (!hasOption(options, 'index') && (await supportsIndex())) options.push('index=off');
  return options;
}

function hasOption(options: readonly string[], name: string): boolean {
  return options.some((option) => option === name || option.startsWith(`${name}=`));
}

async function supportsIndex(): Promise<boolean> {
  return access('/sys/module/overlay/parameters/index').then(
    () => true,
    () => false,
  );
}

/** Inside a user namespace overlayfs may not write `trusted.` attributes; kernels from 5.11 on can use `user.` ones. */
async function needsUserXattr(root: string): Promise<boolean> {
  const idMap = await readFile('/proc/self/uid_map', 'utf8').catch(() => '');
  if (idMap === '' || initialIdMap.test(idMap)) return false;
  if ((await statfs(root)).type === tmpfsMagic) return false;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 11);
}
