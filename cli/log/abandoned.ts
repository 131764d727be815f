import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import { listContainers } from '../../client/container/container.ts';
import type { Messages } from '../../proto/codec.ts';
import type { Cli } from '../action.ts';
import { idOfLogFile, logPathOf } from './store.ts';

type Finding = Messages['gantry.doctor.v1.Finding'];

/** `run` makes the log just before the container. */
const graceMs = 2_000;

/** Logs of this daemon's detached containers whose container is gone; with `repair` they are deleted. */
export async function abandonedLogs(cli: Cli, { repair }: { repair: boolean }): Promise<Finding[]> {
  const first = await logsWithoutContainer(cli);
  if (first.length === 0) return [];
  await delay(graceMs);
  const second = new Set(await logsWithoutContainer(cli));
  const paths = first.filter((path) => second.has(path));
  return Promise.all(paths.map((path) => toFinding(path, repair)));
}

async function logsWithoutContainer(cli: Cli): Promise<string[]> {
  const paths: string[] = [];
  const folder = dirname(dirname(logPathOf({ address: cli.address, namespace: 'any' }, 'any')));
  for (const namespace of await namesIn(folder)) {
    const logs = (await namesIn(join(folder, namespace))).filter((name) => idOfLogFile(name) !== undefined);
    const client = cli.client.with({ namespace });
    const ids = new Set<string>();
    for await (const { id } of listContainers(client)) ids.add(id);
    const abandoned = logs.filter((name) => !ids.has(idOfLogFile(name) ?? ''));
    paths.push(...abandoned.map((name) => join(folder, namespace, name)));
  }
  return paths;
}

async function toFinding(path: string, repair: boolean): Promise<Finding> {
  const sizeBytes = await stat(path).then(
    ({ blocks }) => blocks * 512,
    () => 0,
  );
  const finding = {
    kind: 'log-without-container',
    what: 'log of a container that is gone',
    path,
    sizeBytes,
    advice: 'gantry prune deletes it',
    repaired: false,
    failure: '',
  };
  if (!repair) return finding;
  try {
    await rm(path, { force: true });
    return { ...finding, repaired: true };
  } catch (error) {
    return { ...finding, failure: messageOf(error) };
  }
}

async function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
