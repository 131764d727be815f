import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { GantryError } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { NamespacedContent } from '../../daemon/content/namespaced-content.ts';
import { ContentStore } from '../../daemon/content/store.ts';
import { containersHandlers } from '../../daemon/grpc/containers.ts';
import { contentHandlers } from '../../daemon/grpc/content.ts';
import { namespacesHandlers } from '../../daemon/grpc/namespaces.ts';
import { sandboxStoreHandlers } from '../../daemon/grpc/sandboxes.ts';
import { ContainersService } from '../../daemon/services/containers.ts';
import { ContentService } from '../../daemon/services/content.ts';
import { NamespacesService } from '../../daemon/services/namespaces.ts';
import { SandboxesService } from '../../daemon/services/sandboxes.ts';
import { sys } from '../../native/sys.ts';
import { serve } from '../helpers/grpc-server.ts';
import { MetadataFixture } from '../helpers/metadata-fixture.ts';
import { shortTempFolder } from '../helpers/paths.ts';

/** The stores behind a real server, with nothing of them replaced. */
export class StoreWorld implements AsyncDisposable {
  readonly client: Client;
  readonly #stack: AsyncDisposableStack;

  private constructor(client: Client, stack: AsyncDisposableStack) {
    this.client = client;
    this.#stack = stack;
  }

  static async open(): Promise<StoreWorld> {
    const stack = new AsyncDisposableStack();
    const folder = shortTempFolder();
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const fixture = stack.use(await MetadataFixture.open());
    const backend = await ContentStore.open(join(folder, 'content'), { sys, clock: systemClock });
    const content = new NamespacedContent({ ...fixture, backend }, { sharingPolicy: 'shared' });
    const { client } = stack.use(
      await serve(
        containersHandlers(new ContainersService(fixture)),
        contentHandlers(new ContentService({ content })),
        namespacesHandlers(new NamespacesService(fixture)),
        sandboxStoreHandlers(new SandboxesService(fixture)),
      ),
    );
    return new StoreWorld(client, stack);
  }

  get containers() {
    return this.client.service('containerd.services.containers.v1.Containers');
  }

  get content() {
    return this.client.service('containerd.services.content.v1.Content');
  }

  get namespaces() {
    return this.client.service('containerd.services.namespaces.v1.Namespaces');
  }

  get sandboxes() {
    return this.client.service('containerd.services.sandbox.v1.Store');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** The answer of a call, or the kind of error it was refused with. */
export async function answer<T>(
  call: Promise<T>,
): Promise<{ value: T; kind?: never } | { value?: never; kind: string }> {
  try {
    return { value: await call };
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    return { kind: error.kind };
  }
}
