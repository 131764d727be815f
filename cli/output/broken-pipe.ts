const sigpipeStatus = 141;

/** Ends the process as the signal would, which Node ignores, when whoever reads our output has gone (`gantry ps | head`). */
export function exitOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      // A command that has to clean up first listens too.
      if (stream.listenerCount('error') === 1) process.exit(sigpipeStatus);
    });
  }
}
