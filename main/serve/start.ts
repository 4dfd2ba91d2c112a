/**
 * A start from a terminal: the whole web host with its parts, the built pages, and a browser to open.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { apiRouter } from '../api/api.ts';
import { downloadOf } from '../app/downloads.ts';
import { Life } from '../app/life.ts';
import { closeParts, openData, openParts } from '../app/parts.ts';
import { UPLOADS } from '../app/uploads.ts';
import { serve, type WebServer } from './serve.ts';
import { webHost } from './web-host.ts';

interface WebAppOptions {
  readonly renderer: string;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  notify(title: string, body: string): void;
}

export type WebApp = Awaited<ReturnType<typeof openWebApp>>;

/** Opens the data folder and serves it. Throws `AppError('already-running')` where another process has that folder. */
export async function openWebApp({ renderer, port, host, notify }: WebAppOptions) {
  const { store, hold, log } = await openData('web', ({ kind, address }) => ({
    where: kind === 'web' ? say`in a terminal` : say`in a window`,
    hint:
      address === null
        ? 'Use that one, or close it first.'
        : `It is at ${address}; for a link that lets a browser in, press Enter in the terminal where it runs.`,
  }));
  const folder = () => store.folder;
  const parts = openParts(store, webHost({ folder, notify }));
  const { supervisor } = parts;
  const life = new Life();
  let server: WebServer | null = null;
  const end = async () => {
    await server?.close();
    life.close();
    await closeParts(parts, hold);
  };
  try {
    const uploads = () => path.join(store.folder, UPLOADS);
    const download = async (run: string, what: string) => downloadOf(store.runs.get(run), what);
    const router = apiRouter(parts, log, life);
    server = await serve({ router, log, renderer, uploads, download, port, host });
    supervisor.recover();
    life.open();
    hold.tell(server.address);
    let closing: Promise<void> | null = null;
    return {
      server,
      notice: store.notice,
      /** The name of the job that goes on now; null for none. */
      running: () =>
        supervisor.list().find(({ state }) => state === 'running' || state === 'starting')?.name ?? null,
      /** Ends everything; a training that goes on saves and can be resumed. */
      close(): Promise<void> {
        closing ??= end();
        return closing;
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

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

const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
const ELSEWHERE = ['xdg-open'];

/** Whether somebody sits before a screen of this computer, as far as its surroundings tell. */
export function hasScreen(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  if (platform === 'win32' || platform === 'darwin') return env.SSH_CONNECTION === undefined;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Opens `url`. Others may see it in the list of processes, but a link with a token is used up as soon as it is open. */
export function openBrowser(url: string): void {
  const [program = '', ...rest] = COMMANDS[process.platform] ?? ELSEWHERE;
  const child = spawn(program, [...rest, url], { stdio: 'ignore', detached: true });
  // where there is none, the printed link is what remains
  child.on('error', () => {});
  child.unref();
}
