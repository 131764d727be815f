import { monitorEventLoopDelay } from 'node:perf_hooks';
import { implement } from '../../proto/handler.ts';

const resolutionMs = 1;

/** Gantry's own service (gantry.debug.v1). Nothing is measured but while somebody asks for it. */
export const eventLoopHandlers = () =>
  implement('gantry.debug.v1.EventLoop', {
    async *Measure(requests) {
      const delays = monitorEventLoopDelay({ resolution: resolutionMs });
      delays.enable();
      try {
        for await (const _ of requests) {
          const { max, count } = delays;
          yield {
            longestNs: count === 0 ? 0 : late(max),
            percentile99Ns: count === 0 ? 0 : late(delays.percentile(99)),
            samples: count,
          };
          delays.reset();
        }
      } finally {
        delays.disable();
      }
    },
  });

/** Node counts from one firing to the next, which are a whole interval apart when nothing is in the way. */
function late(intervalNs: number): number {
  return Math.max(0, Math.round(intervalNs - resolutionMs * 1e6));
}
