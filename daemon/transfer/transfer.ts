import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Reference } from '../../image/reference.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { RepositoryOptions } from '../../registry/client.ts';
import type { Context } from '../context.ts';
import type { OnProgress } from '../images/progress.ts';
import type { ImagePuller, SourceRepository, UnpackTo } from '../images/pull.ts';
import type { ImagePusher, TargetRepository } from '../images/push.ts';
import type { ImageToUnpack, OnLayer } from '../unpack/unpacker.ts';
import type { ArchiveContentDeps } from './content.ts';
import type { ImageRecords } from './images.ts';
import type { LeaseStore } from './leases.ts';
import { chooseUnpacks, type UnpackRules } from './platforms.ts';
import type { Stream } from './stream.ts';

/** What all transfers are made with. */
export interface TransferDeps extends ArchiveContentDeps {
  readonly images: ImageRecords;
  readonly leases: LeaseStore;
  readonly registry: {
    repository(reference: Reference, options: RepositoryOptions): Promise<SourceRepository & TargetRepository>;
  };
  readonly puller: Pick<ImagePuller, 'pull'>;
  readonly pusher: Pick<ImagePusher, 'push'>;
  readonly unpacker: { unpack(ctx: Context, image: ImageToUnpack, onLayer: OnLayer): Promise<string | undefined> };
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: UnpackRules;
}

/** One transfer: who wants it, and who is told. */
export interface Transfer {
  readonly ctx: Context;
  readonly deps: TransferDeps;
  readonly report: OnProgress;
  /** Takes a stream of the client for the time of the transfer. */
  readonly claim: (name: string) => Stream;
  /** Something to be done when it is over, before the streams end. */
  readonly atEnd: (task: () => Promise<void>) => void;
}

/** Where to unpack what the client wants unpacked; the daemon's log is told of what cannot be. */
export function unpacksOf({ ctx, deps }: Transfer, { name, unpacks }: ImageStore): UnpackTo[] {
  return chooseUnpacks(unpacks, deps.rules, (wish) => {
    deps.log.warn({ namespace: ctx.namespace, image: name }, `unpacking ${wish} is not configured, left packed`);
  });
}
