import { messageOf } from '../base/errors.ts';
import { createLogger } from '../base/logger.ts';
import { composeSnapshotter } from './compose-snapshotter.ts';
import { outliveFaults, stopSignal } from './lifetime.ts';
import { snapshotterFlags } from './snapshotter-flags.ts';
import { version } from './version.ts';

/** Serves a snapshotter until SIGTERM or SIGINT. Mounts that were made of its snapshots stay. */
async function main(): Promise<void> {
  // Modes are given explicitly; the umask only guards the moment between making a socket and setting its mode.
  process.umask(0o022);
  const flags = snapshotterFlags();
  const log = createLogger(flags.logLevel);
  outliveFaults(log);
  const stopping = stopSignal();
  const snapshotter = await composeSnapshotter(flags, log);
  log.info({ address: flags.address, driver: flags.driver, pid: process.pid, version }, 'serving');
  const signal = await stopping;
  log.info({ signal }, 'stopping');
  await snapshotter[Symbol.asyncDispose]();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`gantry-snapshotter: ${messageOf(error)}\n`);
  process.exit(1);
}
