/**
 * One configuration for every test. Forked processes, because native packages and child processes do not mix
 * well with worker threads; two of them, because an engine test already uses all the cores it gets.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // for the renderer's state classes, which are written with runes
  plugins: [svelte({ configFile: false })],
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/helpers/home.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default'],
  },
});
