// For app/check.mjs: what vitest's own JSON leaves out is why a test was skipped.
import { writeFileSync } from 'node:fs';

/** Writes `{ passed, failed, skipped: [{ name, reason }] }` to the file that ARTIFEX_COUNTS names. */
export default class Counts {
  passed = 0;
  failed = 0;
  /** @type {{ name: string, reason: string }[]} */
  skipped = [];

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    const result = test.result();
    if (test.diagnostic()?.flaky) console.log(`\npassed the second time: ${test.fullName}`);
    if (result.state === 'passed') this.passed += 1;
    else if (result.state === 'failed') this.failed += 1;
    else if (result.state === 'skipped')
      this.skipped.push({ name: `${test.module.relativeModuleId} > ${test.fullName}`, reason: result.note ?? '' });
  }

  /** A file that could not be loaded, or whose hooks failed, is a failure too.
   * @param {import('vitest/node').TestModule} module */
  onTestModuleEnd(module) {
    if (module.errors().length > 0) this.failed += 1;
  }

  /** @param {readonly unknown[]} _modules @param {readonly unknown[]} errors that belong to no test */
  onTestRunEnd(_modules, errors) {
    this.failed += errors.length;
    const { passed, failed, skipped } = this;
    if (process.env.ARTIFEX_COUNTS)
      writeFileSync(process.env.ARTIFEX_COUNTS, JSON.stringify({ passed, failed, skipped }));
  }
}
