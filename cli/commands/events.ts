import type { Command } from 'commander';
import { subscribeEvents } from '../../client/event.ts';
import { rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import { act, type Cli } from '../action.ts';
import { bytesAsBase64, printJsonLine } from '../output/print.ts';
import { oneLine } from '../output/text.ts';

export function defineEvents(command: Command): void {
  command.argument('[filter...]', 'containerd filters, any of which has to match, for example topic=="/tasks/exit"');
  act(command, printEvents);
}

/** Events of all namespaces; filters may choose one (`namespace==default`). */
async function printEvents(cli: Cli, _options: object, filters: string[]): Promise<undefined> {
  for await (const { timestamp, namespace, topic, type, event } of subscribeEvents(cli.client, filters)) {
    const time = timestamp === null ? null : rfc3339FromTimestamp(timestamp);
    if (cli.json) printJsonLine({ timestamp: time, namespace, topic, type, event: event ?? null });
    else
      process.stdout.write(
        `${time ?? '-'} ${oneLine(namespace)} ${topic} ${oneLine(JSON.stringify(event ?? {}, bytesAsBase64))}\n`,
      );
  }
  return undefined;
}
