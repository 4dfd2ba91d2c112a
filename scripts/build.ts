/**
 * Builds everything that ships into dist/, one Vite configuration after the other: what runs in Node (which empties dist/ first),
 * the renderer, the Electron main process with its preload script.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'vite';
import { noticesOf } from './notices.ts';

const root = resolve(import.meta.dirname, '..');
const CONFIGS: readonly (readonly [file: string, mode: string])[] = [
  ['vite.node.config.ts', 'production'],
  ['vite.renderer.config.ts', 'production'],
  ['vite.electron.config.ts', 'main'],
  ['vite.electron.config.ts', 'preload'],
];

// not as an option, which would override the root that a configuration names
process.chdir(root);
for (const [name, mode] of CONFIGS) await build({ configFile: resolve(root, name), mode, logLevel: 'warn' });
writeFileSync(resolve(root, 'dist', 'renderer', 'notices.txt'), noticesOf(root));
console.log('Built into dist/');
