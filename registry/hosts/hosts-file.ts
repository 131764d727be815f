import { dirname } from 'node:path';
import { parse } from 'smol-toml';
import { failedPrecondition, messageOf } from '../../base/errors.ts';
import { defaultHost, type RegistryHost } from './host.ts';
import { type HostFields, hostFieldNames, readHostFields } from './host-fields.ts';
import { HostTable } from './host-table.ts';
import { type HostUrl, parseHostUrl } from './host-url.ts';

export interface HostsFileContext {
  /** Of the file; what it names relatively lies beside it. */
  readonly path: string;
  /** The registry that it is about. */
  readonly domain: string;
  readonly scheme: string | undefined;
}

/**
 * Reads a hosts.toml: the tables `[host."URL"]` in their order, and then what is meant by `server`, which is the registry
 * itself if it is not named. `fallback = false` leaves the registry itself out.
 * @throws GantryError failed-precondition naming the file, the key, and what is expected of it
 */
export async function hostsFromFile(text: string, context: HostsFileContext): Promise<RegistryHost[]> {
  const root = HostTable.of(toml(text, context.path), context.path);
  root.only([...hostFieldNames, 'server', 'fallback', 'host']);
  const baseDirectory = dirname(context.path);
  const hosts: RegistryHost[] = [];
  for (const [url, table] of root.tables('host')) {
    table.only(hostFieldNames);
    const fields = await readHostFields(table, baseDirectory);
    hosts.push(hostAt(parseHostUrl(url, fields.overridePath, table.where), fields, false));
  }
  const server = root.string('server');
  if (root.boolean('fallback') === false) {
    if (server !== undefined) throw failedPrecondition(`${root.where}: "server" is never asked with fallback = false`);
    if (hosts.length === 0) throw failedPrecondition(`${root.where}: fallback = false needs a [host."URL"] table`);
    return hosts;
  }
  const fields = await readHostFields(root, baseDirectory);
  const upstream =
    server === undefined
      ? defaultUpstream(context, fields)
      : hostAt(parseHostUrl(server, fields.overridePath, `${root.where}: server`), fields, true);
  return [...hosts, upstream];
}

function toml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw failedPrecondition(
      `${path}: ${messageOf(error)
        .trim()
        .replace(/\s*\n\s*/g, ' | ')}`,
    );
  }
}

function hostAt({ scheme, authority, path }: HostUrl, fields: HostFields, isUpstream: boolean): RegistryHost {
  const { tls, capabilities, headers, dialTimeoutMs } = fields;
  // A scheme of http beside settings of TLS: the one that can be trusted more is tried first.
  const isAmbiguous = scheme === 'http' && tls !== undefined && !authority.endsWith(':80');
  return {
    scheme: isAmbiguous ? 'https' : scheme,
    authority,
    path,
    capabilities,
    headers,
    tls: tls === undefined ? undefined : { ca: [], client: [], skipVerify: false, ...tls },
    dialTimeoutMs,
    mayFallBackToHttp: isAmbiguous,
    isUpstream,
  };
}

function defaultUpstream({ domain, scheme }: HostsFileContext, fields: HostFields): RegistryHost {
  const { capabilities, headers, dialTimeoutMs, tls } = fields;
  return { ...defaultHost(domain, scheme, tls), capabilities, headers, dialTimeoutMs };
}
