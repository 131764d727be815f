import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';

/** Sets labels of a blob one by one in the mask, so that labels of others stay. */
export async function setLabels(
  client: Client,
  digest: string,
  labels: Readonly<Record<string, string>>,
  options: CallOptions = {},
): Promise<void> {
  const content = client.service('containerd.services.content.v1.Content');
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  if (paths.length > 0)
    await content.Update({ info: { digest, labels: { ...labels } }, updateMask: { paths } }, options);
}
