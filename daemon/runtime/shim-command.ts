import type { Bundle } from './bundle.ts';

/** What every shim process is told about the daemon that runs it. */
export interface ShimSurroundings {
  /** The daemon's gRPC socket. */
  readonly address: string;
  /** The daemon's ttrpc socket, where shims send their events. */
  readonly ttrpcAddress: string;
  /** An executable whose `publish` command sends an event; the daemon itself. */
  readonly publishBinary: string;
  /** Directory of the shims' sockets. */
  readonly socketDirectory: string;
  /** Directory of runc's state. */
  readonly runcRoot: string;
  /** Whether shims log in detail. */
  readonly debug: boolean;
}

/** The command line of a shim's `start` or `delete`, in the order that containerd uses. */
export function shimArguments(surroundings: ShimSurroundings, bundle: Bundle, action: 'start' | 'delete'): string[] {
  const { address, publishBinary, debug } = surroundings;
  return [
    ...['-namespace', bundle.namespace, '-address', address, '-publish-binary', publishBinary, '-id', bundle.id],
    ...(action === 'delete' ? ['-bundle', bundle.path] : []),
    ...(debug ? ['-debug'] : []),
    action,
  ];
}

/** The environment of both commands: the daemon's own, and where to find it. */
export function shimVariables(surroundings: ShimSurroundings, namespace: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOMAXPROCS: '2',
    MAX_SHIM_VERSION: '2',
    TTRPC_ADDRESS: surroundings.ttrpcAddress,
    GRPC_ADDRESS: surroundings.address,
    NAMESPACE: namespace,
    GANTRY_SHIM_SOCKET_DIR: surroundings.socketDirectory,
    GANTRY_RUNC_ROOT: surroundings.runcRoot,
  };
}
