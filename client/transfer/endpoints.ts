import type { Platform } from '../../image/platform.ts';
import { pack } from '../../proto/any.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import { answerQuestions, type FindCredentials } from './auth.ts';
import { receiveBytes, sendBytes } from './bytes.ts';
import type { Endpoint } from './session.ts';

/** How the daemon reaches a registry. */
export interface RegistryOptions {
  /** Asked when the registry wants credentials; without it the daemon asks as anybody. */
  findCredentials?: FindCredentials | undefined;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Directory of `hosts.toml` files on the daemon's side, instead of its own. */
  hostsDir?: string | undefined;
  /** `http` or `https` where no `hosts.toml` says. */
  defaultScheme?: 'http' | 'https' | undefined;
}

/** An image in a registry, by its full reference. */
export function registryImage(reference: string, options: RegistryOptions = {}): Endpoint {
  return async (session) => {
    let authStream = '';
    if (options.findCredentials !== undefined) {
      const stream = await session.openStream('creds');
      session.beside(answerQuestions(stream, options.findCredentials));
      authStream = stream.id;
    }
    const { headers = {}, hostsDir: hostDir = '', defaultScheme = '' } = options;
    const resolver = { authStream, headers: { ...headers }, hostDir, defaultScheme };
    return pack('containerd.types.transfer.OCIRegistry', { reference, resolver });
  };
}

/** Images of the daemon, in the client's namespace. */
export function storedImage(store: Init<Messages['containerd.types.transfer.ImageStore']>): Endpoint {
  return async () => pack('containerd.types.transfer.ImageStore', store);
}

/** An archive that the daemon reads from here, an OCI layout or what `docker save` writes, compressed or not. */
export function archiveSource(
  source: AsyncIterable<Uint8Array>,
  { forceCompress = false }: { forceCompress?: boolean } = {},
): Endpoint {
  return async (session) => {
    const stream = await session.openStream('import');
    session.beside(sendBytes(stream, source));
    return pack('containerd.types.transfer.ImageImportStream', { stream: stream.id, forceCompress });
  };
}

/** An archive that the daemon writes; `write` is given its bytes, one piece after the other. */
export function archiveTarget(
  write: (bytes: Uint8Array) => Promise<void>,
  { platforms = [] }: { platforms?: readonly Platform[] | 'all' } = {},
): Endpoint {
  return async (session) => {
    const stream = await session.openStream('export');
    session.toTheEnd(writeAll(receiveBytes(stream), write));
    const wanted = platforms === 'all' ? { allPlatforms: true } : { platforms: platforms.map((each) => ({ ...each })) };
    return pack('containerd.types.transfer.ImageExportStream', { stream: stream.id, ...wanted });
  };
}

async function writeAll(source: AsyncIterable<Uint8Array>, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  for await (const bytes of source) await write(bytes);
}
