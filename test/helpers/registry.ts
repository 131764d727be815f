import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';
import { eventually } from './eventually.ts';
import { shortTempFolder } from './paths.ts';
import { Supervised } from './supervised.ts';

/** What a registry starts with. */
export interface RegistryOptions {
  /** Serves TLS with that certificate, plain HTTP without. */
  readonly tls?: Certificate;
  /** Asks everybody for `registryUser` by basic authentication. */
  readonly password?: true;
}

/** The one user of a registry with a password. */
export const registryUser = { username: 'hand', password: 'correct horse' } as const;

/** bcrypt of the password above with the lowest cost. */
const passwordHash = '$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e';

/** Debian's docker-registry on a free port of loopback with storage of its own; disposing it removes everything. */
export class Registry implements AsyncDisposable {
  /** Address and port, which is what references to its images begin with. */
  readonly host: string;
  /** Leads to the same place; clients that take TLS to be off at loopback do not know this for loopback. */
  readonly foreignHost: string;
  /** Where it listens, with the scheme. */
  readonly url: string;
  readonly #folder: string;
  readonly #process: Supervised;

  private constructor(folder: string, process: Supervised, port: number, options: RegistryOptions) {
    this.#folder = folder;
    this.#process = process;
    this.host = `127.0.0.1:${port}`;
    this.foreignHost = `0.0.0.0:${port}`;
    this.url = `${options.tls === undefined ? 'http' : 'https'}://${this.host}`;
  }

  /** Starts a registry; returns when it listens. */
  static async start(options: RegistryOptions = {}): Promise<Registry> {
    const folder = shortTempFolder();
    const logPath = join(folder, 'log');
    const configPath = join(folder, 'config.json');
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'htpasswd'), `${registryUser.username}:${passwordHash}\n`);
    // The program reads YAML, of which JSON is a part.
    writeFileSync(configPath, JSON.stringify(configuration(folder, options)));
    const argv = ['docker-registry', 'serve', configPath];
    const life = await Supervised.start({ argv, env: { PATH: process.env['PATH'] ?? '' }, logPath });
    try {
      const port = await eventually(() => listeningPort(readFileSync(logPath, 'utf8')));
      return new Registry(folder, life, port, options);
    } catch (error) {
      await life.close();
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** All that was logged so far: a line per request among others. */
  get log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Stops it and removes its storage. Idempotent. */
  async close(): Promise<void> {
    await this.#process.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function configuration(folder: string, { tls, password }: RegistryOptions): object {
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
      // Its purge of old uploads begins at a random minute: nothing a test needs.
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: '127.0.0.1:0',
      ...(tls && { tls: { certificate: tls.certificatePath, key: tls.keyPath } }),
    },
    ...(password && { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }),
  };
}

function listeningPort(log: string): number {
  const port = /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
  if (port === undefined) throw new Error(`docker-registry does not listen:\n${log}`);
  return Number(port);
}
