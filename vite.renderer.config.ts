/**
 * Builds what people see into dist/renderer/: the same files for the Electron window and for the web host. Nothing is inlined
 * as a data address and no script is written into the page, because both hosts forbid that.
 */
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: resolve(import.meta.dirname, 'renderer'),
  base: './',
  plugins: [svelte()],
  build: {
    target: 'chrome130',
    outDir: resolve(import.meta.dirname, 'dist/renderer'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
