import { GantryError, wrap } from '../../base/errors.ts';
import type { HostSession, Question } from '../host-session.ts';
import type { BlobToPush, Pushed, RequestOptions } from '../repository.ts';
import { pushInChunks } from './chunks.ts';
import { closing, locationOf } from './location.ts';
import { access, checkStored, commitTimeoutMs, counted, type PushBlobOptions, startUpload } from './upload.ts';

const maxMounts = 5;
/** Kinds of failures that have to do with how much is sent at once. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'deadline-exceeded', 'resource-exhausted', 'unknown']);

/** Brings a blob to a host by the least effort: it has it, another of its repositories has it, or it is sent. */
export async function pushBlobTo(session: HostSession, blob: BlobToPush, options: PushBlobOptions): Promise<Pushed> {
  const { digest } = blob.descriptor;
  const head = await session.ask({ method: 'HEAD', path: `blobs/${digest}`, access }, options);
  head.body.discard();
  if (head.status === 200) return 'exists';
  // Who may write need not be allowed to look.
  if (![401, 403, 404, 405].includes(head.status)) throw await session.refusal(head);
  const mounted = await mount(session, blob, options);
  if (mounted === 'mounted') return 'mounted';
  await upload(session, blob, mounted ?? (await startUpload(session, options)), options);
  return 'uploaded';
}

/** Answers with where to upload to if the host would rather have that. */
async function mount(
  session: HostSession,
  blob: BlobToPush,
  options: RequestOptions,
): Promise<'mounted' | URL | undefined> {
  const { digest } = blob.descriptor;
  for (const from of blob.mountFrom.slice(0, maxMounts)) {
    const query = { mount: digest, from };
    const answer = await session.ask(
      { method: 'POST', path: 'blobs/uploads/', query, access, mountFrom: from },
      options,
    );
    answer.body.discard();
    if (answer.status === 201) return 'mounted';
    if (answer.status === 202) return locationOf(answer);
  }
  return undefined;
}

/** All at once, as is fastest; in pieces where that does not come through. */
async function upload(session: HostSession, blob: BlobToPush, location: URL, options: PushBlobOptions): Promise<void> {
  try {
    await putWhole(session, blob, location, options);
  } catch (error) {
    if (options.signal.aborted || !(error instanceof GantryError) || !passing.has(error.kind)) throw error;
    await pushInChunks(session, blob, options).catch((second) => {
      throw options.signal.aborted ? second : wrap(second, `sent in pieces, after ${error.message}`);
    });
  }
}

async function putWhole(
  session: HostSession,
  blob: BlobToPush,
  location: URL,
  options: PushBlobOptions,
): Promise<void> {
  const { digest, size } = blob.descriptor;
  const question: Question = {
    method: 'PUT',
    path: closing(location, digest),
    headers: { 'content-type': 'application/octet-stream' },
    body: { sizeBytes: size, open: () => counted(blob.open(0), 0, options.onBytes) },
    access,
    once: true,
    bulk: true,
    headersTimeoutMs: commitTimeoutMs,
  };
  await checkStored(session, await session.ask(question, options), digest);
}
