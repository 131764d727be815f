import { join } from 'node:path';
import { formatDurationMs } from '../base/duration.ts';
import type { Plugin } from '../proto/gen/api/services/introspection/v1/introspection.ts';
import type { Platform } from '../proto/gen/api/types/platform.ts';
import { snapshotterRoots } from './compose-snapshotters.ts';
import type { Config, ProxyPluginType } from './config/config.ts';
import { taskDirectory } from './runtime/bundle.ts';

const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  s390x: 's390x',
  ppc64: 'ppc64le',
};

/** What is known of the parts when they run. */
export interface Served {
  /** Full names of the gRPC services that are served. */
  readonly services: readonly string[];
  /** What clients may rely on, by the name of the daemon's own snapshotter. */
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
}

/**
 * The daemon's parts under the names containerd has for them: clients look some of them up, such as a snapshotter's
 * platforms or the content store's root.
 */
export function listPlugins(config: Config, { services, capabilities }: Served): Plugin[] {
  const { root, gc } = config;
  const platform = { os: 'linux', architecture: architectures[process.arch] ?? process.arch };
  const plugin = (type: string, id: string, details: Partial<Plugin> = {}): Plugin => ({
    type: `io.containerd.${type}`,
    id,
    requires: [],
    platforms: [],
    exports: {},
    capabilities: [],
    initErr: null,
    ...details,
  });
  const onlyPlatform = { ...platform, variant: '', osVersion: '', osFeatures: [] };
  const onThisPlatform = { platforms: [onlyPlatform] };
  const rooted = (name: string) => ({ exports: { root: join(root, name) } });
  return [
    ...(hasOwnContent(config) ? [plugin('content.v1', 'content', rooted('io.containerd.content.v1.content'))] : []),
    ...config.proxies.map(({ name, type, address, platform: told, exports, capabilities: able }) =>
      plugin(proxyTypes[type], name, {
        platforms: [told === '' ? onlyPlatform : platformOf(told)],
        exports: { ...exports, address },
        capabilities: [...able],
      }),
    ),
    ...Object.entries(snapshotterRoots(config)).map(([name, path]) =>
      plugin('snapshotter.v1', name, {
        ...onThisPlatform,
        exports: { root: path },
        capabilities: [...(capabilities[name] ?? [])],
      }),
    ),
    plugin('metadata.v1', 'level', rooted('io.containerd.metadata.v1.level')),
    plugin('gc.v1', 'scheduler', {
      exports: {
        PauseThreshold: String(gc.pauseThreshold),
        DeletionThreshold: String(gc.deletionThreshold),
        MutationThreshold: String(gc.mutationThreshold),
        ScheduleDelay: formatDurationMs(gc.scheduleDelayMs),
      },
    }),
    plugin('differ.v1', 'walking', onThisPlatform),
    plugin('mount-manager.v1', 'level'),
    plugin('event.v1', 'exchange'),
    plugin('streaming.v1', 'manager'),
    plugin('transfer.v1', 'local'),
    plugin('sandbox.controller.v1', 'shim'),
    plugin('monitor.container.v1', 'restart', { capabilities: ['no', 'always', 'on-failure', 'unless-stopped'] }),
    plugin('runtime.v2', 'task', { ...onThisPlatform, ...rooted(taskDirectory) }),
    ...services.map((service) => plugin('grpc.v1', pluginId(service))),
  ];
}

const hasOwnContent = ({ proxies }: Config) => proxies.every(({ type }) => type !== 'content');

/** Containerd's types of what runs as a process of its own. */
const proxyTypes: Readonly<Record<ProxyPluginType, string>> = {
  snapshot: 'snapshotter.v1',
  diff: 'differ.v1',
  content: 'content.v1',
};

/** `os/architecture/variant`; a word alone is an architecture. */
function platformOf(text: string): Platform {
  const parts = text.split('/');
  const [os = 'linux', architecture = '', variant = ''] = parts.length === 1 ? ['linux', text] : parts;
  return { os, architecture, variant, osVersion: '', osFeatures: [] };
}

/** Services whose plugin containerd names otherwise. */
const pluginIds: Readonly<Record<string, string>> = {
  'grpc.health.v1.Health': 'healthcheck',
  'containerd.services.sandbox.v1.Store': 'sandboxes',
  'containerd.services.sandbox.v1.Controller': 'sandbox-controllers',
};

/** containerd names a service's plugin by the noun in its package: `containerd.services.tasks.v1.Tasks` is `tasks`. */
function pluginId(service: string): string {
  return pluginIds[service] ?? service.split('.').at(-3) ?? service;
}
