import { availableParallelism } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { Limiter } from '../base/limiter.ts';
import type { Logger } from '../base/logger.ts';
import type { Database } from './metadata/database.ts';
import { namespaceTable } from './metadata/schema.ts';
import type { LeaseStore } from './unpack/leases.ts';
import { UnpackLeases } from './unpack/leases.ts';
import { Unpacker, type UnpackerDeps } from './unpack/unpacker.ts';

export interface UnpackParts extends Pick<UnpackerDeps, 'content' | 'layers' | 'snapshotters' | 'capabilities'> {
  readonly leases: LeaseStore;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Layers on their way take memory and threads, but little of the cores. */
const arrivingTurns = 6;

/** What unpacks images, without the traces of a daemon that was killed at it. */
export async function openUnpacker({
  leases: store,
  database,
  clock,
  logger: log,
  ...deps
}: UnpackParts): Promise<Unpacker> {
  const leases = new UnpackLeases({ leases: store, clock, log });
  const { signal } = new AbortController();
  for await (const { key } of database.list(namespaceTable, [])) {
    await leases.recover({ namespace: key.at(-1) ?? '', signal });
  }
  // Each layer takes two threads, one that inflates and hashes and one that writes files.
  const turns = new Limiter(Math.ceil(availableParallelism() / 2));
  return new Unpacker({ ...deps, leases, log, turns, arrivingTurns: new Limiter(arrivingTurns) });
}
