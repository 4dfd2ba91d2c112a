/**
 * One configuration for every test. Forked processes, because native packages and child processes do not mix
 * well with worker threads; three of them, because on two cores a quarter of two workers' time is waiting: for pages, ends and starts.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { SCREEN_MS, TEST_MS } from './tests/helpers/limits.ts';
import { leftOut } from './tests/thorough.ts';

// half of the start of a worker, of a command and of an engine is the compiling of modules, which bin/fettle.js keeps here, too
process.env.NODE_COMPILE_CACHE ??= path.join(tmpdir(), 'node-compile-cache');
// a folder that begins empty and ends with this run (tests/helpers/example-prices.ts)
if (!process.env.FETTLE_TEST_PRICES) {
  const prices = mkdtempSync(path.join(tmpdir(), 'fettle-test-prices-'));
  process.env.FETTLE_TEST_PRICES = prices;
  process.once('exit', () => rmSync(prices, { recursive: true, force: true }));
}

/** Marks of tests that need a process of their own. A child's peak memory is at least that of the process that started it. */
const ALONE = [
  ...[/\bvi\.(mock|doMock|stubEnv|stubGlobal|useFakeTimers)\(/, /process\.env(\.\w+)? = /, /process\.on\(/],
  ...[
    /memoryUsage|resourceUsage|peakResidentBytes|smaps/,
    /extras\/tensorflow|tfjs-leaks|chat\/llama|WEBGPU|(webgpu|ggml)\.ts/,
  ],
];
/** `npm test` leaves out what takes longest; a command without npm, and one that names files, leaves out nothing. */
const out = leftOut(process.env.npm_lifecycle_event, process.argv.slice(2));
const root = import.meta.dirname;
const among = (...patterns: readonly string[]) =>
  globSync(patterns, { cwd: root })
    .filter((file) => {
      const text = readFileSync(`${root}/${file}`, 'utf8');
      return !ALONE.some((mark) => mark.test(text));
    })
    .map((file) => file.replaceAll('\\', '/'));
const longOnes = [
  ...['tests/e2e/*.test.ts', 'tests/integration/*.test.ts'],
  'tests/extras/*/*.{e2e,integration}.test.ts',
];
const long = among(...longOnes);
const rest = long.filter((file) => !out.includes(file));
const pure = among('tests/unit/**/*.test.ts', 'tests/extras/*/*.test.ts').filter(
  (file) => !/\.(e2e|integration)\.test\.ts$/.test(file),
);

export default defineConfig({
  // for the renderer's state classes, which are written with runes
  plugins: [svelte({ configFile: false })],
  test: {
    setupFiles: ['tests/helpers/home.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    expect: { poll: { timeout: SCREEN_MS } },
    reporters: ['default'],
    projects: [
      // run by name: the long tests first, then the many short ones, which keep all workers busy to the end
      { extends: true, test: { name: '1 long', include: rest, isolate: false } },
      {
        extends: true,
        test: { name: '2 alone', include: ['tests/**/*.test.ts'], exclude: [...long, ...pure, ...out] },
      },
      // a process and its imports for each of these files would take longer than most of them
      { extends: true, test: { name: '3 pure', include: pure, isolate: false } },
    ],
  },
});
