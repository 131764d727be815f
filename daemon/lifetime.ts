import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** Resolves with the signal that asks this process to stop. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

/** A fault that no call caught: said once, and the process lives on, since what must survive it is on disk already. */
export function outliveFaults(log: Logger): void {
  const report = (error: unknown) => {
    log.error({ error: messageOf(error), stack: error instanceof Error ? error.stack : undefined }, 'unexpected fault');
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}
