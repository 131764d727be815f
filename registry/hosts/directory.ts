import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failedPrecondition, messageOf } from '../../base/errors.ts';
import { dockerCertificates } from './docker-certificates.ts';
import { defaultHost, type RegistryHost } from './host.ts';
import { hostsFromFile } from './hosts-file.ts';

const maxFileBytes = 1024 * 1024;

/**
 * The hosts that serve a registry, those to be asked first in front: by the first of the directories that has something
 * for it, read anew each time so that a change needs no restart.
 * @param scheme of the registry itself where nothing else says it
 * @throws GantryError failed-precondition for files that cannot be read or make no sense, naming file and key
 */
export async function hostsOf(
  domain: string,
  directories: readonly string[],
  scheme?: string,
): Promise<RegistryHost[]> {
  for (const root of directories) {
    const directory = await directoryOf(domain, root);
    if (directory !== undefined) return hostsIn(directory, domain, scheme);
  }
  return [defaultHost(domain, scheme)];
}

/** Names that a registry's directory may have, the first that is there counts. */
export function directoryNames(domain: string): string[] {
  const port = /^(.+):(\d+)$/.exec(domain);
  return [...(port === null ? [] : [`${port[1]}_${port[2]}_`]), domain, '_default'];
}

async function directoryOf(domain: string, root: string): Promise<string | undefined> {
  for (const name of directoryNames(domain)) {
    const path = join(root, name);
    const found = await readable(path, () => stat(path));
    if (found?.isDirectory()) return path;
  }
  return undefined;
}

async function hostsIn(directory: string, domain: string, scheme: string | undefined): Promise<RegistryHost[]> {
  const path = join(directory, 'hosts.toml');
  const text = await readable(path, () => readFile(path, 'utf8'));
  if (text === undefined || text === '') {
    return [defaultHost(domain, scheme, await dockerCertificates(directory))];
  }
  if (text.length > maxFileBytes) throw failedPrecondition(`${path}: is larger than ${maxFileBytes} bytes`);
  return hostsFromFile(text, { path, domain, scheme });
}

/** Undefined if it is not there. */
async function readable<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw failedPrecondition(`${path}: ${messageOf(error)}`);
  }
}
