/** A target that is this computer: its shell is started here in a home folder of its own, and its network can be cut. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ShellTarget } from '../../main/targets/remote.ts';
import { plain } from '../../main/targets/schedulers.ts';
import { quoted, shellOf } from '../../main/targets/shell.ts';
import type { Target, TargetSpec } from '../../main/targets/target.ts';

const FAKE = path.join(import.meta.dirname, 'fake-torchrun.ts');

export interface FarAway {
  readonly target: Target;
  readonly home: string;
  /** Ends all connections, and refuses new ones until `restore`. */
  cut(): void;
  restore(): void;
}

/** A world of a kind of target that an extra brings. */
export interface ExtraWorld {
  readonly open: (
    home: string,
    env: Readonly<Record<string, string>>,
  ) => Promise<FarAway & { sent(): string; close(): Promise<void> }>;
  /** What lets in there, which no file may have. */
  readonly token: string;
}

/** Everything of a target that is no word of a test. */
export const USUAL_TARGET: TargetSpec = {
  ...{
    name: 'far',
    kind: 'ssh',
    host: 'far.example',
    port: null,
    key: null,
    sshConfig: null,
    folder: '.fettle',
  },
  ...{
    python: null,
    processes: 1,
    pricePerHour: null,
    cards: null,
    partition: null,
    account: null,
    gpus: null,
    memory: null,
    nodes: null,
    minutes: null,
  },
};

/** Writes a program into `home` that behaves as a Python with torchrun and train.py, as `env` says. */
export function fakePython(home: string, env: Readonly<Record<string, string>> = {}): string {
  mkdirSync(home, { recursive: true });
  const given = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  // start.sh asks it for the number of cards before it trains
  const cards = `case "$2" in 'import torch; print('*) echo 1; exit;; esac\n`;
  const run = `exec ${quoted(process.execPath)} ${quoted(FAKE)}\n`;
  return program(path.join(home, 'python'), `${cards}${given.join('')}${run}`);
}

/** Writes a script of sh that can be started. */
export function program(file: string, script: string): string {
  writeFileSync(file, `#!/bin/sh\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

/** `env`: how the stand-in for torchrun behaves. */
export function farAway(home: string, env: Readonly<Record<string, string>> = {}): FarAway {
  const python = fakePython(home, env);
  const [pids, down] = [path.join(home, 'pids'), path.join(home, 'down')];
  const shell = shellOf('far', (script) => {
    if (existsSync(down)) return ['sh', ['-c', 'echo "connection refused" >&2; exit 255']];
    return ['sh', ['-c', `cd ${quoted(home)} && echo $$ >> pids && exec sh -c ${quoted(script)}`]];
  });
  return {
    home,
    target: new ShellTarget({ ...USUAL_TARGET, python }, plain(USUAL_TARGET), shell),
    cut() {
      writeFileSync(down, '');
      for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) {
        try {
          process.kill(Number(pid), 'SIGKILL');
        } catch {
          // it has ended by itself
        }
      }
    },
    restore: () => rmSync(down),
  };
}
