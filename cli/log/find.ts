import { createReadStream, existsSync } from 'node:fs';
import { isKind, notFound } from '../../base/errors.ts';
import { getContainer } from '../../client/container/container.ts';
import { logUriLabel } from '../../client/image/labels.ts';
import type { Cli } from '../action.ts';
import { attachPathOf, logPathOf } from './store.ts';
import { type LogUri, parseLogUri } from './uri.ts';

/** A daemon that is slow to say where the log is must not keep us from showing it. */
const lookupTimeoutMs = 2_000;
const recordStart = '{"log":"';

/**
 * The log of a container: by its label, or, while the daemon cannot be asked, by where this program would have put it.
 * @throws GantryError not-found
 */
export async function findLog(cli: Cli, id: string): Promise<LogUri> {
  const log = await labelledLog(cli, id);
  if (log === undefined || !isThere(log.path)) {
    throw notFound(`container "${id}": has no log; only containers started with run --detach have one`);
  }
  return log;
}

/** Whether there is a log, also at the moment of its rotation at which the newest file has no name. */
export function isThere(path: string): boolean {
  // The first was renamed to the second, or, if that is just free, has come back.
  return [path, `${path}.1`, path].some((name) => existsSync(name));
}

async function labelledLog(cli: Cli, id: string): Promise<LogUri | undefined> {
  try {
    const { labels } = await getContainer(cli.client, id, { timeoutMs: lookupTimeoutMs });
    return parseLogUri(labels[logUriLabel] ?? '');
  } catch (error) {
    const path = logPathOf(cli, id);
    const isSilent = isKind(error, 'unavailable') || isKind(error, 'deadline-exceeded');
    if (isSilent && isThere(path)) return guess(cli, id, path);
    throw error;
  }
}

/** Only our shim has an attach socket, and only it writes records. */
async function guess(cli: Cli, id: string, path: string): Promise<LogUri> {
  const [first] = await createReadStream(path, { end: recordStart.length - 1 }).toArray();
  const isJson = `${first}` === recordStart;
  return { format: isJson ? 'json' : 'raw', path, attachPath: isJson ? attachPathOf(cli, id) : undefined };
}
