import { binding } from './binding.ts';
import { nativeSync } from './errno.ts';

/** One end of a pipe; closing it again does nothing. */
export class PipeEnd implements Disposable {
  readonly fd: number;
  #isOpen = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  close(): void {
    if (this.#isOpen) nativeSync(() => binding().closeDescriptor(this.fd));
    this.#isOpen = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export interface Pipe {
  readonly reader: PipeEnd;
  readonly writer: PipeEnd;
}

/** See `Sys.makePipe`. */
export function makePipe(): Pipe {
  const [reader, writer] = nativeSync(() => binding().makePipe());
  return { reader: new PipeEnd(reader), writer: new PipeEnd(writer) };
}
