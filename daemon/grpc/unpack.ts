import { PassThrough } from 'node:stream';
import type { UnpackProgress } from '../../proto/gen/gantry/unpack/v1/unpack.ts';
import { implement } from '../../proto/handler.ts';
import type { Unpacker } from '../unpack/unpacker.ts';
import { inNamespace } from './context.ts';

/** Gantry's own service (gantry.unpack.v1). */
export const unpackHandlers = (unpacker: Unpacker) =>
  implement('gantry.unpack.v1.Unpack', {
    Unpack: async function* (request, call) {
      const progress = new PassThrough({ objectMode: true });
      const unpacked = unpacker.unpack(inNamespace(call), request, (layer, state) => {
        if (state === 'begun') progress.write({ layer });
      });
      unpacked.then(
        () => progress.end(),
        (error: Error) => progress.destroy(error),
      );
      yield* progress as AsyncIterable<UnpackProgress>;
      await unpacked;
    },
  });
