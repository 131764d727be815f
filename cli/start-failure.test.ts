import { expect, test } from 'vitest';
import { GantryError } from '../base/errors.ts';
import { toStartFailure } from './start-failure.ts';

const chain =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process';

test.each([
  [
    `${chain}: exec: "nope": executable file not found in $PATH: unknown`,
    127,
    'cannot run "nope": executable file not found in $PATH',
  ],
  [
    `${chain}: exec: "/no": stat /no: no such file or directory: unknown`,
    127,
    'cannot run "/no": stat /no: no such file or directory',
  ],
  [`${chain}: exec: "/etc": permission denied: unknown`, 126, 'cannot run "/etc": permission denied'],
  [`${chain}: exec: "/etc": is a directory`, 126, 'cannot run "/etc": is a directory'],
])('a command that cannot be run: %s', (message, status, told) => {
  expect(toStartFailure(new GantryError('unknown', message))).toEqual({ status, message: told });
});

test.each([
  'image "nope": not found',
  'mount "src=/no": /no does not exist',
  'runc: exec: "runc": broken in some other way',
  'container "exec": already exists',
])('any other failure is ours, its words unchanged: %s', (message) => {
  expect(toStartFailure(new GantryError('not-found', message))).toEqual({ status: 125, message });
});
