import type { Client } from '../client/client.ts';
import type { Container } from '../client/container/container.ts';
import { type CreateOptions, createContainer } from '../client/container/create.ts';
import { removeContainer } from '../client/container/remove.ts';
import { logUriLabel } from '../client/image/labels.ts';
import { familiarReference } from '../image/reference.ts';
import type { Cli } from './action.ts';
import { removeLog } from './log/store.ts';
import { Progress } from './output/progress.ts';

/** Makes a container, showing which layer of its image is being unpacked. */
export async function createShowingProgress(cli: Cli, create: CreateOptions): Promise<Container> {
  using progress = new Progress(cli);
  const name = typeof create.image === 'string' ? create.image : familiarReference(create.image.name);
  const onLayer = (layer: number, total: number) =>
    progress.show(`unpacking ${name}: layer ${layer} of ${total}`, true);
  return createContainer(cli.client, { ...create, onLayer });
}

/** A container whose process never came to be is of no use to anyone. */
export async function orRemove<T>(
  client: Client,
  container: Container,
  work: (onStarted: () => void) => Promise<T>,
): Promise<T> {
  let isStarted = false;
  try {
    return await work(() => {
      isStarted = true;
    });
  } catch (error) {
    if (!isStarted) {
      await removeContainer(client, container.id, { force: true }).catch(() => undefined);
      await removeLog(container.labels[logUriLabel]);
    }
    throw error;
  }
}
