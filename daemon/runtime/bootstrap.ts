import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, isKind } from '../../base/errors.ts';
import { decode } from '../../proto/codec.ts';

/** How to reach a shim. */
export interface Bootstrap {
  /** The task API it speaks: 2 or 3. */
  readonly version: number;
  /** `unix:///path`, or the bare name of an abstract socket. */
  readonly address: string;
  /** `ttrpc` or `grpc`. */
  readonly protocol: string;
}

/** The newest task API this daemon speaks. */
const newestVersion = 3;
const fileName = 'bootstrap.json';
/** Where shims up to 1.7 write their address themselves. */
const legacyFileName = 'address';

/**
 * Reads what a shim's `start` printed: a protobuf message since 2.3, JSON since 2.0, a bare address before.
 * @throws GantryError unimplemented for a version or protocol this daemon does not speak, unknown for no answer at all
 */
export function parseBootstrap(answer: Buffer): Bootstrap {
  const bootstrap = parseForm(answer);
  if (bootstrap.address === '') throw new GantryError('unknown', 'shim gave no address');
  if (bootstrap.version > newestVersion) {
    throw new GantryError('unimplemented', `unsupported shim version (${bootstrap.version})`);
  }
  const protocol = bootstrap.protocol.toLowerCase();
  if (protocol !== 'ttrpc' && protocol !== 'grpc') {
    throw new GantryError('unimplemented', `unsupported shim protocol "${bootstrap.protocol}"`);
  }
  if (protocol === 'grpc' && bootstrap.version < newestVersion) {
    throw new GantryError('unimplemented', `a gRPC shim has to speak version 3, not ${bootstrap.version}`);
  }
  return { ...bootstrap, protocol };
}

function parseForm(answer: Buffer): Bootstrap {
  if (isProtobuf(answer)) {
    const { version, address, protocol } = decode('containerd.runtime.bootstrap.v1.BootstrapResult', answer);
    return { version, address, protocol };
  }
  const text = answer.toString().trim();
  return parseJson(text) ?? { version: 2, address: text, protocol: 'ttrpc' };
}

/** The message begins with the tag of its version, address or protocol; no text begins with such a control character. */
function isProtobuf(answer: Buffer): boolean {
  return [0x08, 0x12, 0x1a].includes(answer[0] ?? 0);
}

function parseJson(text: string): Bootstrap | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Bootstrap, unknown>>;
    const { version, address, protocol } = value;
    if (typeof version !== 'number' || version < 2 || typeof address !== 'string') return undefined;
    return { version, address, protocol: typeof protocol === 'string' ? protocol : 'ttrpc' };
  } catch {
    return undefined;
  }
}

/** Keeps in the bundle how to reach the shim, for the daemon's next life. */
export async function writeBootstrap(bundlePath: string, bootstrap: Bootstrap): Promise<void> {
  const path = join(bundlePath, fileName);
  await writeFile(`${path}.new`, JSON.stringify(bootstrap), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/**
 * How to reach the shim of a bundle.
 * @throws GantryError not-found if the bundle does not tell
 */
export async function readBootstrap(bundlePath: string): Promise<Bootstrap> {
  for (const name of [fileName, legacyFileName]) {
    try {
      return parseBootstrap(await readFile(join(bundlePath, name)));
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      // A file cut short by a crash tells nothing either.
      if (!missing && !isKind(error, 'unknown')) throw error;
    }
  }
  throw new GantryError('not-found', `shim address of ${bundlePath}`);
}
