/** `fettle serve`: the application in a browser, on this computer or from another one; `fettle start`: in a window where Electron is. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isInForeground } from '../processes.ts';
import { type Arguments, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from './arguments.ts';
import { type Command, EXIT, onInterrupt, STOP, type Streams } from './command.ts';
import { portFlag, portOf } from './keyed.ts';
import { bytes, isTerminal } from './words.ts';

const SERVE_FLAGS: readonly Flag[] = [
  { ...portFlag('4886, or any if that is in use'), alsoCalled: ['p'] },
  {
    name: 'host',
    value: 'ADDRESS',
    about: 'address for other computers; 0.0.0.0: every network',
    group: 'Address',
    fallback: '127.0.0.1, this computer only',
    alsoCalled: ['hostname', 'bind', 'listen', 'address', 'ip'],
  },
  {
    name: 'open',
    about: 'open it in the browser',
    group: 'Address',
    negatable: true,
    alsoCalled: ['browser', 'open-browser'],
  },
];

export const command: Command = {
  usage: 'serve [flags]',
  about:
    'Serves the application to a browser and prints a link for one browser; Enter prints another. Only this computer can connect ' +
    'unless --host says otherwise. Ctrl-C ends it; a running training is saved first. With --json each line on stdin asks for another link.',
  examples: ['fettle serve', 'fettle serve --open', 'fettle serve --host 192.168.1.20 --port 8080'],
  flags: [...SERVE_FLAGS, JSON_FLAG, HELP_FLAG],
  run: (args, streams) => runServer(args, streams, { openByDefault: false }),
};

/** Serves until it is interrupted or the page asks for the end; returns the exit code. */
async function runServer(
  { values }: Arguments,
  streams: Streams,
  { openByDefault }: { readonly openByDefault: boolean },
): Promise<number> {
  const { builtRenderer, openBrowser, openWebApp } = await import('../serve/start.ts');
  const port = portOf({ values }, 'For example: fettle serve --port 8080');
  const host = values.get('host') as string | undefined;
  const json = wantsJson({ values });
  const say = (text: string) => void streams.err.write(`${text}\n`);
  const ended = Promise.withResolvers<void>();
  const renderer = await builtRenderer(say);
  const app = await openWebApp({
    renderer,
    port,
    host,
    notify: (title, body) => say(`${title}: ${body}`),
  });
  const { server } = app;
  const { stop, release } = onInterrupt(() => say(farewell(app.running())));
  stop.addEventListener('abort', () => ended.resolve());
  if (app.notice !== null) say(app.notice);
  if (server.isOpenToOthers) say(warning(server.address));
  const show = () => streams.out.write(linkText(server.address, server.link(), json));
  show();
  if (!json) say('Press Enter for a new link, Ctrl-C to end.');
  if (values.get('open') ?? openByDefault) openBrowser(server.link());
  const silence = onLine(show);
  await ended.promise;
  silence();
  await app.close();
  release();
  return EXIT.ok;
}

function linkText(address: string, link: string, json: boolean): string {
  if (json) return `${JSON.stringify({ event: 'serving', address, link })}\n`;
  return `Fettle is at ${address}\nOpen this link; it lets one browser in, and is valid for ten minutes:\n\n  ${link}\n\n`;
}

function farewell(running: string | null): string {
  const what =
    running === null
      ? 'Ending.'
      : `Pausing “${running}”: it finishes its step and saves, and can be resumed later.`;
  return `${what} Ctrl-C again ends at once.`;
}

function warning(address: string): string {
  return (
    `warning: everybody who can reach ${address} can try to connect. A link is needed to get in, but what goes over the network is not ` +
    'encrypted. Use this only in a network that you trust; else leave --host out and use an SSH tunnel.'
  );
}

/** Calls `act` for each line that is typed or sent. Returns what ends it. */
function onLine(act: () => void): () => void {
  const { stdin } = process;
  // reading from a terminal that another program has would stop this one
  if (stdin.isTTY && !isInForeground()) return () => {};
  const hear = (bytes: Buffer) => {
    for (const byte of bytes) if (byte === 10) act();
  };
  stdin.on('data', hear);
  stdin.on('error', () => {});
  return () => {
    stdin.removeListener('data', hear);
    stdin.pause();
  };
}

