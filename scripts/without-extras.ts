/**
 * Deletes each extra in turn from a copy of the tree (its folders, and its lines in the registries) and checks imports, types and pages of what
 * is left; in the end all of them. So nothing in the core comes to need an extra.
 *
 *   node scripts/without-extras.ts [NAME...] [--test FILE]...
 *
 * With --test those test files run in each copy too.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDERS = '{common,main,main/engine,renderer,tests}/extras';
/** Files of that name belong to it too: words, also those of its parts, and the manifest of a pack with the script that makes it. */
const ownFiles = (name: string) => [`words/*/*/${name}{,-*}.json`, `{resources,scripts}/${name}-pack.*`];

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  types: ['node_modules/@typescript/native/bin/tsc', '--noEmit', '--singleThreaded'],
  pages: [
    ...[
      'node_modules/svelte-check/bin/svelte-check',
      '--workspace',
      'renderer',
      '--tsconfig',
      './tsconfig.json',
    ],
    '--fail-on-warnings',
  ],
  imports: [
    ...['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs'],
    ...['common', 'main', 'preload', 'renderer', 'tests', 'scripts'],
  ],
};

/** The extras by the names of their folders. */
export function extrasIn(root: string): readonly string[] {
  return [...new Set(globSync(`${FOLDERS}/*/`, { cwd: root }).map((folder) => path.basename(folder)))].sort();
}

/** Deletes the folders and words of an extra in `root`, and its lines in the registries. */
export function deleteExtra(root: string, name: string): void {
  for (const owned of globSync([`${FOLDERS}/${name}`, ...ownFiles(name)], { cwd: root }))
    rmSync(path.join(root, owned), { recursive: true });
  for (const file of globSync(`${FOLDERS}/*.ts`, { cwd: root }).map((one) => path.join(root, one))) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const left = lines.filter(
      (line) => !line.includes(`'./${name}/`) && !new RegExp(`^'${name}(-[a-z-]+)?',$`).test(line.trim()),
    );
    if (left.length === lines.length) continue;
    // a file that exports nothing would be no module
    const isModule = left.some((line) => line.startsWith('export '));
    writeFileSync(file, isModule ? left.join('\n') : `${left.join('\n')}export {};\n`);
  }
}

function copyOfTree(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'fettle-without-'));
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  for (const file of listed.stdout
    .split('\0')
    .filter((one) => one !== '' && existsSync(path.join(ROOT, one))))
    cpSync(path.join(ROOT, file), path.join(copy, file));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** Whether what is left without `names` passes. */
function passesWithout(names: readonly string[], tests: readonly string[]): boolean {
  const copy = copyOfTree();
  try {
    for (const name of names) deleteExtra(copy, name);
    const checks = {
      ...CHECKS,
      ...(tests.length > 0 && { tests: ['node_modules/vitest/vitest.mjs', 'run', ...tests] }),
    };
    const failed = Object.entries(checks).filter(([what, args]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
      if (status !== 0) console.error(`without ${names.join(', ')}: ${what}\n${stdout}${stderr}`);
      return status !== 0;
    });
    const words = failed.length === 0 ? 'passes' : `FAILS: ${failed.map(([what]) => what).join(', ')}`;
    console.log(`without ${names.join(', ')}: ${words}`);
    return failed.length === 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { test: { type: 'string', multiple: true, default: [] } },
  });
  const all = extrasIn(ROOT);
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no extra ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  const turns =
    positionals.length > 0 ? positionals.map((name) => [name]) : [...all.map((name) => [name]), all];
  const passed = turns.map((names) => passesWithout(names, values.test));
  if (passed.includes(false)) process.exitCode = 1;
}
