/** The language that a terminal's environment asks for, in a command of its own; what programs read stays English. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../bin/fettle.js');

/** What `fettle` writes about a file that isn't there. */
function words(env: Readonly<Record<string, string>>, ...more: readonly string[]): Promise<string> {
  const { FETTLE_LANGUAGE: _, LC_ALL: __, ...others } = process.env;
  const args = [program, 'data', 'check', 'missing.jsonl', ...more];
  return new Promise((resolve) =>
    execFile(process.execPath, args, { env: { ...others, ...env } }, (_error, out, err) =>
      resolve(out + err),
    ),
  );
}

test('is said to a person', async () => {
  expect(await words({ LC_ALL: 'de_DE.UTF-8' })).toMatch(/^Fehler: .*missing\.jsonl.* nicht/);
  expect(await words({ LC_ALL: 'de_DE.UTF-8', FETTLE_LANGUAGE: 'en' })).toMatch(/^error: There is no file/);
});

test('is English for programs, and where nothing is asked for', async () => {
  const [line] = (await words({ LC_ALL: 'de_DE.UTF-8' }, '--json')).split('\n');
  expect(JSON.parse(line!).message).toContain('There is no file');
  expect(await words({ LC_ALL: 'C' })).toMatch(/^error: /);
});
