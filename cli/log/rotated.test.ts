import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRotated } from './rotated.ts';

const folder = mkdtempSync('/tmp/gr-');
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes as the shim does: the new file is made first, and appears under its name last. */
class Writer {
  readonly path: string;
  readonly #files: number;

  constructor(name: string, files: number) {
    this.path = join(folder, name);
    this.#files = files;
    writeFileSync(this.path, '');
  }

  write(...lines: (number | string)[]): void {
    appendFileSync(this.path, lines.map((line) => `${line}\n`).join(''));
  }

  rotate(): void {
    writeFileSync(`${this.path}.new`, '');
    for (let n = this.#files - 1; n > 0; n -= 1) {
      try {
        renameSync(n === 1 ? this.path : `${this.path}.${n - 1}`, `${this.path}.${n}`);
      } catch {
        // Not there yet.
      }
    }
    renameSync(`${this.path}.new`, this.path);
  }
}

async function read(path: string, options: Parameters<typeof readRotated>[1] = {}): Promise<string[]> {
  const seen: string[] = [];
  for await (const lines of readRotated(path, options)) seen.push(...lines.map(String));
  return seen;
}

test('all files are read, the oldest first, without what is not a whole line', async () => {
  const log = new Writer('still', 3);
  log.write('a', 'b');
  log.rotate();
  log.write('c');
  log.rotate();
  log.write('d');
  appendFileSync(log.path, 'torn');
  expect(await read(log.path)).toEqual(['a', 'b', 'c', 'd']);
  for (const [tail, lines] of [
    [0, []],
    [1, ['d']],
    [3, ['b', 'c', 'd']],
    [4, ['a', 'b', 'c', 'd']],
  ] as const) {
    expect(await read(log.path, { tail })).toEqual(lines);
  }
  expect(await read(log.path, { tail: 99 })).toEqual(['a', 'b', 'c', 'd']);
});

test('a reader that follows loses and doubles nothing while files are rotated under it', async () => {
  const log = new Writer('fast', 50);
  const until = Promise.withResolvers<void>();
  const reading = read(log.path, { until: until.promise });
  const count = 20_000;
  for (let n = 0; n < count; n += 1) {
    log.write(n);
    if (n % 700 === 699) log.rotate();
    // Gives the reader its turn at ever other moments.
    if (n % 97 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  until.resolve();
  expect(await reading).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
});

test('a follower stays with a log of a single file, and with one that is emptied', async () => {
  const log = new Writer('single', 1);
  const until = Promise.withResolvers<void>();
  const seen: string[] = [];
  log.write('one');
  for await (const lines of readRotated(log.path, { until: until.promise })) {
    seen.push(...lines.map(String));
    if (seen.at(-1) === 'one') {
      log.rotate();
      log.write('two');
    } else if (seen.at(-1) === 'two') {
      writeFileSync(log.path, 'x\n');
    } else {
      until.resolve();
    }
  }
  expect(seen).toEqual(['one', 'two', 'x']);
});

test('a line that is taken back half-way is not seen, and a long one is whole', async () => {
  const log = new Writer('torn', 2);
  const until = Promise.withResolvers<void>();
  const long = 'x'.repeat(300_000);
  const seen: string[] = [];
  log.write('first');
  appendFileSync(log.path, 'half of a li');
  for await (const lines of readRotated(log.path, { until: until.promise })) {
    seen.push(...lines.map(String));
    if (seen.length === 1) {
      writeFileSync(log.path, `first\n${long}\n`);
      until.resolve();
    }
  }
  expect(seen).toEqual(['first', long]);
});

test('a log that is not there is an error', async () => {
  await expect(read(join(folder, 'none'))).rejects.toThrow(/is gone/);
});
