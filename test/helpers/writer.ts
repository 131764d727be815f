import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFolder } from './paths.ts';

/** What a writer measured (see writer.c), in microseconds. */
export interface WriterResult {
  readonly longestUs: number;
  readonly longestBlockedUs: number;
  readonly wallUs: number;
}

/** Bytes of a line, its end included; its number is in all of them but the last. */
export const lineBytes = 64;

/** A program that writes numbered lines, to be run in a container with its folders mounted. */
export class Writer {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param folder is made, for the result */
  static async create(folder: string): Promise<Writer> {
    await mkdir(folder);
    return new Writer(folder);
  }

  /** Values of `--mount`, for ctr and gantry alike. */
  get mounts(): string[] {
    return [
      `type=bind,src=${join(buildFolder, 'test-writer')},dst=/writer,options=rbind:ro`,
      `type=bind,src=${this.#folder},dst=/result,options=rbind:rw`,
    ].flatMap((mount) => ['--mount', mount]);
  }

  /** The command; `bytesPerSecond` 0 is as fast as it can. */
  command(totalBytes: number, bytesPerSecond: number): string[] {
    return ['/writer', `${totalBytes}`, `${bytesPerSecond}`, '/result/json'];
  }

  /** @throws ENOENT while it has not ended */
  async result(): Promise<WriterResult> {
    return JSON.parse(await readFile(join(this.#folder, 'json'), 'utf8')) as WriterResult;
  }
}
