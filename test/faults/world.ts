import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { sha256Of } from '../../base/digest.ts';
import { isKind } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { RequestQueue } from '../../client/content/request-queue.ts';
import type { Init, Messages } from '../../proto/codec.ts';

export const snapshotter = 'overlayfs';
export const leaseId = 'keeper';
/** Keeps what has it from being collected. */
export const rooted = { 'containerd.io/gc.root': 'yes' };

const callTimeoutMs = 20_000;
/** More than one message of a Write call. */
const blobBytes = 300_000;

/**
 * One namespace that a workload runs in, through a connection that a crash of the daemon breaks. All bytes in it hold the
 * name of the namespace, so that two worlds share no blob, and are otherwise the same in every world.
 */
export class World {
  readonly namespace: string;
  /** Without the lease. */
  readonly client: Client;
  /** What is made through it joins the lease. */
  readonly leased: Client;

  constructor(client: Client, namespace: string) {
    this.namespace = namespace;
    this.client = client.with({ namespace });
    this.leased = client.with({ namespace, leaseId });
  }

  /** The bytes of the blob with that name. */
  async bytes(name: string): Promise<Buffer> {
    if (name === 'layer') return layerOf(`layer of ${this.namespace}\n`);
    const line = `${name} of ${this.namespace}\n`;
    return Buffer.from(line.repeat(Math.ceil(blobBytes / line.length)));
  }

  async digest(name: string): Promise<string> {
    return sha256Of(await this.bytes(name));
  }

  async descriptor(name: string) {
    const bytes = await this.bytes(name);
    return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256Of(bytes), size: bytes.length };
  }

  /** Text with what differs from one world to another replaced. */
  readonly normalise = (text: string): string => text.replaceAll(this.namespace, '<namespace>');

  /** Writes a blob's first part, from wherever the ingest stands, so that it can be called again after a failure. */
  async writePart(ref: string, part: number): Promise<void> {
    await this.#write(ref, part, undefined);
  }

  /** Writes what is missing and commits; a blob that is there already is as good. */
  async commit(ref: string, labels: Record<string, string> = {}): Promise<void> {
    await this.#write(ref, 1, labels).catch((error: unknown) => {
      if (!isKind(error, 'already-exists')) throw error;
    });
  }

  /** Puts a file into an active snapshot, as a client does that has it mounted. */
  async fill(key: string, file: string): Promise<void> {
    const snapshots = this.leased.service('containerd.services.snapshots.v1.Snapshots');
    const { mounts } = await snapshots.Mounts({ snapshotter, key }, this.options);
    writeFileSync(join(upperOf(mounts), file), `${file} of ${this.namespace}\n`);
  }

  /** A call that hangs is a failure, too. */
  get options() {
    return { timeoutMs: callTimeoutMs };
  }

  async #write(ref: string, part: number, labels: Record<string, string> | undefined): Promise<void> {
    const bytes = await this.bytes(ref);
    const content = this.leased.service('containerd.services.content.v1.Content');
    const requests = new RequestQueue<Init<Messages['containerd.services.content.v1.WriteContentRequest']>>();
    const responses = content.Write(requests, this.options);
    const ask = async (request: Init<Messages['containerd.services.content.v1.WriteContentRequest']>) => {
      requests.push({ ref, total: bytes.length, ...request });
      return (await responses.next()).value?.offset ?? 0;
    };
    try {
      const offset = await ask({ action: 'STAT' });
      const end = Math.floor(bytes.length * part);
      if (offset < end) await ask({ action: 'WRITE', offset, data: bytes.subarray(offset, end) });
      if (labels !== undefined) {
        await ask({ action: 'COMMIT', offset: bytes.length, expected: sha256Of(bytes), labels });
      }
      requests.end();
      // The daemon lets go of the ref before it ends the call.
      await responses.next();
    } finally {
      requests.end();
      await responses.return(undefined);
    }
  }
}

/** The directory that holds a snapshot's own files. */
export function upperOf(mounts: readonly Messages['containerd.types.Mount'][]): string {
  const [mount] = mounts;
  if (mount?.type === 'bind') return mount.source;
  const option = (name: string) => mount?.options.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
  const directory = option('upperdir') ?? option('lowerdir')?.split(':')[0];
  if (directory === undefined) throw new Error(`no directory in ${JSON.stringify(mounts)}`);
  return directory;
}

function layerOf(text: string): Promise<Buffer> {
  const layer = pack();
  layer.entry({ name: 'from-layer', mtime: new Date(0) }, text);
  layer.finalize();
  return buffer(layer);
}
