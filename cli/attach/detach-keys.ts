import { invalidArgument } from '../../base/errors.ts';

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** Bytes of keys such as `ctrl-p,ctrl-q` or `a,ctrl-c`. @throws GantryError invalid-argument */
export function parseDetachKeys(text: string): Buffer {
  const bytes = text.split(',').map((key) => {
    if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
    const [, letter] = /^ctrl-([a-z@[\\\]^_])$/.exec(key) ?? [];
    if (letter === undefined) throw invalidArgument(`"${key}" is not a key, such as a or ctrl-p`);
    return letter.toUpperCase().charCodeAt(0) & 0x1f;
  });
  return Buffer.from(bytes);
}

/** Finds the keys that detach in what is typed, and holds back what may be their beginning. */
export class DetachKeys {
  readonly #keys: Buffer;
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  /** What is to be passed on, and whether the keys came: nothing after them counts. */
  feed(typed: Buffer): { pass: Buffer; detached: boolean } {
    const pass: number[] = [];
    for (const byte of typed) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return { pass: Buffer.from(pass), detached: true };
        continue;
      }
      pass.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) pass.push(byte);
    }
    return { pass: Buffer.from(pass), detached: false };
  }
}
