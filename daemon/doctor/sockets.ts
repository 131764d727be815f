import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { failedPrecondition } from '../../base/errors.ts';
import { socketPath } from '../runtime/shim-connection.ts';
import { namesIn } from './entries.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

/** Sockets of shims at which nobody listens. */
export async function* examineSockets(world: World): AsyncGenerator<Suspect> {
  const names = await namesIn(world.paths.sockets);
  if (names.length === 0) return;
  const open = await boundSockets();
  const used = new Set(world.tasks.all().map(({ bootstrap }) => socketPath(bootstrap.address)));
  for (const path of names.map((name) => join(world.paths.sockets, name))) {
    if (open.has(path) || used.has(path)) continue;
    yield {
      kind: 'stale-socket',
      what: `nobody listens at ${path}`,
      path,
      advice: 'gantry prune removes it',
      repair: async () => {
        if ((await boundSockets()).has(path)) throw failedPrecondition(`socket ${path} is in use again`);
        await unlink(path);
      },
    };
  }
}

/** Paths of all bound unix sockets of this network namespace, where shims are, too. */
async function boundSockets(): Promise<Set<string>> {
  const lines = (await readFile('/proc/net/unix', 'utf8')).split('\n');
  return new Set(lines.map((line) => line.trim().split(/\s+/).slice(7).join(' ')));
}
