import { EventEmitter } from 'node:events';
import { Metadata } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { type AnyCall, grpcCallScope } from './grpc-call.ts';

function callUntil(deadline: number): AnyCall {
  return Object.assign(new EventEmitter(), {
    cancelled: false,
    metadata: new Metadata(),
    getPeer: () => 'unix:',
    getDeadline: () => deadline,
    sendMetadata: () => undefined,
  });
}

test.each([
  [5, 'deadline-exceeded'],
  [60_000, 'canceled'],
  [Number.POSITIVE_INFINITY, 'canceled'],
])('a call that grpc-js cancels %d ms before its deadline is %s', (leftMs, kind) => {
  const call = callUntil(Date.now() + leftMs);
  using scope = grpcCallScope(call, '/a/b');
  call.emit('cancelled');
  expect(scope.ctx.signal.reason).toMatchObject({ kind });
});
