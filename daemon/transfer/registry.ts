import { parseReference, type Reference } from '../../image/reference.ts';
import type { OCIRegistry, RegistryResolver } from '../../proto/gen/api/types/transfer/registry.ts';
import type { RepositoryOptions } from '../../registry/client.ts';
import { askClient } from './credentials.ts';
import { httpLog } from './http-log.ts';
import type { Transfer } from './transfer.ts';

/** Opens the repository of a registry in the way that the client wants it done. */
export async function openRepository(transfer: Transfer, { reference: text, resolver }: OCIRegistry) {
  const reference = parseReference(text);
  const options = resolver === null ? {} : optionsOf(transfer, resolver);
  const repository = await transfer.deps.registry.repository(reference, options);
  return { repository, reference, name: `OCI Registry (${text})` };
}

/** The tag or digest of a reference. */
export function objectOf({ tag, digest }: Reference): string {
  return digest ?? tag ?? '';
}

function optionsOf(transfer: Transfer, resolver: RegistryResolver): RepositoryOptions {
  const { authStream, headers, hostDir, defaultScheme, httpDebug, logsStream } = resolver;
  const onExchange = httpLog(transfer, httpDebug, logsStream);
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    ...(authStream === '' ? {} : { findCredentials: askClient(transfer.claim(authStream)) }),
    ...(hostDir === '' ? {} : { hostsDirs: [hostDir] }),
    ...(defaultScheme === '' ? {} : { defaultScheme }),
    ...(onExchange === undefined ? {} : { onExchange }),
  };
}
