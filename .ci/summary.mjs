/**
 * Turns the JSON report of the tests and the names of failed steps into the last line of a CI run, and into the
 * exit code. Plain JavaScript without packages: it must also run where the install failed.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Parses the report, or returns undefined when the tests never got as far as writing one. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Counts tests and failures: a test file that could not be loaded, a failed step and a run without any passed test
 * are failures too. The step `test:all` adds nothing where its failed tests are counted already.
 */
export function summarise(report, failedSteps) {
  const passed = report?.numPassedTests ?? 0;
  const failedTests = report?.numFailedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const counted = failedTests + brokenFiles;
  const steps = failedSteps.filter((name) => name !== 'test:all' || counted === 0).length;
  const failed = counted + steps || (passed === 0 ? 1 : 0);
  return { passed, failed, skipped };
}

/** The line that ends a CI run. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path = '', ...failedSteps] = process.argv.slice(2);
  const counts = summarise(readReport(path), failedSteps);
  for (const name of failedSteps) console.log(`failed step: ${name}`);
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
