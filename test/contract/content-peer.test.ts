import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { Daemon } from '../helpers/daemon.ts';
import type { NamespacedHost } from './content-hosts.ts';
import { sharingSuite } from './content-sharing-suite.ts';
import { contentSuite } from './content-suite.ts';
import { GrpcContent } from './grpc-content.ts';

/** Blobs of the suites are nobody's, so the peer must not collect its garbage meanwhile. */
const withoutCollection = `[plugins."io.containerd.gc.v1.scheduler"]
mutation_threshold = 1000000
schedule_delay = "24h"
startup_delay = "24h"`;

/** The suites hold against containerd too: what they ask for is what its clients are used to. */
describe.skipIf(!isInstalled())('of the peer', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.start('containerd', { config: withoutCollection });
  });
  afterAll(() => daemon.close());

  contentSuite('containerd content', open);
  sharingSuite('containerd content', open);

  /** One daemon serves all tests; each has namespaces of its own. */
  async function open(): Promise<NamespacedHost> {
    const stack = new AsyncDisposableStack();
    const prefix = randomUUID();
    const namespace = (name: string) => stack.use(new GrpcContent(daemon.address, `${prefix}-${name}`));
    return { content: namespace('default'), namespace, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }
});

function isInstalled(): boolean {
  try {
    execFileSync('containerd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
