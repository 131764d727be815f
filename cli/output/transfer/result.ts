import type { ImageRecord } from '../../../client/image/store.ts';
import { printJsonLine } from '../print.ts';
import { oneLine } from '../text.ts';

/** What a pull or push has come to: a reference that names these very bytes, or only the name, or the last JSON object. */
export function printMoved(
  { json }: { json: boolean },
  event: 'pulled' | 'pushed',
  { name, target }: Pick<ImageRecord, 'name' | 'target'>,
  { quiet = false }: { quiet?: boolean | undefined } = {},
): void {
  if (json) printJsonLine({ event, name, digest: target.digest, mediaType: target.mediaType });
  else process.stdout.write(`${oneLine(quiet || name.includes('@') ? name : `${name}@${target.digest}`)}\n`);
}
