import type { Command } from 'commander';
import { findImage, putImage } from '../../client/image/store.ts';
import { normalizeReference } from '../../image/reference.ts';
import { act, type Cli } from '../action.ts';
import { forEach } from '../for-each.ts';

export function defineTag(command: Command): void {
  command
    .argument('<image>', 'an image of the store')
    .argument('<name...>', 'further names for it; names that exist stand for it from now on');
  act(command, async (cli: Cli, _options: object, reference: string, names: string[]) => {
    const { target } = await findImage(cli.client, reference);
    return forEach(
      cli,
      names,
      async (name) => ({ name: (await putImage(cli.client, normalizeReference(name), target)).name, target }),
      ({ name }) => name,
    );
  });
}
