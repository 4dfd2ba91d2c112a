/**
 * One configuration for every test. Forked processes, because native packages and child processes do not mix
 * well with worker threads; two of them, because an engine test already uses all the cores it gets.
 */
import { globSync, readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Marks of unit tests that need a process of their own. A child's peak memory is at least that of the process that started it. */
const ALONE = [
  ...[/\bvi\.(mock|doMock|stubEnv|stubGlobal|useFakeTimers)\(/, /process\.env(\.\w+)? = /, /process\.on\(/],
  ...[/memoryUsage|resourceUsage|peakResidentBytes|smaps/, /exec\/tfjs|chat\/llama|WEBGPU|webgpu\.ts/],
];
const root = import.meta.dirname;
const pure = globSync('tests/unit/**/*.test.ts', { cwd: root })
  .filter((file) => {
    const text = readFileSync(`${root}/${file}`, 'utf8');
    return !ALONE.some((mark) => mark.test(text));
  })
  .map((file) => file.replaceAll('\\', '/'));

export default defineConfig({
  // for the renderer's state classes, which are written with runes
  plugins: [svelte({ configFile: false })],
  test: {
    setupFiles: ['tests/helpers/home.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default'],
    projects: [
      // run by name: the long tests first, then the many short ones, which keep both workers busy to the end
      { extends: true, test: { name: 'alone', include: ['tests/**/*.test.ts'], exclude: pure } },
      // a process and its imports for each of these files would take longer than most of them
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
    ],
  },
});
