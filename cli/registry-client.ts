import { RegistryClient, type RepositoryOptions } from '../registry/client.ts';
import { version } from './version.ts';

/** What the daemon looks through too, unless it is configured otherwise. */
const defaultHostsDirs = ['/etc/containerd/certs.d', '/etc/docker/certs.d'];

/** For what the command line asks registries itself. */
export function openRegistryClient(): RegistryClient {
  return new RegistryClient({ userAgent: `gantry/${version}`, hostsDirs: defaultHostsDirs });
}

/** The options of a command as the client takes them. */
export function toRepositoryOptions(given: { plainHttp?: boolean; hostsDir?: string }): RepositoryOptions {
  return {
    ...(given.plainHttp ? { defaultScheme: 'http' } : {}),
    ...(given.hostsDir === undefined ? {} : { hostsDirs: [given.hostsDir] }),
  };
}
