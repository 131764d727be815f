import { execa } from 'execa';
import { expect, test } from 'vitest';
import { repository } from '../helpers/paths.ts';
import { isGenerated, repositoryFiles, textOf } from './sources.ts';

const fileCap = 400;
const functionCap = 60;

const sources = repositoryFiles().filter((path) => /\.(ts|c|h)$/.test(path) && !isGenerated(path));

/** What is used of the linter's report. */
interface Report {
  readonly summary: { readonly unchanged: number };
  readonly diagnostics: readonly {
    readonly message: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** Functions of a C file that are too long: blocks that begin at the margin after a parameter list. */
function longFunctionsIn(path: string): string[] {
  const lines = textOf(path).split('\n');
  const long: string[] = [];
  let start = 0;
  let name = '';
  for (const [index, line] of lines.entries()) {
    const opens = /^\w.*\)\s*\{$/.test(line) || line === '{';
    if (opens) {
      start = index;
      name = /(\w+)\(/.exec(line === '{' ? (lines[index - 1] ?? '') : line)?.[1] ?? `line ${index + 1}`;
    } else if (line === '}' && name !== '') {
      const length = index - start - 1;
      if (length > functionCap) long.push(`${path}: ${name} has ${length} lines`);
      name = '';
    }
  }
  return long;
}

test(`no source file is longer than ${fileCap} lines`, () => {
  const long = sources
    .map((path) => ({ path, lines: textOf(path).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > fileCap)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  expect(long).toEqual([]);
});

test(`no C function is longer than ${functionCap} lines`, () => {
  expect(sources.filter((path) => path.endsWith('.c')).flatMap(longFunctionsIn)).toEqual([]);
});

test(`no TypeScript function is longer than ${functionCap} lines`, async () => {
  // Tests are lists and may be long. The linter knows where a function ends; function-size.json sets its one rule.
  const paths = sources.filter((path) => /\.ts$/.test(path) && !/^test\/|\.test\.ts$/.test(path));
  const config = '--config-path=test/architecture/function-size.json';
  const flags = ['lint', config, '--reporter=json', '--max-diagnostics=none'];
  const { stdout } = await execa('node_modules/.bin/biome', [...flags, ...paths], { cwd: repository, reject: false });
  const report = JSON.parse(stdout) as Report;
  expect(report.summary.unchanged).toBe(paths.length);
  expect(
    report.diagnostics.map(({ location, message }) => `${location.path}:${location.start.line} ${message}`),
  ).toEqual([]);
});
