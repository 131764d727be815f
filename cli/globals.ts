import type { Command } from 'commander';

const defaultAddress = '/run/gantry/gantry.sock';
const defaultNamespace = 'default';

/** What every command is told. */
export interface Globals {
  /** Path of the daemon's socket. */
  readonly address: string;
  readonly namespace: string;
  readonly json: boolean;
}

/** Adds the options that every command takes, before its name or after. Defaults are `readGlobals`' business. */
export function addGlobalOptions(command: Command, address: string): void {
  command
    .option(address, `socket of gantryd or containerd ($GANTRY_ADDRESS, $CONTAINERD_ADDRESS; ${defaultAddress})`)
    .option('-n, --namespace <name>', `containerd namespace ($CONTAINERD_NAMESPACE; ${defaultNamespace})`)
    .option('--json', 'print JSON');
}

/** The options as given, else from the environment, else the defaults. */
export function readGlobals(
  given: { address?: string; namespace?: string; json?: boolean },
  env: NodeJS.ProcessEnv,
): Globals {
  const address = given.address ?? env['GANTRY_ADDRESS'] ?? env['CONTAINERD_ADDRESS'] ?? defaultAddress;
  return {
    address: address.replace(/^unix:(?:\/\/)?/, ''),
    namespace: given.namespace ?? env['CONTAINERD_NAMESPACE'] ?? defaultNamespace,
    json: given.json ?? false,
  };
}
