import { readDocument } from '../../client/content/read.ts';
import { resolveImage } from '../../client/image/resolve.ts';
import { findImage, listImages } from '../../client/image/store.ts';
import type { Platform } from '../../image/platform.ts';
import { familiarReference } from '../../image/reference.ts';
import { rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import type { Cli } from '../action.ts';

/** An image as docker describes it. @throws GantryError not-found for an image or platform that is not there */
export async function inspectImage(cli: Cli, reference: string, platform: Platform | undefined): Promise<object> {
  const image = await findImage(cli.client, reference);
  const resolved = await resolveImage(cli.client, image.target, { ...(platform && { platform }) });
  const config = JSON.parse((await readDocument(cli.client, resolved.configDigest)).toString('utf8')) as Config;
  const others = (await listImages(cli.client)).filter(({ target }) => target.digest === image.target.digest);
  const names = others.map(({ name }) => familiarReference(name));
  const { os, architecture, variant } = resolved.config.platform;
  return {
    Id: resolved.configDigest,
    RepoTags: names.filter((name) => !name.includes('@')),
    RepoDigests: [...new Set(names.map((name) => `${repositoryOf(name)}@${image.target.digest}`))],
    Created: config.created ?? '',
    Author: config.author ?? '',
    Config: config.config ?? {},
    Architecture: architecture,
    ...(variant === undefined ? {} : { Variant: variant }),
    Os: os,
    Size: resolved.sizeBytes,
    RootFS: { Type: 'layers', Layers: resolved.config.diffIds },
    Metadata: { LastTagTime: image.createdAt === null ? '' : rfc3339FromTimestamp(image.createdAt) },
    Descriptor: {
      mediaType: image.target.mediaType,
      digest: image.target.digest,
      size: image.target.size,
    },
    ManifestDigest: resolved.manifest.digest,
    Labels: image.labels,
  };
}

/** The parts of the document that are shown as they are; `resolveImage` has checked the others. */
interface Config {
  readonly created?: unknown;
  readonly author?: unknown;
  readonly config?: unknown;
}

/** A name without its tag or digest. */
function repositoryOf(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
