/**
 * Jest reporter that ends a run with `N passed, N failed` alone on a line, which Jest does not print itself.
 * A suite that could not be loaded counts as one failure. A run that executed no test is a failure as well,
 * because nothing was shown to work.
 */
export default class ClosingLine {
  #error;

  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    const notRun = results.numPendingTests + results.numTodoTests;
    let failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    if (passed + failed === 0) {
      this.#error = new Error('The run executed no test.');
      failed = 1;
    }
    // At the very end, because Jest prints its own summary after every other reporter.
    const line = closingLine(passed, failed, notRun);
    process.once('exit', () => process.stdout.write(`\n${line}\n`));
  }

  /** Jest fails the run when a reporter returns an error here. */
  getLastError() {
    return this.#error;
  }
}

function closingLine(passed, failed, skipped) {
  const counts = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${counts}, ${skipped} skipped` : counts;
}
