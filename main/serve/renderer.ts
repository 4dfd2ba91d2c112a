/** Where the built pages are, and how a checkout that has not been built yet gets them. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';

/** The folder above main/ or dist/: of the repository, or of an installed Fettle. */
export function homeFolder(from: string = import.meta.dirname): string {
  const above = [path.join('..', '..'), '..'].map((up) => path.resolve(from, up));
  return above.find((folder) => existsSync(path.join(folder, 'package.json'))) ?? above[0]!;
}

/** The folder with the built pages; builds everything first where it is not there, after saying so. Throws an AppError. */
export async function builtRenderer(
  say: (text: string) => void,
  home: string = homeFolder(),
): Promise<string> {
  const folder = path.join(home, 'dist', 'renderer');
  if (existsSync(path.join(folder, 'index.html'))) return folder;
  await build(home, say);
  return folder;
}

/** Builds dist/ of a checkout. Throws an AppError where this is none, or where it fails. */
export async function build(home: string, say: (text: string) => void): Promise<void> {
  const script = path.join(home, 'scripts', 'build.ts');
  if (!existsSync(script) || !existsSync(path.join(home, 'node_modules', 'vite')))
    throw new AppError(
      'not-built',
      `The pages of Fettle are not in ${path.join(home, 'dist')}, and there is nothing here to build them with.`,
      'In a checkout run `npm install` and then `npm run build`; else install Fettle again.',
    );
  say('Building the pages; this is done once and takes a minute at most.');
  const { code, words } = await run(process.execPath, [script], home);
  if (code === 0 && existsSync(path.join(home, 'dist', 'renderer', 'index.html'))) return;
  throw new AppError(
    'build-failed',
    `The pages could not be built: ${words.trim().split('\n').slice(-6).join('\n') || `exit code ${code}`}`,
    '`npm run build` shows everything that was said.',
  );
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; words: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        words = (words + text).slice(-20_000);
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, words }));
  });
}
