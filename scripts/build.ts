/**
 * Builds everything that ships into dist/, one Vite configuration after the other: what runs in Node (which empties dist/ first),
 * the renderer, the Electron main process with its preload script.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const CONFIGS = ['vite.node.config.ts', 'vite.renderer.config.ts', 'vite.electron.config.ts'];

for (const name of CONFIGS) {
  const configFile = resolve(root, name);
  if (existsSync(configFile)) await build({ configFile, root, logLevel: 'warn' });
}
console.log('Built into dist/');
