/**
 * The CI script is only ever watched when it fails, so its way of failing is tested: with an `npm` that is a small
 * script, each step breaks once and the last line and the exit code must say so.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { leftOut, THOROUGH } from '../thorough.ts';

const ci = resolve(import.meta.dirname, '../../.ci');
const temporary: string[] = [];

afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

type FileResult = { name: string; status: string; assertionResults: { status: string }[] };
const file = (name: string, status: string, ...tests: string[]): FileResult => ({
  name,
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});
const passedFile = file('tests/a.test.ts', 'passed', 'passed');
const failedFile = file('tests/b.test.ts', 'failed', 'failed');
const brokenFile = file('tests/c.test.ts', 'failed');
const journey = file('tests/d.test.ts', 'failed', 'passed', 'failed', 'pending');
const report = (passed: number, failed: number, pending: number, testResults: FileResult[]) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
    testResults,
  });

/** Runs .ci/run with an npm that fails in the given steps (each as often as listed) and writes `json` as report, then `again`. */
function runCi(json: string, failing: readonly string[] = [], again = '') {
  const folder = mkdtempSync(join(tmpdir(), 'fettle-ci-'));
  temporary.push(folder);
  cpSync(ci, join(folder, '.ci'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'report.json'), json);
  writeFileSync(join(folder, 'again.json'), again);
  const fakeNpm = `#!/usr/bin/env bash
case "$1" in run) name="$2" ;; *) name="$1" ;; esac
echo "$name" >> "${folder}/calls"
for argument in "$@"; do
  case "$argument" in --outputFile.json=*) report="\${argument##*/}"; cp "${folder}/$report" "\${argument#*=}" ;; esac
done
allowed=$(grep -c "^$name$" "${folder}/failing")
[ "$(grep -c "^$name$" "${folder}/calls")" -gt "$allowed" ]
`;
  writeFileSync(join(folder, 'failing'), failing.map((name) => `${name}\n`).join(''));
  writeFileSync(join(folder, 'bin/npm'), fakeNpm);
  writeFileSync(join(folder, 'bin/sleep'), '#!/usr/bin/env bash\n');
  for (const name of ['npm', 'sleep']) chmodSync(join(folder, 'bin', name), 0o755);
  const PATH = [join(folder, 'bin'), process.env.PATH].join(delimiter);
  const run = spawnSync('bash', ['.ci/run'], {
    cwd: folder,
    env: { ...process.env, PATH },
    encoding: 'utf8',
  });
  return {
    status: run.status,
    lastLine: run.stdout.trimEnd().split('\n').at(-1),
    output: run.stdout + run.stderr,
  };
}

describe.skipIf(process.platform === 'win32')('.ci/run', () => {
  test('says what passed and ends with 0', () => {
    const run = runCi(report(7, 0, 0, [passedFile]));
    expect(run).toMatchObject({ status: 0, lastLine: '7 passed, 0 failed' });
  });

  test('names skipped tests', () => {
    const run = runCi(report(7, 0, 2, [passedFile]));
    expect(run).toMatchObject({ status: 0, lastLine: '7 passed, 0 failed, 2 skipped' });
  });

  test.each(['check:types', 'check:lint', 'check:imports', 'build'])(
    'a failing %s is a failure although all tests pass',
    (name) => {
      const run = runCi(report(7, 0, 0, [passedFile]), [name]);
      expect(run).toMatchObject({ status: 1, lastLine: '7 passed, 1 failed' });
      expect(run.output).toContain(`failed step: ${name}`);
    },
  );

  test('an install that works the second time is no failure', () => {
    expect(runCi(report(7, 0, 0, [passedFile]), ['ci'])).toMatchObject({
      status: 0,
      lastLine: '7 passed, 0 failed',
    });
  });

  test('an install that fails twice ends the run', () => {
    const run = runCi(report(7, 0, 0, [passedFile]), ['ci', 'ci']);
    expect(run).toMatchObject({ status: 1, lastLine: '0 passed, 1 failed' });
    expect(run.output).not.toContain('== check');
  });

  test('failed tests are counted once', () => {
    const run = runCi(report(5, 2, 0, [passedFile, failedFile]), ['test:all']);
    expect(run).toMatchObject({ status: 1, lastLine: '5 passed, 2 failed' });
  });

  test('a test file that does not load counts as a failure', () => {
    const run = runCi(report(5, 0, 0, [passedFile, brokenFile]), ['test:all']);
    expect(run).toMatchObject({ status: 1, lastLine: '5 passed, 1 failed' });
  });

  test('a test run that fails outside any test is a failure', () => {
    const run = runCi(report(5, 0, 0, [passedFile]), ['test:all']);
    expect(run).toMatchObject({ status: 1, lastLine: '5 passed, 1 failed' });
  });

  test('a file that passes at a second try is counted as it is then, and named', () => {
    const again = report(3, 0, 0, [file(journey.name, 'passed', 'passed', 'passed', 'passed')]);
    const run = runCi(report(8, 1, 1, [passedFile, journey]), ['test:all'], again);
    expect(run).toMatchObject({ status: 0, lastLine: '10 passed, 0 failed' });
    expect(run.output).toContain(`passed only at a second try: ${journey.name}`);
  });

  test('a file that fails twice is a failure, and one that was not run again', () => {
    const again = report(1, 1, 0, [failedFile]);
    const run = runCi(report(5, 2, 1, [passedFile, failedFile, journey]), ['test:all'], again);
    expect(run).toMatchObject({ status: 1, lastLine: '5 passed, 2 failed, 1 skipped' });
  });

  test('many failed files are not run again', () => {
    const files = ['d', 'e', 'f', 'g'].map((name) => file(name, 'failed', 'failed'));
    const run = runCi(report(5, 4, 0, files), ['test:all'], report(4, 0, 0, files));
    expect(run).toMatchObject({ status: 1, lastLine: '5 passed, 4 failed' });
    expect(run.output).not.toContain('again');
  });

  test.each(['{}', '', report(0, 0, 3, [])])('no test that passed is a failure: report %j', (json) => {
    const run = runCi(json);
    expect(run.status).toBe(1);
    expect(run.lastLine).toMatch(/^0 passed, 1 failed/);
  });
});

describe('npm test', () => {
  test('leaves files to test:all that are there', () => {
    const root = resolve(import.meta.dirname, '../..');
    expect(Object.keys(THOROUGH).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('leaves nothing out that is named, nor where all is asked for', () => {
    expect(leftOut('test', ['run'])).toEqual(Object.keys(THOROUGH));
    expect(leftOut('test', ['run', 'tests/e2e/overlays.test.ts'])).toEqual([]);
    expect(leftOut('test:all', ['run'])).toEqual([]);
    expect(leftOut(undefined, ['run'])).toEqual([]);
  });
});
