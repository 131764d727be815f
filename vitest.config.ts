import { defineConfig } from 'vitest/config';

const sources = [
  'base',
  'proto',
  'ttrpc',
  'native',
  'image',
  'archive',
  'registry',
  'snapshotter',
  'daemon',
  'client',
  'cli',
];

/** Root-only suites share the machine's kernel objects, so their files run one after another. */
function rooted(name: string, testTimeoutMs: number) {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      fileParallelism: false,
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            ...sources.map((folder) => `${folder}/**/*.test.ts`),
            ...['architecture', 'helpers'].map((folder) => `test/${folder}/**/*.test.ts`),
          ],
        },
      },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'] } },
      rooted('contract', 30_000),
      rooted('integration', 60_000),
      rooted('e2e', 120_000),
      rooted('faults', 120_000),
    ],
  },
});
