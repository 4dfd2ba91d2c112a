/**
 * Builds what people see into dist/renderer/: the same files for the Electron window and for the web host. Nothing is inlined
 * as a data address and no script is written into the page, because both hosts forbid that. What several pages share is one file.
 */
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, normalizePath } from 'vite';

const inOneOf =
  (...places: readonly string[]) =>
  (id: string) =>
    places.some((place) => id.startsWith(normalizePath(resolve(import.meta.dirname, place))));
const isGerman = inOneOf('words/de', 'renderer/text/de');
/** English texts and what texts are written with. */
const isOfWords = inOneOf('common', 'renderer/text/en', 'renderer/text/page.ts');

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
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // the rest waits for a language, which is written with these and so can't wait for the rest
            { name: 'words', test: (id) => isOfWords(id) && !isGerman(id), priority: 1 },
            { name: 'shared', test: (id) => !isGerman(id), minShareCount: 2 },
          ],
        },
      },
    },
  },
});
