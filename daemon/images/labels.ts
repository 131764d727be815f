import { KeyedMutex } from '../../base/mutex.ts';
import type { Info } from '../content/content.ts';
import type { Context } from '../context.ts';

/** Labels of content as a namespace has them. */
export interface LabeledContent {
  info(ctx: Context, digest: string): Promise<Info>;
  update(ctx: Context, change: Info, paths: readonly string[]): Promise<Info>;
}

/** A label that is longer, its key included, is refused by containerd. */
const maxLabelLength = 4_096;

/** The label that says of which repositories of a registry a blob is known to be. A port is left out, as containerd does. */
export function sourceLabel(domain: string): string {
  const host = domain.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return `containerd.io/distribution.source.${host}`;
}

/** Sets labels of content, without writing what is there already. */
export class ContentLabels {
  readonly #content: LabeledContent;
  readonly #turns = new KeyedMutex();

  constructor(content: LabeledContent) {
    this.#content = content;
  }

  async set(ctx: Context, digest: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const { labels: known } = await this.#content.info(ctx, digest);
    const missing = Object.entries(labels).filter(([key, value]) => known[key] !== value);
    if (missing.length === 0) return;
    const change = { digest, size: 0, createdAt: null, updatedAt: null, labels: Object.fromEntries(missing) };
    const paths = missing.map(([key]) => `labels.${key}`);
    await this.#content.update(ctx, change, paths);
  }

  /** Notes that a repository has the blob; not where the label would become too long. */
  addSource(ctx: Context, digest: string, { domain, path }: { domain: string; path: string }): Promise<void> {
    const key = sourceLabel(domain);
    return this.#turns.run(`${ctx.namespace}\0${digest}`, async () => {
      const { labels } = await this.#content.info(ctx, digest);
      const known = (labels[key] ?? '').split(',').filter((repository) => repository !== '');
      if (known.includes(path)) return;
      const value = [...known, path].sort().join(',');
      if (key.length + value.length <= maxLabelLength) await this.set(ctx, digest, { [key]: value });
    });
  }
}
