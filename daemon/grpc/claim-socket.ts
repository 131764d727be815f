import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { alreadyExists, failedPrecondition } from '../../base/errors.ts';

/**
 * Makes a socket path free to listen on: one that a dead daemon left is removed, one that is served is left alone.
 * @throws GantryError already-exists if somebody answers there, failed-precondition if it is not a socket
 */
export async function claimSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket())
    throw failedPrecondition(`${path} exists and is not a socket: remove it or choose another address`);
  if (await isServed(path)) {
    throw alreadyExists(`address ${path} is served by a running daemon: stop that one or choose another address`);
  }
  await unlink(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A full backlog (EAGAIN) is somebody's too; only a refusal means that nobody listens.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
