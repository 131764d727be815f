import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  enableFailpoints,
  failpoint,
  failpointSync,
  failpointsEnabled,
  listFailpoints,
  setFailpoint,
} from './failpoint.ts';
import { parseTerms } from './failpoint-terms.ts';

afterEach(() => enableFailpoints(undefined));

const stateOf = (name: string) => listFailpoints().find((state) => state.name === name);

test('failpoints are off unless the process was started with them', async () => {
  expect(failpointsEnabled()).toBe(false);
  expect(failpoint('event.published')).toBeUndefined();
  failpointSync('event.published');
  expect(listFailpoints()).toEqual([]);
  expect(() => setFailpoint('event.published', 'error')).toThrow('failpoints are not enabled');
});

test('terms are used up one after another, and then the point is off', async () => {
  enableFailpoints('image.create.recorded=1*off->2*error(no luck)');
  const outcomes: string[] = [];
  for (let pass = 0; pass < 5; pass++) {
    await (failpoint('image.create.recorded') ?? Promise.reject()).then(
      () => outcomes.push('passed'),
      (error: Error) => outcomes.push(error.message),
    );
  }
  expect(outcomes).toEqual(['passed', 'no luck', 'no luck', 'passed', 'passed']);
  expect(stateOf('image.create.recorded')).toMatchObject({ passes: 5, terms: '1*off->2*error(no luck)' });
});

test('a term without a count is never used up', () => {
  enableFailpoints('event.published=error');
  for (let pass = 0; pass < 3; pass++) expect(() => failpointSync('event.published')).toThrow('failpoint error');
});

test('a panic is an error that no caller expects', () => {
  enableFailpoints('event.published=panic(boom)');
  expect(() => failpointSync('event.published')).toThrow(Error);
  expect(() => failpointSync('event.published')).not.toThrow(expect.objectContaining({ kind: expect.anything() }));
});

test('a delay holds up the caller, also one that cannot await', async () => {
  enableFailpoints('event.published=delay(30ms)');
  const startedAtMs = performance.now();
  failpointSync('event.published');
  await failpoint('event.published');
  // Timers may fire up to a millisecond early.
  expect(performance.now() - startedAtMs).toBeGreaterThan(58);
});

test('several points are set at once, and each anew', () => {
  enableFailpoints('event.published=error(a=b) ; image.create.recorded = crash;');
  expect(stateOf('event.published')?.terms).toBe('error(a=b)');
  expect(stateOf('image.create.recorded')?.terms).toBe('crash');
  setFailpoint('event.published', 'off');
  failpointSync('event.published');
  enableFailpoints('');
  expect(failpointsEnabled()).toBe(true);
  expect(stateOf('image.create.recorded')?.terms).toBe('off');
});

test('unknown names and malformed terms are refused', () => {
  expect(() => enableFailpoints('event.publisht=crash')).toThrow('no failpoint "event.publisht"');
  expect(() => enableFailpoints('toString=crash')).toThrow('no failpoint "toString"');
  for (const terms of ['', 'explode', '2crash', '-1*crash', 'crash(now)', 'delay', 'delay(50)', 'off->', '*off']) {
    expect(() => parseTerms(terms), terms).toThrow(/^failpoint term/);
  }
});

test('a crash is a SIGKILL that lets nothing more happen', () => {
  const script = `
    import { enableFailpoints, failpoint } from ${JSON.stringify(join(import.meta.dirname, 'failpoint.ts'))};
    process.on('exit', () => console.log('exit'));
    enableFailpoints('event.published=1*off->crash');
    await failpoint('event.published');
    console.log('first');
    await failpoint('event.published');
    console.log('second');
  `;
  const child = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script], { encoding: 'utf8' });
  expect(child).toMatchObject({ signal: 'SIGKILL', stdout: 'first\n' });
});
