import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failedPrecondition, messageOf } from '../../base/errors.ts';
import { readAuthority, readClient } from './certificates.ts';
import type { TlsSettings } from './host.ts';

/**
 * Certificates in a directory as Docker has them: authorities in `*.crt`, clients' in `*.cert` with a `*.key` beside each.
 * Undefined if there are none.
 * @throws GantryError failed-precondition for a key without certificate and for files that are no PEM
 */
export async function dockerCertificates(directory: string): Promise<Partial<TlsSettings> | undefined> {
  const names = await readdir(directory).catch((error) => {
    throw failedPrecondition(`${directory}: ${messageOf(error)}`);
  });
  const withSuffix = (suffix: string) => names.filter((name) => name.endsWith(suffix)).sort();
  const stem = (name: string) => name.slice(0, name.lastIndexOf('.'));
  const certificates = withSuffix('.cert');
  const lonely = withSuffix('.key').find((key) => !certificates.some((name) => stem(name) === stem(key)));
  if (lonely !== undefined)
    throw failedPrecondition(`${join(directory, lonely)}: there is no ${stem(lonely)}.cert for it`);
  const ca = await Promise.all(withSuffix('.crt').map((name) => readAuthority(join(directory, name), directory)));
  const client = await Promise.all(
    certificates.map((name) => {
      const key = `${stem(name)}.key`;
      return readClient(join(directory, name), join(directory, names.includes(key) ? key : name), directory);
    }),
  );
  return ca.length + client.length === 0 ? undefined : { ca, client };
}
