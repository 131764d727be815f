import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { failpointsEnabled } from '../base/failpoint.ts';
import type { Logger } from '../base/logger.ts';
import { withUndo } from '../base/undo.ts';
import { sys } from '../native/sys.ts';
import type { ServiceHandlers } from '../proto/handler.ts';
import { TemporaryMounts } from '../snapshotter/temporary-mounts.ts';
import { openImages } from './compose-images.ts';
import { composeRestartMonitor } from './compose-restart.ts';
import { composeRuntime, composeSandboxes, shimBinaries } from './compose-runtime.ts';
import { layerDirectories, type OpenedSnapshotters, openSnapshotters } from './compose-snapshotters.ts';
import type { Config } from './config/config.ts';
import { NamespacedContent } from './content/namespaced-content.ts';
import { ContentStore } from './content/store.ts';
import { Doctor } from './doctor/doctor.ts';
import { evidenceOf } from './doctor/evidence.ts';
import { previewGarbage } from './doctor/garbage.ts';
import { openDatabase } from './doctor/open-database.ts';
import { setAsideDamagedBlobs } from './doctor/verify-blobs.ts';
import type { World, WorldPaths } from './doctor/world.ts';
import { EventExchange } from './events/exchange.ts';
import { ShimEvents } from './events/shim-events.ts';
import { Collector, type CollectorDeps } from './gc/collector.ts';
import { mutationOf } from './gc/records.ts';
import { Scheduler, systemTimers } from './gc/scheduler.ts';
import { claimSocket } from './grpc/claim-socket.ts';
import { containersHandlers } from './grpc/containers.ts';
import { contentHandlers } from './grpc/content.ts';
import { doctorHandlers } from './grpc/doctor.ts';
import { eventLoopHandlers } from './grpc/event-loop.ts';
import { eventsHandlers } from './grpc/events.ts';
import { failpointsHandlers } from './grpc/failpoints.ts';
import { healthHandlers } from './grpc/health.ts';
import { introspectionHandlers } from './grpc/introspection.ts';
import { mountsHandlers } from './grpc/mounts.ts';
import { namespacesHandlers } from './grpc/namespaces.ts';
import { reflectionHandlers } from './grpc/reflection.ts';
import { GrpcServer } from './grpc/server.ts';
import { snapshotsHandlers } from './grpc/snapshots.ts';
import { taskStreamsHandlers } from './grpc/task-streams.ts';
import { tasksHandlers } from './grpc/tasks.ts';
import { versionHandlers } from './grpc/version.ts';
import type { Database } from './metadata/database.ts';
import type { Snapshots } from './metadata/recovering-snapshots.ts';
import { makeReserve } from './metadata/reserve.ts';
import { listPlugins, type Served } from './plugins.ts';
import { ProxyConnections } from './proxy/connections.ts';
import { ProxyContent } from './proxy/content.ts';
import { lockRoot } from './root-lock.ts';
import { Bundles } from './runtime/bundle.ts';
import { runtimeInfo } from './runtime/runtime-info.ts';
import type { SandboxShims } from './runtime/sandbox-shims.ts';
import type { TaskManager } from './runtime/task-manager.ts';
import { defaultTimeouts } from './runtime/timeouts.ts';
import { ContainersService } from './services/containers.ts';
import { ContentService } from './services/content.ts';
import { EventsService } from './services/events.ts';
import { ImageLabels } from './services/image-labels.ts';
import { type IntrospectionDeps, IntrospectionService } from './services/introspection.ts';
import { MountsService } from './services/mounts.ts';
import { NamespacesService } from './services/namespaces.ts';
import { SnapshotsService } from './services/snapshots.ts';
import { TaskCheckpoints } from './services/task-checkpoints.ts';
import { TaskStreamsService } from './services/task-streams.ts';
import { TasksService } from './services/tasks.ts';
import { VersionService } from './services/version.ts';

/**
 * The composition root: builds every part, from the disk up, and starts serving. What was opened is closed in reverse
 * when the result is disposed, or when a later step fails.
 */
