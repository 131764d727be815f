import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { isThere } from './find.ts';
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
    for (const _ of this.steps());
  }

  /** A rotation file by file: gives the number that is free after each. */
  *steps(): Generator<number, void, undefined> {
    writeFileSync(`${this.path}.new`, '');
    for (let n = this.#files - 1; n > 0; n -= 1) {
      const from = n === 1 ? this.path : `${this.path}.${n - 1}`;
      if (!existsSync(from)) continue;
      renameSync(from, `${this.path}.${n}`);
      yield n - 1;
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

test('all files are read also in the middle of a rotation, when a number is free between them', async () => {
  const log = new Writer('middle', 6);
  for (const line of ['a', 'b', 'c', 'd']) {
    log.write(line);
    if (line !== 'd') log.rotate();
  }
  const freed: number[] = [];
  for (const free of log.steps()) {
    freed.push(free);
    expect(isThere(log.path)).toBe(true);
    if (free > 0) expect(await read(log.path)).toEqual(['a', 'b', 'c', 'd']);
  }
  expect(freed).toEqual([3, 2, 1, 0]);
  expect(await read(log.path)).toEqual(['a', 'b', 'c', 'd']);
});

test('a follower that looks for the next file in the middle of rotations loses and doubles nothing', async () => {
  const log = new Writer('steps', 100);
  const until = Promise.withResolvers<void>();
  const reading = read(log.path, { until: until.promise });
  const count = 3_000;
  for (let n = 0; n < count; n += 1) {
    log.write(n);
    if (n % 50 !== 49) continue;
    for (const _ of log.steps()) await new Promise((resolve) => setImmediate(resolve));
  }
  until.resolve();
  expect(await reading).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
});

test('what is written late, but without a pause, after the end is still read', async () => {
  const log = new Writer('late', 50);
  const reading = read(log.path, { until: Promise.resolve() });
  for (let n = 0; n < 30; n += 1) {
    log.write(n);
    if (n % 4 === 3) log.rotate();
    await sleep(20);
  }
  expect(await reading).toEqual(Array.from({ length: 30 }, (_, n) => `${n}`));
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
