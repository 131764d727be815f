import { GantryError, wrap } from '../../base/errors.ts';
import { Mutex } from '../../base/mutex.ts';
import { linkedController } from '../../base/signals.ts';
import { pack, unpack } from '../../proto/any.ts';
import type { AuthResponse } from '../../proto/gen/api/types/transfer/registry.ts';
import type { Credentials, FindCredentials } from '../../registry/repository.ts';
import type { Stream } from './stream.ts';

/** A client may have to ask a person. One that fails to find an answer says nothing at all, as containerd's does. */
const patienceMs = 5 * 60_000;

/** Asks the client for credentials on a stream that it has opened for that, one question at a time. */
export function askClient(stream: Stream): FindCredentials {
  const turns = new Mutex();
  const lookedIn = [`stream "${stream.name}" of the client`];
  let failure: GantryError | undefined;
  return ({ host, reference, challenges, signal }) =>
    turns.run(async () => {
      if (failure !== undefined) throw failure;
      try {
        const question = { host, reference, wwwauthenticate: [...challenges] };
        await stream.send(pack('containerd.types.transfer.AuthRequest', question));
        const credentials = credentialsOf(await answerTo(stream, signal));
        return { lookedIn, ...(credentials === undefined ? {} : { credentials }) };
      } catch (error) {
        // An answer that comes now would be taken for that to the next question.
        failure = wrap(error, `credentials for ${host}: ${lookedIn[0]}`);
        throw failure;
      }
    });
}

async function answerTo(stream: Stream, signal: AbortSignal): Promise<AuthResponse> {
  using waiting = linkedController(signal);
  const timer = setTimeout(() => {
    waiting.abort(new GantryError('unauthenticated', `no answer within ${patienceMs / 60_000} minutes`));
  }, patienceMs);
  try {
    const answer = await stream.receive({ signal: waiting.signal });
    if (answer === undefined) throw new GantryError('unauthenticated', 'the client answers no more');
    return unpack('containerd.types.transfer.AuthResponse', answer);
  } finally {
    clearTimeout(timer);
  }
}

/** Undefined for a client that has none. */
function credentialsOf({ authType, username, secret }: AuthResponse): Credentials | undefined {
  if (authType === 'CREDENTIALS') {
    return username === '' && secret === '' ? undefined : { kind: 'basic', username, password: secret };
  }
  if (secret === '') return undefined;
  if (authType === 'REFRESH') return { kind: 'refresh-token', token: secret };
  return authType === 'HEADER' ? { kind: 'header', authorization: secret } : undefined;
}
