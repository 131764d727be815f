import type { Command } from 'commander';
import { removeImage } from '../../client/image/store.ts';
import { act, type Cli } from '../action.ts';
import { forEach } from '../for-each.ts';

export function defineRmi(command: Command): void {
  command.argument('<image...>', 'images to remove; their content goes too unless something else needs it');
  act(command, (cli: Cli, _options: object, images: string[]) =>
    forEach(
      cli,
      images,
      async (image) => ({ name: await removeImage(cli.client, image) }),
      ({ name }) => name,
    ),
  );
}
