import { resolve } from 'node:path';
import { parseDuration } from '../../base/duration.ts';
import { readAuthority, readClient } from './certificates.ts';
import { capabilities as allCapabilities, type Capability, type TlsSettings } from './host.ts';
import type { HostTable } from './host-table.ts';

/** What hosts.toml can say of any host. */
export interface HostFields {
  readonly capabilities: ReadonlySet<Capability>;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Absent if nothing is said of TLS. */
  readonly tls: Partial<TlsSettings> | undefined;
  readonly dialTimeoutMs: number | undefined;
  /** The path of the URL is that of the API, whatever it ends with. */
  readonly overridePath: boolean;
}

export const hostFieldNames: readonly string[] = [
  ...['capabilities', 'ca', 'client', 'skip_verify', 'header', 'override_path', 'dial_timeout'],
];

const longestDialMs = 600_000;

/**
 * Reads them, and the files that they name.
 * @throws GantryError failed-precondition
 */
export async function readHostFields(table: HostTable, baseDirectory: string): Promise<HostFields> {
  return {
    capabilities: readCapabilities(table),
    headers: readHeaders(table),
    tls: await readTls(table, baseDirectory),
    dialTimeoutMs: readDialTimeout(table),
    overridePath: table.boolean('override_path') ?? false,
  };
}

function readCapabilities(table: HostTable): ReadonlySet<Capability> {
  const value = table.value('capabilities') ?? [];
  const expected = `a list of some of ${allCapabilities.map((name) => `"${name}"`).join(', ')}`;
  if (!isStrings(value)) throw table.wrong('capabilities', expected);
  const names = value.map((name) => name.toLowerCase());
  const known = names.filter((name): name is Capability => (allCapabilities as readonly string[]).includes(name));
  if (known.length < names.length) throw table.wrong('capabilities', expected);
  return new Set(known.length === 0 ? allCapabilities : known);
}

function readHeaders(table: HostTable): Record<string, readonly string[]> {
  const value = table.value('header') ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw table.wrong('header', 'a table');
  const headers: Record<string, readonly string[]> = {};
  for (const [name, item] of Object.entries(value)) {
    const values = typeof item === 'string' ? [item] : item;
    if (!isStrings(values)) throw table.wrong(`header.${name}`, 'a string or a list of strings');
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || values.some((text) => /[^\t\x20-\x7e\x80-\xff]/.test(text))) {
      throw table.wrong(`header.${name}`, 'the name and text of an HTTP header');
    }
    headers[name.toLowerCase()] = values;
  }
  return headers;
}

async function readTls(table: HostTable, baseDirectory: string): Promise<Partial<TlsSettings> | undefined> {
  const skipVerify = table.boolean('skip_verify');
  const authorities = table.value('ca');
  const clients = clientPaths(table);
  const paths = typeof authorities === 'string' ? [authorities] : (authorities ?? []);
  if (!isStrings(paths)) throw table.wrong('ca', 'the path of a file or a list of them');
  if (skipVerify === undefined && authorities === undefined && table.value('client') === undefined) return undefined;
  const ca = paths.map((path) => readAuthority(resolve(baseDirectory, path), `${table.where}: ca`));
  const client = clients.map(([cert, key]) => {
    const certPath = resolve(baseDirectory, cert);
    return readClient(certPath, key === '' ? certPath : resolve(baseDirectory, key), `${table.where}: client`);
  });
  return {
    ca: await Promise.all(ca),
    client: await Promise.all(client),
    ...(skipVerify === undefined ? {} : { skipVerify }),
  };
}

/** Pairs of certificate and key; a key without a path lies in the file of its certificate. */
function clientPaths(table: HostTable): [string, string][] {
  const value = table.value('client') ?? [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => {
    if (typeof item === 'string') return [item, ''];
    if (isStrings(item) && item.length === 2) return [item[0] ?? '', item[1] ?? ''];
    throw table.wrong('client', 'the path of a file, a list of them, or a list of pairs [certificate, key]');
  });
}

function readDialTimeout(table: HostTable): number | undefined {
  const text = table.string('dial_timeout');
  if (text === undefined || text === '') return undefined;
  const ms = Math.ceil(Number(parseDuration(text) ?? -1n) / 1e6);
  if (ms <= 0 || ms > longestDialMs)
    throw table.wrong('dial_timeout', 'a duration such as "5s", of ten minutes at most');
  return ms;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
