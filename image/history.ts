import { invalidArgument } from '../base/errors.ts';

/** How one step of an image came to be, as its config tells. All texts may be empty. */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created: string;
  readonly createdBy: string;
  readonly author: string;
  readonly comment: string;
  /** The step has no layer. */
  readonly emptyLayer: boolean;
}

const maxEntries = 10_000;

/**
 * The history in an image config, oldest first; empty where the image has none. It is what the maker of the image says:
 * nothing ties it to the layers but their number.
 * @throws GantryError invalid-argument for a config that is out of order
 */
export function parseHistory(config: Uint8Array): HistoryEntry[] {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(config));
  } catch (error) {
    throw invalidArgument(`image config is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const history = (document as { history?: unknown } | null)?.history ?? [];
  if (!Array.isArray(history) || history.length > maxEntries) throw invalidArgument('image config: history is no list');
  return history.map((item: unknown) => {
    const entry = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    return {
      created: text(entry['created']),
      createdBy: text(entry['created_by']),
      author: text(entry['author']),
      comment: text(entry['comment']),
      emptyLayer: entry['empty_layer'] === true,
    };
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
