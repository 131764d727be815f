import { holds, pack, unpack } from '../../proto/any.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { MessageStream } from './message-stream.ts';

/** What a registry wants to know, as the daemon passes it on. */
export interface CredentialsQuestion {
  /** The host that asks, which need not be that of the reference. */
  readonly host: string;
  readonly reference: string;
  /** `WWW-Authenticate` headers of the host; containerd tells none. */
  readonly challenges: readonly string[];
}

/** Answers with credentials, or undefined to go on without. What it throws ends the transfer. */
export type FindCredentials = (question: CredentialsQuestion) => Promise<Credentials | undefined>;

const requestName = 'containerd.types.transfer.AuthRequest';
const responseName = 'containerd.types.transfer.AuthResponse';

/** Answers what the daemon asks on a stream until it ends it. */
export async function answerQuestions(stream: MessageStream, find: FindCredentials): Promise<void> {
  for (;;) {
    // Closed with the session that it belongs to.
    const message = await stream.receive().catch(() => undefined);
    if (message === undefined) return;
    if (!holds(message, requestName)) continue;
    const { host, reference, wwwauthenticate } = unpack(requestName, message);
    const credentials = await find({ host, reference, challenges: wwwauthenticate });
    await stream.send(pack(responseName, toResponse(credentials)));
  }
}

function toResponse(credentials: Credentials | undefined): Init<Messages[typeof responseName]> {
  switch (credentials?.kind) {
    case undefined:
      return { authType: 'NONE' };
    case 'basic':
      return { authType: 'CREDENTIALS', username: credentials.username, secret: credentials.password };
    case 'refresh-token':
      return { authType: 'REFRESH', secret: credentials.token };
    case 'header':
      return { authType: 'HEADER', secret: credentials.authorization };
  }
}