export async function compose(config: Config, log: Logger): Promise<AsyncDisposable> {
  return withUndo(async (undo) => {
    const opened = new AsyncDisposableStack();
    undo.push('close what was opened', () => opened.disposeAsync());

    await makeDirectories(config);
    opened.use(await lockRoot(config.root));
    for (const { address } of [config.grpc, config.ttrpc]) await claimSocket(address);

    const clock = systemClock;
    const exchange = new EventExchange({ clock, log });
    const bundles = new Bundles({ sys, log }, config);
    const paths = doctorPaths(config);
    const proxies = opened.use(new ProxyConnections(config.proxies));
    const { store, files } = await openContentStore(paths.content, proxies);
    const evidence = evidenceOf({ bundles, store }, paths);
    const directory = databaseDirectory(config);
    const { database, wasDamaged } = await openDatabase({ evidence, clock, log }, { directory, paths });
    opened.use(database);
    const shared = { database, events: exchange, clock, logger: log };
    const content = new NamespacedContent({ ...shared, backend: store }, { sharingPolicy: 'shared' });
    // Records of ingests that another process has lost expire: waiting for it could take for ever.
    if (files !== undefined) await content.recover();
    const { snapshotters, ...layers } = await openSnapshotters(config, { ...shared, proxies }, opened);
    const mounts = await TemporaryMounts.open({ sys }, { directory: join(config.state, 'mounts') });

    const activations = await openActivations(config, shared);
    const collected = { ...shared, store, snapshotters, mounts: activations };
    const garbage = opened.use(composeGarbageCollection(config, collected));

    const imageLabels = new ImageLabels({ database, content });
    const containers = new ContainersService({ ...shared, imageLabels });
    const { manager, sandboxes } = composeRuntime(config, { log, exchange, database, bundles }, opened);
    const shimEvents = new ShimEvents({ sys, log, receive: (envelope) => manager.observe(envelope) }, config.ttrpc);

    const snapshotsService = new SnapshotsService({ snapshotters });
    const checkpoints = new TaskCheckpoints({ sys, content });
    const tasks = new TasksService({ containers, manager, checkpoints, clock, log });
    const stores = { ...shared, ...layers, garbage, content, snapshotters };
    const server = opened.use(new GrpcServer({ log }, config.grpc));
    const services = [
      ...plainServices(shared, activations),
      containersHandlers(containers),
      contentHandlers(new ContentService({ content })),
      snapshotsHandlers(snapshotsService),
      ...(await openImages(config, { ...stores, mounts, proxies }, opened)),
      tasksHandlers(tasks),
      taskStreamsHandlers(new TaskStreamsService({ manager })),
      ...composeSandboxes(sandboxes, shared),
      eventsHandlers(new EventsService({ exchange })),
      composeDoctor(config, { ...shared, ...layers, store, files, mounts, bundles, manager, garbage }),
    ];
    for (const service of services) server.add(service);
    addSelfDescription(server, config, { ...layers, services: services.map(({ name }) => name) });

    await startServing({ manager, sandboxes, server, shimEvents, exchange }, opened);
    opened.use(composeRestartMonitor(config, { ...shared, containers, tasks, manager, snapshotsService })).start();
    garbage.start();
    void makeReserve(directory);
    if (wasDamaged && files !== undefined) opened.use(checkBlobs({ blobs: files, database, sys, log, paths }));
    return opened;
  });
}

/** The one content store of the configuration, and the same again if its files are the daemon's own. */
async function openContentStore(
  directory: string,
  proxies: ProxyConnections,
): Promise<{ store: ContentStore | ProxyContent; files: ContentStore | undefined }> {
  const clock = systemClock;
  const [connection] = proxies.ofType('content');
  if (connection !== undefined) return { store: new ProxyContent({ connection, sys, clock }), files: undefined };
  const files = await ContentStore.open(directory, { sys, clock });
  return { store: files, files };
}

interface Serving {
  readonly manager: TaskManager;
  readonly sandboxes: SandboxShims;
  readonly server: GrpcServer;
  readonly shimEvents: ShimEvents;
  readonly exchange: EventExchange;
}

/** Tasks are known before anybody can ask for them; exits missed while down are told once somebody can listen. */
async function startServing(parts: Serving, opened: AsyncDisposableStack): Promise<void> {
  const { manager, sandboxes, server, shimEvents, exchange } = parts;
  await sandboxes.recover();
  if (await manager.recover()) opened.use(exchange.keepForReturning(defaultTimeouts.returnMs));
  await server.listen();
  opened.use(shimEvents);
  await shimEvents.listen();
  manager.announceRecovered();
}

/** Services that need little of the others. */
function plainServices(shared: Shared, activations: MountsService): ServiceHandlers[] {
  return [
    versionHandlers(new VersionService()),
    namespacesHandlers(new NamespacesService(shared)),
    mountsHandlers(activations),
    eventLoopHandlers(),
    ...(failpointsEnabled() ? [failpointsHandlers()] : []),
  ];
}

