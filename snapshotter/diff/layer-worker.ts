/** The program of the thread that `writeLayer` starts: walks the trees, packs, hashes and compresses. */
import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { GantryError, messageOf } from '../../base/errors.ts';
import { sys } from '../../native/sys.ts';
import { changesBetween } from './changes.ts';
import { compressor } from './compress.ts';
import { inBlocks } from './in-blocks.ts';
import { chunksUnderWay, type LayerMessage, type LayerRequest } from './layer-request.ts';
import { tarOfChanges } from './tar-changes.ts';

const blockSizeBytes = 1 << 20;

/** The other side, which says after each chunk that it has taken it. */
class Receiver {
  readonly #port: MessagePort;
  #underWay = 0;
  #taken: (() => void) | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', () => {
      this.#underWay -= 1;
      this.#taken?.();
    });
  }

  async send(bytes: Uint8Array): Promise<void> {
    while (this.#underWay >= chunksUnderWay) {
      await new Promise<void>((resolve) => {
        this.#taken = resolve;
      });
    }
    this.#underWay += 1;
    this.tell({ part: 'chunk', bytes });
  }

  tell(message: LayerMessage): void {
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }
}

async function write(request: LayerRequest, receiver: Receiver): Promise<string> {
  const hash = createHash('sha256');
  const archive = tarOfChanges(sys, changesBetween(sys, request), request);
  const source = Readable.from(hashed(inBlocks(archive, blockSizeBytes), hash), { objectMode: false });
  const store = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) await receiver.send(chunk);
  };
  const compress = compressor(request.compression);
  await (compress === undefined ? pipeline(source, store) : pipeline(source, compress, store));
  return `sha256:${hash.digest('hex')}`;
}

function* hashed(chunks: Iterable<Buffer>, hash: Hash): Generator<Buffer> {
  for (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function run(port: MessagePort): Promise<void> {
  const receiver = new Receiver(port);
  try {
    receiver.tell({ part: 'end', diffId: await write(workerData as LayerRequest, receiver) });
  } catch (error) {
    const kind = error instanceof GantryError ? error.kind : 'unknown';
    receiver.tell({ part: 'failure', kind, text: messageOf(error) });
  }
  receiver.close();
}

if (parentPort !== null) await run(parentPort);
