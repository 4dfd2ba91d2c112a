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
/** The languages other than English, each of which is a file of its own that loads when it is chosen. */
const translation = (id: string) => /[\\/]words[\\/](?!en[\\/])(\w+)[\\/]/.exec(id)?.[1] ?? null;
/** English texts and what texts are written with. */
const isOfWords = (id: string) =>
  inOneOf('common', 'words/en')(id) || /[\\/]node_modules[\\/](intl-messageformat|@formatjs)[\\/]/.test(id);

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
            { name: (id) => `words-${translation(id)}`, test: (id) => translation(id) !== null, priority: 2 },
            { name: 'words', test: isOfWords, priority: 1 },
            { name: 'shared', minShareCount: 2 },
          ],
        },
      },
    },
  },
});
