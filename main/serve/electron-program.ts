/** Electron's program beside Fettle: where it is, and how its own installer fetches it, once. */
import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { hasScreen } from './start.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The program and what it is started with; the script that fetches the program; or why there can be no window. */
type ElectronFound =
  | { readonly program: string; readonly main: string }
  | { readonly installer: string }
  | { readonly why: string };

/** Looks for Electron beside the Fettle in `home`. */
export function findElectron(home: string, env: Env = process.env): ElectronFound {
  const folder = packageFolder(home);
  if (folder === null)
    return { why: 'The package electron is not installed here (it is a development package of Fettle).' };
  if (!hasScreen(process.platform, env))
    return { why: 'There is no screen that a window could be shown on.' };
  const program = programIn(folder, env.ELECTRON_OVERRIDE_DIST_PATH);
  if (program === null) return { installer: path.join(folder, 'install.js') };
  return { program, main: path.join(home, 'dist', 'main.js') };
}

function packageFolder(home: string): string | null {
  try {
    return path.dirname(createRequire(path.join(home, 'package.json')).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

/** The file that the installer names last, in path.txt, when all of its folder is there; or the one in a folder that the environment gives. */
function programIn(folder: string, override: string | undefined): string | null {
  const named = path.join(folder, 'path.txt');
  const isComplete = existsSync(named);
  if (!isComplete && override === undefined) return null;
  const name = isComplete ? readFileSync(named, 'utf8').trim() : 'electron';
  const program = path.join(override ?? path.join(folder, 'dist'), name);
  return existsSync(program) ? program : null;
}

/** How much of the program is here; `total` is null where the server does not say. */
export interface FetchProgress {
  readonly bytes: number;
  readonly total: number | null;
}

/** Sends what has come to this process: the installer shows a bar of its own only after half a minute, and none in a file. */
const COUNT = `const get = globalThis.fetch;
globalThis.fetch = async (...asked) => {
  const answer = await get(...asked).catch((error) => {
    throw new Error(error.cause?.message || error.cause?.code || error.message);
  });
  if (!answer.ok || !answer.body) return answer;
  const total = Number(answer.headers.get('content-length')) || null;
  let bytes = 0;
  const counter = new TransformStream({
    transform(chunk, out) {
      bytes += chunk.length;
      process.send({ bytes, total });
      out.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(counter), answer);
};
process.channel.unref();`;

/** Runs Electron's installer, which checks the hash of what it fetches; resolves with null, or with why it failed. */
export function fetchElectron(
  installer: string,
  onProgress: (fetched: FetchProgress) => void,
  env: Env = process.env,
): Promise<string | null> {
  const child = fork(installer, [], {
    cwd: path.dirname(installer),
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(COUNT)}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...env, ...proxyFor(env), ELECTRON_GET_NO_PROGRESS: '1' },
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-20_000);
  });
  child.on('message', (message) => onProgress(message as FetchProgress));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : reasonIn(words)));
  });
}

/** What makes the installer use a proxy that npm or the environment names. */
function proxyFor(env: Env): Env {
  const named = (...names: readonly string[]) => names.map((name) => env[name]).find(Boolean);
  const https = named('HTTPS_PROXY', 'https_proxy', 'npm_config_https_proxy', 'npm_config_proxy');
  const http = named('HTTP_PROXY', 'http_proxy', 'npm_config_proxy');
  if (https === undefined && http === undefined) return {};
  const none = named('NO_PROXY', 'no_proxy', 'npm_config_noproxy');
  return { ELECTRON_GET_USE_PROXY: '1', HTTPS_PROXY: https, HTTP_PROXY: http, NO_PROXY: none };
}

/** The reason in the stack that the installer printed. */
function reasonIn(words: string): string {
  const reason = /^\w*Error(?: \[\w+\])?: ?(.*)$/m.exec(words)?.[1];
  return reason || words.trim().split('\n').at(-1) || 'the installer said nothing';
}
