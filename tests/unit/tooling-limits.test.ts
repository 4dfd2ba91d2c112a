/** Tests wait for what happens: how long one may hang stands in tests/helpers/limits.ts alone. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const TESTS = path.resolve(import.meta.dirname, '..');
/** A limit in an option, behind a test or a hook, or in what vitest would wait for a second. */
const OWN_LIMIT = /\btimeout: \d|^\s*\}, \d[\d_]{3,}\);|\bvi\.(?:waitFor|waitUntil)\(/m;

it.each(['{ timeout: 5_000 }', '  }, 60_000);', '}, 60_000);', 'await vi.waitFor(() => look())'])(
  'finds %s',
  (line) => expect(`a();\n${line}\n`).toMatch(OWN_LIMIT),
);

it('no test has a limit of its own', () => {
  const files = globSync('{conformance,e2e,golden,integration,unit}/**/*.test.ts', { cwd: TESTS });
  expect(files.length).toBeGreaterThan(400);
  const own = files.filter(
    (file) =>
      path.basename(file) !== path.basename(import.meta.filename) &&
      OWN_LIMIT.test(readFileSync(path.join(TESTS, file), 'utf8')),
  );
  expect(own).toEqual([]);
});
