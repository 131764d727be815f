import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildFolder, TempFolder } from '../helpers/paths.ts';

const sizeText = '512M';
/** The kernel writes out the journal by itself after so many seconds; late, so that only what is synced is kept. */
const options = 'loop,commit=300';

/** A disk of one's own, of which the power can be cut: an ext4 file system in a file. */
export class Disk implements AsyncDisposable {
  readonly #folder = new TempFolder();
  /** Where it is mounted. */
  readonly path = join(this.#folder.path, 'disk');
  readonly #image = join(this.#folder.path, 'image');
  #isMounted = false;

  private constructor() {
    mkdirSync(this.path);
  }

  static async create(): Promise<Disk> {
    const disk = new Disk();
    try {
      await execa('truncate', ['-s', sizeText, disk.#image]);
      await execa('mkfs.ext4', ['-q', '-F', disk.#image]);
      await disk.#mount();
    } catch (error) {
      await disk.close();
      throw error;
    }
    return disk;
  }

  /** Drops everything that is not synced. Until `restorePower` every access fails. */
  async cutPower(): Promise<void> {
    await execa(join(buildFolder, 'test-power-cut'), [this.path]);
  }

  /** Makes it what a machine finds that starts again. Nobody may use it any more. */
  async restorePower(): Promise<void> {
    await this.#unmount();
    await this.#mount();
  }

  async close(): Promise<void> {
    if (this.#isMounted) await this.#unmount();
    this.#folder[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #mount(): Promise<void> {
    await execa('mount', ['-o', options, this.#image, this.path]);
    this.#isMounted = true;
  }

  /** The loop device goes with the mount. */
  async #unmount(): Promise<void> {
    await execa('umount', [this.path]);
    this.#isMounted = false;
  }
}
