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

const failedFiles = (report) => (report?.testResults ?? []).filter((file) => file.status === 'failed');
const hasFailedTest = (file) => file.assertionResults.some((test) => test.status === 'failed');
const inState = (files, ...states) =>
  files.flatMap((file) => file.assertionResults).filter((test) => states.includes(test.status)).length;

/** The files whose tests failed, where they are few enough to run again: many of them have a cause in common. */
export function filesToRepeat(report, most = 3) {
  const files = failedFiles(report).map((file) => file.name);
  return files.length <= most ? files : [];
}

/** The report with each file that passed in `again` as it is there, and the names of those files. */
export function withSecondTry(report, again) {
  const better = new Map();
  for (const file of again?.testResults ?? []) {
    if (file.status === 'passed' && file.assertionResults.length > 0) better.set(file.name, file);
  }
  const before = failedFiles(report).filter((file) => better.has(file.name));
  if (before.length === 0) return { report, unsteady: [] };
  const after = before.map((file) => better.get(file.name));
  const more = (...states) => inState(after, ...states) - inState(before, ...states);
  const waiting = ['pending', 'skipped', 'disabled'];
  return {
    report: {
      ...report,
      numPassedTests: report.numPassedTests + more('passed'),
      numFailedTests: report.numFailedTests + more('failed'),
      numPendingTests: report.numPendingTests + more(...waiting),
      testResults: report.testResults.map((file) => (before.includes(file) ? better.get(file.name) : file)),
    },
    unsteady: before.map((file) => file.name),
  };
}

/**
 * Counts tests and failures: a test file that could not be loaded, a failed step and a run without any passed test
 * are failures too. The step `test:all` adds nothing where its failed tests are counted already, or where all of them
 * passed at a second try.
 */
export function summarise(report, failedSteps, unsteady = []) {
  const passed = report?.numPassedTests ?? 0;
  const failedTests = report?.numFailedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const brokenFiles = failedFiles(report).filter((file) => !hasFailedTest(file)).length;
  const counted = failedTests + brokenFiles + unsteady.length;
  const steps = failedSteps.filter((name) => name !== 'test:all' || counted === 0).length;
  const failed = failedTests + brokenFiles + steps || (passed === 0 ? 1 : 0);
  return { passed, failed, skipped };
}

/** The line that ends a CI run. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** `REPORT AGAIN STEP…` prints the closing line; `--repeat REPORT` the files to run again, a line each. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path = '', second = '', ...failedSteps] = process.argv.slice(2);
  if (path === '--repeat') {
    for (const file of filesToRepeat(readReport(second))) console.log(file);
  } else {
    const { report, unsteady } = withSecondTry(readReport(path), readReport(second));
    const counts = summarise(report, failedSteps, unsteady);
    for (const name of failedSteps) console.log(`failed step: ${name}`);
    for (const name of unsteady) console.log(`passed only at a second try: ${name}`);
    console.log(closingLine(counts));
    process.exitCode = counts.failed > 0 ? 1 : 0;
  }
}
