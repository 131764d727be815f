import type { Command } from 'commander';
import { pushImage } from '../../client/transfer/push.ts';
import { parsePlatform } from '../../image/platform.ts';
import { normalizeReference } from '../../image/reference.ts';
import { act, type Cli } from '../action.ts';
import { reportTransfer } from '../output/transfer/report.ts';
import { printMoved } from '../output/transfer/result.ts';
import { addRegistryOptions, type GivenRegistryOptions, withRegistry } from '../registry-options.ts';
import { repeated } from '../values/platform.ts';

interface PushOptions extends GivenRegistryOptions {
  readonly platform?: string[];
  readonly quiet?: boolean;
}

export function definePush(command: Command): void {
  command
    .argument('<image>', 'image to push')
    .argument('[target]', 'reference to push it to, its own name without it')
    .option('--platform <platform>', 'only these parts of it; repeatable', repeated)
    .option('-q, --quiet', 'print only the name');
  addRegistryOptions(command);
  act(command, push);
}

async function push(cli: Cli, options: PushOptions, reference: string, target?: string): Promise<undefined> {
  const { platform, quiet } = options;
  const platforms = platform?.map(parsePlatform);
  const image = await withRegistry(options, (registry) =>
    reportTransfer(target ?? reference, { json: cli.json, quiet }, (onProgress) =>
      pushImage(cli.client, reference, { ...registry, target, platforms, onProgress }),
    ),
  );
  const name = target === undefined ? image.name : normalizeReference(target);
  printMoved(cli, 'pushed', { name, target: image.target }, { quiet });
  return undefined;
}
