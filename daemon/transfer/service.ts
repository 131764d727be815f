import { GantryError } from '../../base/errors.ts';
import type { Any } from '../../proto/any.ts';
import type { TransferRequest } from '../../proto/gen/api/services/transfer/v1/transfer.ts';
import type { Context } from '../context.ts';
import { type Endpoint, endpointOf } from './endpoints.ts';
import { echo, exportImages } from './export.ts';
import { importImages } from './import.ts';
import { ProgressSender } from './progress.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import type { Stream } from './stream.ts';
import type { Streams } from './streams.ts';
import { tag } from './tag.ts';
import type { Transfer, TransferDeps } from './transfer.ts';

/** The rules of containerd.services.transfer.v1: images from one place to another. */
export class TransferService {
  readonly #streams: Streams;
  readonly #deps: TransferDeps;

  constructor(streams: Streams, deps: TransferDeps) {
    this.#streams = streams;
    this.#deps = deps;
  }

  /**
   * Resolves when all is done, and whoever listens has been told. The streams that the request names end with it.
   * @throws GantryError unimplemented for two places between which nothing can be moved; not-found for a stream
   */
  async transfer(ctx: Context, { source, destination, options }: TransferRequest): Promise<void> {
    await using claimed = new AsyncDisposableStack();
    const claim = (name: string): Stream => {
      const stream = this.#streams.claim(ctx, name);
      claimed.defer(() => void stream.end());
      return stream;
    };
    const progress = options?.progressStream ? new ProgressSender(claim(options.progressStream)) : undefined;
    claimed.defer(async () => progress?.close());
    const move = moverOf(endpointOf(source), endpointOf(destination));
    if (move === undefined) throw unimplemented(source, destination);
    const report = progress?.report ?? (() => undefined);
    await move({ ctx, deps: this.#deps, claim, atEnd: (task) => claimed.defer(task), report });
  }
}

type Mover = (transfer: Transfer) => Promise<void>;

function moverOf(source: Endpoint | undefined, destination: Endpoint | undefined): Mover | undefined {
  if (source?.kind === 'registry' && destination?.kind === 'store') {
    return (transfer) => pull(transfer, source.message, destination.message);
  }
  if (source?.kind === 'import') {
    if (destination?.kind === 'store') return (transfer) => importImages(transfer, source.message, destination.message);
    if (destination?.kind === 'export') return (transfer) => echo(transfer, source.message, destination.message);
  }
  if (source?.kind === 'store') {
    if (destination?.kind === 'registry') return (transfer) => push(transfer, source.message, destination.message);
    if (destination?.kind === 'export')
      return (transfer) => exportImages(transfer, source.message, destination.message);
    if (destination?.kind === 'store') return (transfer) => tag(transfer, source.message, destination.message);
  }
  return undefined;
}

function unimplemented(source: Any | null, destination: Any | null): GantryError {
  const [from, to] = [source, destination].map((any) => any?.typeUrl ?? '');
  return new GantryError('unimplemented', `method Transfer not implemented for ${from} to ${to}`);
}
