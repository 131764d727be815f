import { createHash } from 'node:crypto';
import { invalidArgument } from './errors.ts';

const encodedLength: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** A parsed content digest, `algorithm:hex`. */
export interface Digest {
  readonly algorithm: string;
  readonly hex: string;
}

/**
 * Parses a digest of the form that OCI descriptors use.
 * @throws GantryError invalid-argument for an unknown algorithm or anything but lower-case hexadecimal of its length
 */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, Math.max(colon, 0));
  const hex = text.slice(colon + 1);
  const length = Object.hasOwn(encodedLength, algorithm) ? encodedLength[algorithm] : undefined;
  if (length === undefined) throw invalidArgument(`digest "${text}": unsupported digest algorithm`);
  if (hex.length !== length || !/^[0-9a-f]+$/.test(hex)) {
    throw invalidArgument(`digest "${text}": invalid checksum digest format`);
  }
  return { algorithm, hex };
}

/** True for text that `parseDigest` takes. */
export function isDigest(text: string): boolean {
  try {
    parseDigest(text);
    return true;
  } catch {
    return false;
  }
}

/** The sha256 digest of a small value; large ones are hashed on native threads. */
export function sha256Of(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The chain id of each layer of a stack, bottom first (OCI image spec, "Layer ChainID"). */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const parent = chain.at(-1);
    chain.push(parent === undefined ? diffId : sha256Of(`${parent} ${diffId}`));
  }
  return chain;
}
