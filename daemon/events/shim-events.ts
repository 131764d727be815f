import { chmod, chown } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { invalidArgument, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sys } from '../../native/sys.ts';
import type { Messages } from '../../proto/codec.ts';
import { implement } from '../../proto/handler.ts';
import { TtrpcServer } from '../../ttrpc/server.ts';

type Envelope = Messages['containerd.types.Envelope'];

/** Where shims send their events: the ttrpc socket beside the daemon's main one. */
export class ShimEvents implements AsyncDisposable {
  readonly #server: TtrpcServer;
  readonly #sys: Pick<Sys, 'peerCredentials'>;
  readonly #log: Logger;
  readonly #options: { address: string; uid: number; gid: number };

  constructor(
    deps: {
      sys: Pick<Sys, 'peerCredentials'>;
      log: Logger;
      /** Takes one event; events of one shim come in the order in which it sent them. */
      receive: (envelope: Envelope) => void;
    },
    options: {
      /** Path of the socket, which must be free. */ address: string;
      /** Owner of the socket. */ uid: number;
      gid: number;
    },
  ) {
    this.#sys = deps.sys;
    this.#log = deps.log;
    this.#options = options;
    const events = implement('containerd.services.events.ttrpc.v1.Events', {
      Forward: async ({ envelope }) => {
        if (envelope === null) throw invalidArgument('envelope is missing');
        deps.receive(envelope);
        return {};
      },
    });
    this.#server = new TtrpcServer([events], {
      report: (error, method) => this.#log.error({ method, error: messageOf(error) }, 'shim event failed'),
      authorize: (socket) => this.#isTrusted(socket),
    });
  }

  /** Opens the socket with mode 0660. */
  async listen(): Promise<void> {
    const { address, uid, gid } = this.#options;
    await this.#server.listen(address);
    await chmod(address, 0o660);
    await chown(address, uid, gid);
  }

  /** Drops the shims' connections, which they make again once the socket is back, and removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }

  /** An event is believed, so only root and the daemon's own user may send one, whatever the socket's group allows. */
  #isTrusted(socket: Socket): boolean {
    const { fd } = (socket as Socket & { _handle: { fd: number } })._handle;
    const { uid, pid } = this.#sys.peerCredentials(fd);
    if (uid === 0 || uid === process.getuid?.()) return true;
    this.#log.warn({ uid, pid }, 'refused a connection to the ttrpc socket');
    return false;
  }
}
