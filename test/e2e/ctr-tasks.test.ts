import { describe } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { criuWorks } from '../helpers/criu.ts';
import * as checkpoints from './ctr-checkpoint.ts';
import * as tasks from './ctr-tasks.ts';

tasks.declare(bothDaemons({ image: true }).scenario);

describe.skipIf(!criuWorks())('with criu', () => {
  checkpoints.declare(bothDaemons({ image: true }).scenario);
});
