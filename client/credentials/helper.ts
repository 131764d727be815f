import { spawn } from 'node:child_process';
import { GantryError, invalidArgument, messageOf } from '../../base/errors.ts';

/** What a credential helper keeps of one server. */
export interface HelperLogin {
  /** `<token>` where the secret is a refresh token. */
  readonly username: string;
  readonly secret: string;
}

/** The user name by which docker marks a secret that is a refresh token. */
export const tokenUsername = '<token>';

const notFoundText = 'credentials not found in native keychain';
const outputMaxBytes = 1024 * 1024;

/**
 * A program `docker-credential-SUFFIX` in PATH that keeps credentials, driven by docker's protocol: the verb is its argument,
 * the request its input, the answer its output, and failures are told on its output too.
 */
export class CredentialHelper {
  /** Name of the program. */
  readonly program: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @throws GantryError invalid-argument for a suffix that would be a path */
  constructor(suffix: string, env: NodeJS.ProcessEnv) {
    if (!/^[\w.-]+$/.test(suffix)) throw invalidArgument(`credential helper "${suffix}": not a name`);
    this.program = `docker-credential-${suffix}`;
    this.#env = env;
  }

  /** What is kept of a server; undefined if nothing is. */
  async get(server: string, options: { signal?: AbortSignal | undefined } = {}): Promise<HelperLogin | undefined> {
    const { status, output } = await this.#run('get', server, options);
    if (status !== 0) {
      if (output.trim() === notFoundText) return undefined;
      throw this.#failed('get', status, output);
    }
    const { Username: username, Secret: secret } = this.#parse(output);
    if (typeof username !== 'string' || typeof secret !== 'string') throw this.#unreadable('lacks Username or Secret');
    return { username, secret };
  }

  async store(server: string, { username, secret }: HelperLogin): Promise<void> {
    await this.#ok('store', JSON.stringify({ ServerURL: server, Username: username, Secret: secret }));
  }

  /** Forgets a server. Returns whether there was anything to forget. */
  async erase(server: string): Promise<boolean> {
    const { status, output } = await this.#run('erase', server, {});
    if (status !== 0 && output.trim() !== notFoundText) throw this.#failed('erase', status, output);
    return status === 0;
  }

  /** The user name of every server that something is kept of. */
  async list(): Promise<Readonly<Record<string, string>>> {
    const servers = this.#parse(await this.#ok('list', ''));
    return Object.fromEntries(Object.entries(servers).map(([server, username]) => [server, String(username)]));
  }

  async #ok(verb: string, input: string): Promise<string> {
    const { status, output } = await this.#run(verb, input, {});
    if (status !== 0) throw this.#failed(verb, status, output);
    return output;
  }

  #parse(output: string): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(output);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    } catch {
      // Its words would show the secret.
    }
    throw this.#unreadable('is not a JSON object');
  }

  #unreadable(why: string): GantryError {
    return new GantryError('failed-precondition', `credential helper ${this.program}: its answer ${why}`);
  }

  #failed(verb: string, status: number | string, output: string): GantryError {
    const text = output.trim() === '' ? `it ended with ${status}` : output.trim().slice(0, 500);
    return new GantryError('failed-precondition', `credential helper ${this.program} ${verb}: ${text}`);
  }

  /** Resolves whatever the program's exit status; its error output is the user's to see. */
  #run(
    verb: string,
    input: string,
    { signal }: { signal?: AbortSignal | undefined },
  ): Promise<{ status: number | string; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, [verb], { env: this.#env, signal, stdio: ['pipe', 'pipe', 'inherit'] });
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes <= outputMaxBytes) chunks.push(chunk);
        else child.stdout.destroy();
      });
      // It may not want to read what it is told.
      child.stdin.on('error', () => undefined).end(input);
      child.once('error', (error) => reject(this.#cannotRun(error)));
      child.once('close', (code, killer) => {
        if (sizeBytes > outputMaxBytes) reject(this.#unreadable(`has more than ${outputMaxBytes} bytes`));
        else resolve({ status: code ?? killer ?? 'unknown', output: Buffer.concat(chunks).toString('utf8') });
      });
    });
  }

  #cannotRun(error: NodeJS.ErrnoException): GantryError {
    if (error.name === 'AbortError') return new GantryError('canceled', 'context canceled', { cause: error });
    const why = error.code === 'ENOENT' ? 'no such program in PATH' : messageOf(error);
    return new GantryError('failed-precondition', `credential helper ${this.program}: ${why}`, { cause: error });
  }
}
