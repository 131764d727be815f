import { notFound } from '../../base/errors.ts';
import { implement } from '../../proto/handler.ts';

/**
 * The standard gRPC health service (grpc.health.v1). A daemon that can answer is serving: state that could be lost is
 * checked before the socket opens. The empty name asks for the server as a whole.
 */
export const healthHandlers = (serviceNames: readonly string[]) =>
  implement('grpc.health.v1.Health', {
    Check: async (request) => {
      if (request.service !== '' && !serviceNames.includes(request.service)) {
        throw notFound(`unknown service "${request.service}"`);
      }
      return { status: 'SERVING' };
    },
    List: async () => ({
      statuses: Object.fromEntries(serviceNames.map((name) => [name, { status: 'SERVING' as const }])),
    }),
    Watch: async function* (request, call) {
      const known = request.service === '' || serviceNames.includes(request.service);
      yield { status: known ? 'SERVING' : 'SERVICE_UNKNOWN' };
      // The status never changes while the daemon lives; the stream stays open until the watcher leaves.
      if (!call.signal.aborted) {
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
      }
    },
  });