export const startCommand: Command = {
  usage: 'start [flags]',
  about:
    'Opens the application in a window of its own. The first start fetches Electron, the program that shows it, from github.com or ' +
    'ELECTRON_MIRROR. Where that fails it says why, and serves the same to a browser, as `fettle serve --open` does: the flags are for that.',
  examples: ['fettle start', 'fettle start --browser'],
  flags: [
    {
      name: 'browser',
      about: 'use a browser even if a window is possible',
      group: 'Window',
      alsoCalled: ['web', 'no-window', 'no-electron'],
    },
    ...SERVE_FLAGS,
    JSON_FLAG,
    HELP_FLAG,
  ],
  async run(args, streams) {
    const wanted = args.values.get('browser') !== true && args.values.get('host') === undefined;
    if (wanted) {
      const code = await openWindow(streams);
      if (code !== null) return code;
    }
    const { hasScreen } = await import('../serve/start.ts');
    return runServer(args, streams, { openByDefault: hasScreen() });
  },
};

const BROWSER_INSTEAD = 'The window cannot be opened, so Fettle opens in the browser.';

/** Opens the window and resolves with its exit code when it is closed; null where it cannot be opened, which is said. */
async function openWindow(streams: Streams): Promise<number | null> {
  const say = (text: string) => void streams.err.write(`${text}\n`);
  const { build, homeFolder } = await import('../serve/start.ts');
  const { findElectron } = await import('../serve/electron-program.ts');
  const home = homeFolder();
  const seen = findElectron(home);
  const found = 'installer' in seen ? await fetched(seen.installer, home, streams) : seen;
  if ('why' in found) {
    say(`${BROWSER_INSTEAD} ${found.why}`);
    return null;
  }
  if (!existsSync(found.main)) await build(home, say);
  if (!existsSync(found.main)) {
    say(`${BROWSER_INSTEAD} The build did not make ${found.main}.`);
    return null;
  }
  return await runElectron(found.program, found.main);
}

/** Fetches Electron's program, and looks for it again. */
async function fetched(installer: string, home: string, { err }: Streams) {
  const { fetchElectron, findElectron } = await import('../serve/electron-program.ts');
  const isShown = isTerminal(err, process.env);
  err.write('Fetching the program that shows the window (Electron). This is done once.\n');
  let lastPercent = -1;
  const why = await fetchElectron(installer, (now) => {
    const percent = now.total === null ? null : Math.floor((100 * now.bytes) / now.total);
    // a file or a pipe gets a line for each quarter
    const step = isShown ? 1 : 25;
    if (percent === null || percent < lastPercent + step) return;
    lastPercent = percent - (percent % step);
    const text = `  ${lastPercent}% of ${bytes(now.total!)}`;
    err.write(isShown ? `\r\u001b[K${text}` : `${text}\n`);
  });
  if (isShown && lastPercent >= 0) err.write('\n');
  const found = why === null ? findElectron(home) : null;
  if (found && !('installer' in found)) return found;
  return {
    why:
      `Its program could not be fetched: ${why ?? 'the installer did not leave it where it belongs'}. Check the connection to github.com, ` +
      'or name a mirror (ELECTRON_MIRROR) or a proxy (HTTPS_PROXY); the next start tries again. --browser skips this.',
  };
}

function runElectron(program: string, main: string): Promise<number> {
  // with that variable Electron would be a plain Node
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const child = spawn(program, [main], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  // Ctrl-C reaches the window by itself, except under Windows; and the window decides what to do with it
  const pass = () => void child.send(STOP);
  const onCtrlC = process.platform === 'win32' ? pass : () => {};
  process.on('SIGINT', onCtrlC);
  process.on('SIGTERM', pass);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? EXIT.interrupted));
  }).finally(() => {
    process.removeListener('SIGINT', onCtrlC);
    process.removeListener('SIGTERM', pass);
  });
}
