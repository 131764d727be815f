import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * Start-up is most of what a short command does, so compiled code is kept from one run to the next: beside the bundle, or,
 * where that is not writable, with the user's caches. Everything else is imported after this, or it would be too late.
 */
function keepCompiledCode(): void {
  if (basename(import.meta.dirname) !== 'build') return;
  const beside = enableCompileCache(join(import.meta.dirname, '.compile-cache'));
  if (beside.directory !== undefined) return;
  enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gantry'));
}

keepCompiledCode();
const { main } = await import('./program.ts');
await main(process.argv.slice(2));
