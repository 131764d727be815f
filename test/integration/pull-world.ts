import { join } from 'node:path';
import { silentLogger } from '../../base/logger.ts';
import { NamespacedContent, type SharingPolicy } from '../../daemon/content/namespaced-content.ts';
import { ContentStore } from '../../daemon/content/store.ts';
import type { Context } from '../../daemon/context.ts';
import { type DownloadLimits, defaultDownloadLimits } from '../../daemon/images/downloads.ts';
import { ImagePuller, type Pulled, type PullRequest } from '../../daemon/images/pull.ts';
import { leaseResourceTable } from '../../daemon/metadata/schema.ts';
import { LeasesService } from '../../daemon/services/leases.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { sys } from '../../native/sys.ts';
import type { Progress } from '../../proto/gen/api/types/transfer/progress.ts';
import { all, MetadataFixture } from '../helpers/metadata-fixture.ts';
import type { TestSource } from './pull-source.ts';

export const quickLimits: DownloadLimits = {
  ...defaultDownloadLimits,
  retry: { attempts: 3, firstDelayMs: 1, maxDelayMs: 2 },
};

/** A puller over real stores in a temporary directory; nothing is unpacked. */
export class PullWorld implements AsyncDisposable {
  readonly fixture: MetadataFixture;
  readonly content: NamespacedContent;
  readonly leases: LeasesService;
  readonly progress: Progress[] = [];
  readonly saved: Descriptor[] = [];
  readonly puller: ImagePuller;

  private constructor(fixture: MetadataFixture, content: NamespacedContent, limits: DownloadLimits) {
    const { database, clock, garbage } = fixture;
    this.fixture = fixture;
    this.content = content;
    this.leases = new LeasesService({ database, clock, garbage });
    this.puller = this.#newPuller(limits);
  }

  static async open(sharingPolicy: SharingPolicy = 'shared', limits = quickLimits): Promise<PullWorld> {
    const fixture = await MetadataFixture.open();
    const { database, events, clock } = fixture;
    const backend = await ContentStore.open(join(fixture.directory, 'content'), { sys, clock });
    return new PullWorld(
      fixture,
      new NamespacedContent({ database, backend, events, clock }, { sharingPolicy }),
      limits,
    );
  }

  #newPuller(limits: DownloadLimits): ImagePuller {
    const { content, leases } = this;
    const unpacker = { unpack: async () => undefined };
    const { clock } = this.fixture;
    return new ImagePuller({ content, leases, unpacker, clock, log: silentLogger }, { limits });
  }

  pull(source: TestSource, target: Descriptor, request: Partial<PullRequest & { ctx: Context }> = {}): Promise<Pulled> {
    const { ctx = this.fixture.context(), ...rest } = request;
    source.tagged.set('latest', target);
    return this.puller.pull(ctx, {
      source,
      sourceName: 'OCI Registry (registry.test:5000/some/image:latest)',
      tagOrDigest: 'latest',
      name: 'registry.test:5000/some/image:latest',
      platforms: [],
      allMetadata: false,
      manifestLimit: 0,
      unpacks: [],
      save: async (_ctx, image) => {
        this.saved.push(image);
        return [{ name: 'registry.test:5000/some/image:latest', target: image }];
      },
      onProgress: (step) => this.progress.push(step),
      ...rest,
    });
  }

  /** A mebibyte or so that does not compress, the same for the same seed. */
  bytes(sizeBytes: number, seed = 1): Buffer {
    const bytes = Buffer.alloc(sizeBytes);
    let state = seed >>> 0 || 1;
    for (let at = 0; at < sizeBytes; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = state >>> 24;
    }
    return bytes;
  }

  async labels({ digest }: Descriptor, namespace = 'default'): Promise<Record<string, string>> {
    return (await this.content.info(this.fixture.context(namespace), digest)).labels;
  }

  async has({ digest }: Descriptor, namespace = 'default'): Promise<boolean> {
    return this.content.info(this.fixture.context(namespace), digest).then(
      () => true,
      () => false,
    );
  }

  /** What leases hold, as `type id`. */
  async held(namespace = 'default'): Promise<string[]> {
    const records = await all(this.fixture.database.list(leaseResourceTable, [namespace]));
    return records.map(({ key }) => key.slice(2).join(' '));
  }

  async leaseIds(namespace = 'default'): Promise<string[]> {
    return (await all(this.leases.list(this.fixture.context(namespace), []))).map(({ id }) => id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture[Symbol.asyncDispose]();
  }
}
