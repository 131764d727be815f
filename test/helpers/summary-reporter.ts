import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Adds "passed failed skipped" of a run to the file that TEST_RESULTS_FILE names, for scripts/test.sh to add up. */
class SummaryReporter implements Reporter {
  readonly #path = process.env['TEST_RESULTS_FILE'];

  onInit(_vitest: Vitest): void {
    if (this.#path === undefined) throw new Error('summary-reporter: TEST_RESULTS_FILE is not set');
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let [passed, failed, skipped] = [0, errors.length, 0];
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      passed += states.filter((state) => state === 'passed').length;
      skipped += states.filter((state) => state === 'skipped').length;
      const failedTests = states.filter((state) => state === 'failed').length;
      // A file that does not load, or whose clean-up fails, has no failed test to show for it.
      failed += failedTests === 0 && !module.ok() ? 1 : failedTests;
    }
    appendFileSync(this.#path as string, `${passed} ${failed} ${skipped}\n`);
  }
}

// The one default export beside configuration files: vitest loads a reporter by it.
export default SummaryReporter;
