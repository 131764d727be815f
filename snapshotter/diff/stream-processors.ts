import { GantryError } from '../../base/errors.ts';
import { type LayerCompression, layerCompression, plainLayerMediaType } from './media-types.ts';

/** A program that turns layers of some media types into layers of another, such as one that decrypts. */
export interface StreamProcessor {
  /** Names the payload that is meant for it. */
  readonly id: string;
  /** The media types it reads. */
  readonly accepts: readonly string[];
  /** The media type it writes. */
  readonly returns: string;
  /** Path, or name to be looked up in PATH. */
  readonly path: string;
  readonly args: readonly string[];
  /** `NAME=value`, on top of the daemon's own environment. */
  readonly env: readonly string[];
}

/** One program that a layer goes through. */
export interface ProcessorStep {
  readonly processor: StreamProcessor;
  /** What it reads. */
  readonly mediaType: string;
}

export interface ProcessorRoute {
  readonly steps: readonly ProcessorStep[];
  /** How to read what comes out of the last of them. */
  readonly compression: LayerCompression;
}

/** More than this can only be going round in circles. */
const maxSteps = 16;

/**
 * The programs that a layer has to go through, in order. Those of the configuration come before what is built in, also for
 * media types that need none.
 * @throws GantryError unimplemented for a media type that nobody turns into a layer
 */
export function routeFor(processors: readonly StreamProcessor[], mediaType: string): ProcessorRoute {
  const steps: ProcessorStep[] = [];
  for (let current = mediaType; ; ) {
    const isDone = current === plainLayerMediaType && steps.length > 0;
    const processor = isDone ? undefined : processors.find(({ accepts }) => accepts.includes(current));
    if (processor === undefined) {
      const compression = layerCompression(current);
      if (compression === undefined) throw unsupported(mediaType, 'no processor for media-type');
      return { steps, compression };
    }
    if (steps.length === maxSteps) throw unsupported(mediaType, `more than ${maxSteps} processors in a row`);
    steps.push({ processor, mediaType: current });
    current = processor.returns;
  }
}

function unsupported(mediaType: string, why: string): GantryError {
  return new GantryError('unimplemented', `failed to get stream processor for ${mediaType}: ${why}`);
}
