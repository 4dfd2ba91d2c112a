/** `fettle start`, which is `npm start`: the window where Electron is, and the same in a browser where it is not. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from './flags.ts';
import { runServer, SERVE_FLAGS } from './serve.ts';

export const command: Command = {
  usage: 'start [flags]',
  about:
    'Opens the application in a window of its own. Where the Electron program is not there it says why, and serves the same to a browser, ' +
    'as `fettle serve --open` does: the flags are for that.',
  examples: ['fettle start', 'fettle start --browser'],
  flags: [
    {
      name: 'browser',
      about: 'use a browser even where a window is possible',
      group: 'Window',
      alsoCalled: ['web', 'no-window', 'no-electron'],
    },
    ...SERVE_FLAGS,
    JSON_FLAG,
    HELP_FLAG,
  ],
  async run(args, streams) {
    const say = (text: string) => void streams.err.write(`${text}\n`);
    const wanted = args.values.get('browser') !== true && args.values.get('host') === undefined;
    if (wanted) {
      const code = await openWindow(say);
      if (code !== null) return code;
    }
    const { hasScreen } = await import('../serve/launch.ts');
    return runServer(args, streams, { openByDefault: hasScreen() });
  },
};

/** Opens the window and resolves with its exit code when it is closed; null where it cannot be opened, which is said. */
async function openWindow(say: (text: string) => void): Promise<number | null> {
  const [{ findElectron }, { build, homeFolder }] = await Promise.all([
    import('../serve/launch.ts'),
    import('../serve/launch.ts'),
  ]);
  const home = homeFolder();
  const found = findElectron(home);
  if ('why' in found) {
    say(`The window cannot be opened, so Fettle opens in the browser. ${found.why}`);
    return null;
  }
  if (!existsSync(found.main)) await build(home, say);
  if (!existsSync(found.main)) {
    say(`The window cannot be opened, so Fettle opens in the browser. The build did not make ${found.main}.`);
    return null;
  }
  return await runElectron(found.program, found.main);
}

function runElectron(program: string, main: string): Promise<number> {
  // with that variable Electron would be a plain Node
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const child = spawn(program, [main], { stdio: 'inherit', env });
  // Ctrl-C reaches the window by itself, and the window decides what to do with it
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const pass = () => child.kill('SIGTERM');
  process.on('SIGTERM', pass);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? EXIT.interrupted));
  }).finally(() => {
    process.removeListener('SIGINT', ignore);
    process.removeListener('SIGTERM', pass);
  });
}
