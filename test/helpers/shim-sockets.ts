import { existsSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Where Debian's shims put their sockets, whatever the paths of their daemon. */
const folder = '/run/containerd/s';

/** Shim sockets of the machine. */
export function shimSockets(): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** Removes sockets that nobody serves any more, as a killed shim leaves them; `except` was there before. */
export async function removeDeadShimSockets(except: readonly string[]): Promise<void> {
  for (const path of shimSockets().filter((candidate) => !except.includes(candidate))) {
    if (await isRefused(path)) rmSync(path, { force: true });
  }
}

function isRefused(path: string): Promise<boolean> {
  const socket = connect(path);
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(false));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  }).finally(() => socket.destroy());
}
