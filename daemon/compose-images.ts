import type { Clock } from '../base/clock.ts';
import { invalidArgument } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { hostPlatform } from '../image/platform.ts';
import { sys } from '../native/sys.ts';
import type { ServiceHandlers } from '../proto/handler.ts';
import { RegistryClient } from '../registry/client.ts';
import { layerDirectories } from './compose-snapshotters.ts';
import { openUnpacker, type UnpackParts } from './compose-unpack.ts';
import type { Config } from './config/config.ts';
import type { NamespacedContent } from './content/namespaced-content.ts';
import type { EventPublisher } from './events/publisher.ts';
import type { Scheduler } from './gc/scheduler.ts';
import { diffHandlers } from './grpc/diff.ts';
import { imagesHandlers } from './grpc/images.ts';
import { leasesHandlers } from './grpc/leases.ts';
import { streamingHandlers } from './grpc/streaming.ts';
import { transferHandlers } from './grpc/transfer.ts';
import { unpackHandlers } from './grpc/unpack.ts';
import { type DownloadLimits, defaultDownloadLimits } from './images/downloads.ts';
import { ImagePuller } from './images/pull.ts';
import { ImagePusher } from './images/push.ts';
import type { Database } from './metadata/database.ts';
import { leaseTable } from './metadata/schema.ts';
import { partsOf } from './metadata/table.ts';
import type { ProxyConnections } from './proxy/connections.ts';
import { ProxyDiffer } from './proxy/differ.ts';
import { DiffService, type DiffServiceDeps } from './services/diff.ts';
import { Differs } from './services/differs.ts';
import { ImagesService } from './services/images.ts';
import { LeasesService } from './services/leases.ts';
import type { UnpackRules } from './transfer/platforms.ts';
import { TransferService } from './transfer/service.ts';
import { Streams } from './transfer/streams.ts';
import { version } from './version.ts';

interface ImageParts extends Omit<DiffServiceDeps, 'sys'>, Pick<UnpackParts, 'snapshotters' | 'capabilities'> {
  readonly database: Database;
  readonly events: EventPublisher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly content: NamespacedContent;
  readonly garbage: Scheduler;
  readonly proxies: ProxyConnections;
}

/** What brings images in and out, and makes snapshots of layers and layers of snapshots. */
export async function openImages(
  config: Config,
  parts: ImageParts,
  opened: AsyncDisposableStack,
): Promise<ServiceHandlers[]> {
  const leases = new LeasesService(parts);
  const layers = composeDiffers(config, parts);
  const unpacker = await openUnpacker({ ...parts, leases, layers });
  const images = new ImagesService(parts);
  const streams = new Streams();
  endWithLeases(streams, parts.database);
  const { content, clock, logger: log } = parts;
  const { hostsDirectories: hostsDirs, progressTimeoutMs, ...limits } = config.transfer;
  const asked = { userAgent: `gantry/${version}`, hostsDirs, answerTimeoutMs: progressTimeoutMs };
  const registry = opened.use(new RegistryClient(asked));
  const puller = new ImagePuller(
    { content, unpacker, leases, clock, log },
    { maxDownloads: limitOf(limits.maxConcurrentDownloads), limits: downloadLimits(progressTimeoutMs) },
  );
  const pusher = new ImagePusher({ content }, { maxUploads: limitOf(limits.maxConcurrentUploads) });
  const transfer = new TransferService(streams, {
    ...{ content, images, leases, unpacker, clock, log, registry, puller, pusher },
    createHasher: () => sys.createHasher(),
    rules: unpackRules(config, parts.snapshotters),
  });
  return [
    imagesHandlers(images),
    leasesHandlers(leases),
    diffHandlers(layers),
    unpackHandlers(unpacker),
    streamingHandlers(streams),
    transferHandlers(transfer),
  ];
}

/** The differs, in the order in which they are asked. */
function composeDiffers(config: Config, parts: ImageParts): Differs {
  const { proxies } = parts;
  const { layers: limits, streamProcessors } = config;
  const options = { limits, streamProcessors, syncedAtCommit: Object.values(layerDirectories(config)) };
  const walking = new DiffService({ ...parts, sys }, options);
  const others = new Map(proxies.ofType('diff').map((proxy) => [proxy.name, new ProxyDiffer(proxy)]));
  return new Differs(
    config.differs.map((name) => others.get(name) ?? walking),
    parts.content,
  );
}

function downloadLimits(intervalMs: number): DownloadLimits {
  const { stall, retry } = defaultDownloadLimits;
  return { retry, stall: { ...stall, intervalMs } };
}

const limitOf = (value: number) => (value === 0 ? Number.MAX_SAFE_INTEGER : value);

/** @throws GantryError invalid-argument for a snapshotter that is not there and has to be */
function unpackRules({ transfer }: Config, snapshotters: ReadonlyMap<string, unknown>): UnpackRules {
  const { checkPlatformSupported } = transfer;
  const all = [...snapshotters.keys()].map((snapshotter) => ({
    platform: hostPlatform(),
    snapshotter,
    optional: true,
  }));
  const { unpacks = all } = transfer;
  const missing = unpacks.findIndex(({ snapshotter, optional }) => !optional && !snapshotters.has(snapshotter));
  if (missing !== -1) {
    const key = `plugins."io.containerd.transfer.v1.local".unpack_config[${missing}].snapshotter`;
    throw invalidArgument(`configuration: ${key}: there is no snapshotter "${unpacks[missing]?.snapshotter}"`);
  }
  return { checkPlatformSupported, unpacks: unpacks.filter(({ snapshotter }) => snapshotters.has(snapshotter)) };
}

/** A stream goes with the lease that it was opened under. */
function endWithLeases(streams: Streams, database: Database): void {
  database.observe((changes) => {
    for (const [key, value] of changes) {
      if (value !== null || !key.startsWith(`${leaseTable.name}\0`)) continue;
      const [namespace = '', lease = ''] = partsOf(key);
      streams.endOfLease(namespace, lease);
    }
  });
}
