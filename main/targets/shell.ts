/**
 * Commands on another computer through the system's ssh, with the person's own configuration, keys, agent and known hosts
 * (docs/decisions/0070). Nothing is ever asked: what would need an answer fails with what to do.
 */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { TargetSpec } from './target.ts';

export interface ShellIo {
  readonly input?: Readable;
  /** Gets what the script prints, instead of the answer. */
  readonly output?: Writable;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a script of sh there, from the home folder, and gives what it printed. */
export type Shell = (script: string, io?: ShellIo) => Promise<string>;

/** The program to start here, and its arguments, for a script. */
export type Caller = (script: string) => readonly [program: string, args: readonly string[]];

const KEPT_CHARS = 200_000;
/** With which ssh itself fails. */
const SSH_FAILED = 255;

/** As one word for sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function sshCaller({ host, port, key, sshConfig }: TargetSpec): Caller {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    ConnectTimeout: '15',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '4',
  };
  const args = [
    ...(sshConfig ? ['-F', sshConfig] : []),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...(port ? ['-p', String(port)] : []),
    ...(key ? ['-i', key, '-o', 'IdentitiesOnly=yes'] : []),
    '-T',
    '--',
    host,
  ];
  // the login shell there may be any: it only has to pass one word on to sh
  return (script) => ['ssh', [...args, `sh -c ${quoted(script)}`]];
}

/** `name`: what the target is called in errors. */
export function shellOf(name: string, caller: Caller): Shell {
  return async (script, { input, output, signal } = {}) => {
    signal?.throwIfAborted();
    const [program, args] = caller(script);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const kill = () => {
      child.kill('SIGKILL');
      // what it has started may hold its pipes
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
    };
    signal?.addEventListener('abort', kill);
    let [printed, errors] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-KEPT_CHARS);
    });
    if (!output)
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-KEPT_CHARS);
      });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    // a script that ends early leaves a broken pipe, and its own words say why
    const sent = input ? pipeline(input, child.stdin).catch(() => {}) : child.stdin.end();
    const taken = output ? pipeline(child.stdout, output).catch((error) => error) : null;
    try {
      const code = await ended;
      await sent;
      const failed = await taken;
      signal?.throwIfAborted();
      if (code !== 0) throw failure(name, code, errors);
      if (failed) throw failed;
      return printed;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new AppError(
        'target-no-ssh',
        say`This computer has no program called ssh.`,
        say`Install OpenSSH’s client, and try again.`,
        { cause: error },
      );
    } finally {
      signal?.removeEventListener('abort', kill);
    }
  };
}

type Words = readonly [code: string, message: string, hint: string];

const unreachable = (name: string): Words => [
  'target-unreachable',
  say`${name} can’t be reached.`,
  say`Check that it is switched on and that you are online.`,
];

/** What ssh says when it fails, and what that means. */
const SSH_SAYS: readonly (readonly [RegExp, (name: string) => Words])[] = [
  [
    /host key verification failed|host key is known|no .* host key/i,
    (name) => [
      'target-unknown',
      say`The key of ${name} is unknown here, or has changed.`,
      say`Connect to it once with ssh in a terminal, and compare its key.`,
    ],
  ],
  [
    /permission denied/i,
    (name) => [
      'target-refused',
      say`${name} refuses to let you in.`,
      say`Add your key to it, or load the key into your agent.`,
    ],
  ],
  [
    /could not resolve|connection refused|timed out|no route|network is unreachable|closed by|reset by|broken pipe|not responding/i,
    unreachable,
  ],
];

/** What a script there says when it fails. */
const THERE_SAYS: readonly (readonly [RegExp, (name: string) => Words])[] = [
  // worth another try, as a connection is
  [/unable to contact slurm controller/i, unreachable],
  [
    /no space left|disk quota exceeded/i,
    (name) => [
      'target-disk-full',
      say`The disk of ${name} is full.`,
      say`Free some space there, and start again. What was sent is kept.`,
    ],
  ],
];

function failure(name: string, code: number | null, stderr: string): AppError {
  const words = stderr.trim().split('\n').slice(-3).join(' ').slice(0, 300);
  const table = code === SSH_FAILED ? SSH_SAYS : THERE_SAYS;
  const known = table.find(([pattern]) => pattern.test(stderr))?.[1](name);
  if (known) return new AppError(...known, { cause: new Error(words) });
  if (code === SSH_FAILED || code === null)
    return new AppError(
      'target-unreachable',
      say`${name} can’t be reached: ${words}`,
      say`Check that it is switched on and that you are online.`,
    );
  return new AppError(
    'target-failed',
    say`A command on ${name} failed: ${words}`,
    say`Test the target, and read what is missing.`,
  );
}
