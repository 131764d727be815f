import { Command } from 'commander';
import { messageOf } from '../base/errors.ts';
import { enableFailpoints } from '../base/failpoint.ts';
import { createLogger } from '../base/logger.ts';
import { compose } from './compose.ts';
import { type Flags, loadConfig } from './config/load.ts';
import { outliveFaults, stopSignal } from './lifetime.ts';
import { version } from './version.ts';

/** Starts the daemon and stops it on SIGTERM or SIGINT. Containers go on in either case. */
async function main(): Promise<void> {
  // Modes are given explicitly; the umask only guards the moment between making a socket and setting its mode.
  process.umask(0o022);
  enableFailpoints(process.env['GANTRY_FAILPOINTS']);
  const { config, ignoredKeys } = await loadConfig(parseFlags());
  const log = createLogger(config.logLevel);
  outliveFaults(log);
  // Asked to stop while it starts, it stops when that is done, leaving nothing half made.
  const stopping = stopSignal();
  for (const key of ignoredKeys) log.warn({ key }, 'ignoring configuration key that Gantry does not use');
  const daemon = await compose(config, log);
  log.info({ address: config.grpc.address, pid: process.pid, version }, 'serving');
  const signal = await stopping;
  log.info({ signal }, 'stopping; containers keep running');
  await daemon[Symbol.asyncDispose]();
}

function parseFlags(): Flags {
  return new Command('gantryd')
    .description('container supervisor, wire-compatible with containerd')
    .version(`gantryd ${version}`, '-v, --version')
    .option('-c, --config <file>', 'TOML configuration file')
    .option('--root <dir>', 'directory for what outlives a reboot')
    .option('--state <dir>', 'directory for bundles, sockets and runtime state')
    .option('-a, --address <socket>', 'path of the gRPC socket')
    .option('-l, --log-level <level>', 'trace, debug, info, warn, error, fatal or panic')
    .allowExcessArguments(false)
    .parse()
    .opts<Flags>();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`gantryd: ${messageOf(error)}\n`);
  process.exit(1);
}