/** What is mounted for clients; those who ask may want files to be made wherever the daemon keeps its own. */
function openActivations({ root, state }: Config, shared: Shared): Promise<MountsService> {
  const targets = join(state, 'io.containerd.mount-manager.v1.level', 't');
  return MountsService.open({ ...shared, sys, log: shared.logger }, { targets, roots: [root] });
}

/** What the stores are made of. */
interface Shared {
  readonly database: Database;
  readonly events: EventExchange;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Told of every change from here on; collects nothing before it is started or asked. */
function composeGarbageCollection(
  config: Config,
  deps: Shared & Pick<CollectorDeps, 'mounts' | 'store'> & { readonly snapshotters: ReadonlyMap<string, Snapshots> },
): Scheduler {
  const { database, logger } = deps;
  const collector = new Collector(deps);
  const collect = (signal: AbortSignal) => collector.collect(signal);
  const scheduler = new Scheduler({ collect, timers: systemTimers, logger }, config.gc);
  database.observe((changes) => {
    const mutation = mutationOf(changes);
    if (mutation.counts) scheduler.mutated(mutation);
  });
  return scheduler;
}

interface DoctorParts extends Shared, Pick<OpenedSnapshotters, 'layerStores'> {
  readonly store: World['content'];
  readonly files: ContentStore | undefined;
  readonly mounts: TemporaryMounts;
  readonly bundles: Bundles;
  readonly manager: TaskManager;
  readonly garbage: Scheduler;
}

const databaseDirectory = (config: Config) => join(config.root, 'io.containerd.metadata.v1.level');

function doctorPaths(config: Config): WorldPaths {
  return {
    root: config.root,
    state: config.state,
    layers: layerDirectories(config),
    content: join(config.root, 'io.containerd.content.v1.content'),
    sockets: join(config.state, 's'),
    runc: join(config.state, 'runc'),
    damaged: join(config.root, 'damaged'),
    address: config.grpc.address,
  };
}

/** Reads all blobs in the background; disposing it stops that. */
function checkBlobs(parts: Parameters<typeof setAsideDamagedBlobs>[0]): Disposable {
  const stop = new AbortController();
  setAsideDamagedBlobs(parts, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) parts.log.error({ error: messageOf(error) }, 'cannot compare blobs with their digests');
  });
  return { [Symbol.dispose]: () => stop.abort() };
}

/** What finds orphans: it is the one part that looks at all others. */
function composeDoctor(config: Config, parts: DoctorParts) {
  const { database, layerStores, manager, bundles, mounts, logger } = parts;
  const world: World = {
    ...{ database, layerStores, bundles, sys, log: logger },
    ...{ content: parts.store, blobs: parts.files },
    tasks: manager,
    isTemporaryMount: (path) => mounts.isUsing(path),
    paths: doctorPaths(config),
  };
  return doctorHandlers({
    doctor: new Doctor(world, { graceMs: 2_000 }),
    preview: (signal) => previewGarbage(world, parts.clock.now(), signal),
    collect: (options) => parts.garbage.collect(options),
    reserve: () => makeReserve(databaseDirectory(config)),
  });
}

/** Introspection, health and reflection, which tell of all the others and of themselves. */
function addSelfDescription(server: GrpcServer, config: Config, { services, capabilities }: Served): void {
  const introspection = 'containerd.services.introspection.v1.Introspection';
  const served = [...services, introspection, 'grpc.health.v1.Health'];
  const uuidPath = join(config.root, 'io.containerd.grpc.v1.introspection', 'uuid');
  const plugins = listPlugins(config, { services: served, capabilities });
  const binaries = shimBinaries(config);
  const info: IntrospectionDeps['runtimeInfo'] = (request, signal) => runtimeInfo(binaries, request, signal);
  server.add(introspectionHandlers(new IntrospectionService({ plugins, uuidPath, runtimeInfo: info })));
  server.add(healthHandlers(served));
  for (const reflection of reflectionHandlers(served)) server.add(reflection);
}

/** Directories that hold secrets and untrusted trees are closed to others, also if an earlier umask left them open. */
async function makeDirectories(config: Config): Promise<void> {
  const modes = [
    [config.root, 0o700],
    [config.state, 0o711],
    [join(config.state, 's'), 0o700],
    [join(config.state, 'runc'), 0o700],
  ] as const;
  for (const [directory, mode] of modes) {
    await mkdir(directory, { recursive: true, mode });
    await chmod(directory, mode);
  }
}
