import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../helpers/paths.ts';

/** Files that git knows, or would with the next `git add`, relative to the repository. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(repository, path)));
}

/** Written by hand: what scripts/generate-proto.ts writes is held to other rules. */
export function isGenerated(path: string): boolean {
  return path.startsWith('proto/gen/') || path === 'package-lock.json';
}

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}
