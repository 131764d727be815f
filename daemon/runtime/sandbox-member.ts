import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../base/errors.ts';
import type { Bootstrap } from './bootstrap.ts';
import type { Bundle } from './bundle.ts';

/** In the bundle of a task: the id of the sandbox whose shim it uses. */
const fileName = 'sandbox';

/** Notes that a task lives in the shim of a sandbox, which is not its own to end or to clean up after. */
export async function markAsMember(bundle: Bundle, sandboxId: string): Promise<void> {
  await writeFile(join(bundle.path, fileName), sandboxId, { mode: 0o600 });
}

/** Whether the task of a bundle lives in the shim of a sandbox. */
export async function isMember(bundle: Bundle): Promise<boolean> {
  return access(join(bundle.path, fileName)).then(
    () => true,
    () => false,
  );
}

/** How the shim of a sandbox is reached, as clients are told it: `ttrpc+unix:///path`. */
export function endpointOf({ protocol, address }: Bootstrap): string {
  return `${protocol}+${address}`;
}

/** The reverse of `endpointOf`. @throws GantryError for an address without a protocol */
export function bootstrapOf(endpoint: string, version: number): Bootstrap {
  const at = endpoint.indexOf('+');
  if (at >= 0) return { protocol: endpoint.slice(0, at), address: endpoint.slice(at + 1), version };
  throw new GantryError(
    'unknown',
    `the scheme of sandbox address "${endpoint}" should be in the form of <protocol>+<unix|vsock|tcp>, i.e. ttrpc+unix`,
  );
}
