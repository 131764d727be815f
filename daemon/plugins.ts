import { join } from 'node:path';
import { formatDurationMs } from '../base/duration.ts';
import type { Plugin } from '../proto/gen/api/services/introspection/v1/introspection.ts';
import type { Config } from './config/config.ts';
import { taskDirectory } from './runtime/bundle.ts';

const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  s390x: 's390x',
  ppc64: 'ppc64le',
};

/**
 * The daemon's parts under the names containerd has for them: clients look some of them up, such as a snapshotter's
 * platforms or the content store's root.
 * @param services full names of the gRPC services that are served
 */
export function listPlugins({ root, gc }: Config, services: readonly string[]): Plugin[] {
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
  const onThisPlatform = { platforms: [{ ...platform, variant: '', osVersion: '', osFeatures: [] }] };
  const rooted = (name: string) => ({ exports: { root: join(root, name) } });
  return [
    plugin('content.v1', 'content', rooted('io.containerd.content.v1.content')),
    plugin('snapshotter.v1', 'overlayfs', { ...onThisPlatform, ...rooted('io.containerd.snapshotter.v1.overlayfs') }),
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
    plugin('runtime.v2', 'task', { ...onThisPlatform, ...rooted(taskDirectory) }),
    ...services.map((service) => plugin('grpc.v1', pluginId(service))),
  ];
}

/** Services whose plugin containerd names otherwise. */
const pluginIds: Readonly<Record<string, string>> = {
  'grpc.health.v1.Health': 'healthcheck',
  'containerd.services.sandbox.v1.Store': 'sandboxes',
};

/** containerd names a service's plugin by the noun in its package: `containerd.services.tasks.v1.Tasks` is `tasks`. */
function pluginId(service: string): string {
  return pluginIds[service] ?? service.split('.').at(-3) ?? service;
}
